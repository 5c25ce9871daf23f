package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// process is fibsim as a process of its own, in a group of its own.
func process(t *testing.T, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Stderr = &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd, &stderr
}

// living returns how many processes of this test in that role live.
func living(t *testing.T, role string) int {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	want := self + "\x00" + role + "\x00"
	n := 0
	for _, path := range lines {
		// One that has just ended cannot be read, or is empty.
		if b, err := os.ReadFile(path); err == nil && string(b) == want {
			n++
		}
	}
	return n
}

// eventually waits until there are that many processes in a role, for half a minute.
func eventually(t *testing.T, role string, want int) {
	t.Helper()
	for range 1500 {
		if living(t, role) == want {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("%d processes in the role of a %s live, want %d", living(t, role), role, want)
}

// An interrupt, to fibsim or from a terminal to all of its processes, ends a run
// with complete files and leaves no process behind.
func TestInterruptedProcess(t *testing.T) {
	for name, whom := range map[string]func(pid int) int{
		"fibsim alone":    func(pid int) int { return pid },
		"the whole group": func(pid int) int { return -pid },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			cmd, stderr := process(t, "run", "testdata/tiny.yaml", "--duration", "60s", "--no-baseline", "-o", dir)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			group := cmd.Process.Pid
			defer syscall.Kill(-group, syscall.SIGKILL)
			eventually(t, clientName, 2)
			time.Sleep(300 * time.Millisecond) // into the run; sooner is as good
			if err := syscall.Kill(whom(group), syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // its status is looked at
			if got := cmd.ProcessState.ExitCode(); got != 130 {
				t.Errorf("status %d\n%s", got, stderr)
			}
			eventually(t, clientName, 0)
			var file struct{ Aborted bool }
			if err := json.Unmarshal(read(t, filepath.Join(dir, "run.json")), &file); err != nil || !file.Aborted {
				t.Errorf("run.json: %+v, %v", file, err)
			}
			rowsOf(t, filepath.Join(dir, "samples.csv"))
		})
	}
}

// A killed fibsim takes its clients along.
func TestKilledProcess(t *testing.T) {
	cmd, _ := process(t, "run", "testdata/tiny.yaml", "--duration", "60s", "--no-baseline", "--native")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	group := cmd.Process.Pid
	defer syscall.Kill(-group, syscall.SIGKILL)
	eventually(t, clientName, 2)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	eventually(t, clientName, 0)
}

// A reader that leaves, such as head, neither kills the process nor is an error.
func TestClosedStandardOutput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	defer w.Close()
	cmd, stderr := process(t, "schema")
	cmd.Stdout = w
	if err := cmd.Run(); err != nil || stderr.Len() > 0 {
		t.Errorf("%v, %s", err, stderr)
	}
}

// A server that is interrupted has reaped its processes, and one that is killed takes
// them along.
func TestServersProcesses(t *testing.T) {
	for name, sig := range map[string]syscall.Signal{"interrupted": syscall.SIGINT, "killed": syscall.SIGKILL} {
		for _, model := range []string{"processes", "prefork"} {
			t.Run(name+" "+model, func(t *testing.T) {
				cmd, stderr := process(t, "serve", "--model", model, "--workers", "3", "--pace", "native", "--addr", "127.0.0.1:0")
				stdout, err := cmd.StdoutPipe()
				if err == nil {
					err = cmd.Start()
				}
				if err != nil {
					t.Fatal(err)
				}
				defer syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
				if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil { // it says so once it serves
					t.Fatalf("%v, %s", err, stderr)
				}
				eventually(t, workerName, 3)
				if err := cmd.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				err = cmd.Wait()
				if sig == syscall.SIGINT && err != nil {
					t.Errorf("%v, %s", err, stderr)
				}
				eventually(t, workerName, 0)
			})
		}
	}
}
