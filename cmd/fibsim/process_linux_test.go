package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// spoken is what a process has said so far.
type spoken struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *spoken) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *spoken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// process is fibsim as a process of its own, in a group of its own.
func process(t *testing.T, args ...string) (*exec.Cmd, *spoken) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	stderr := new(spoken)
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Stderr = stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd, stderr
}

// child is fibsim as a process that has been started, until the end of the test.
type child struct {
	*exec.Cmd
	stdout io.Closer
	lines  *bufio.Reader // of standard output
	stderr *spoken
}

// start starts fibsim in a group of its own, all of which is killed at the end of the
// test.
func start(t *testing.T, args ...string) *child {
	t.Helper()
	cmd, stderr := process(t, args...)
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }) // fails where all have ended
	return &child{Cmd: cmd, stdout: stdout, lines: bufio.NewReader(stdout), stderr: stderr}
}

// serving starts a server as a process and returns it with its address.
func serving(t *testing.T, args ...string) (c *child, address string) {
	t.Helper()
	c = start(t, append([]string{"serve", "--pace", "native", "--addr", "127.0.0.1:0"}, args...)...)
	first, err := c.lines.ReadString('\n') // it says so once it serves
	address, _, found := strings.Cut(strings.TrimPrefix(first, "serving fib on "), ": ")
	if err != nil || !found {
		t.Fatalf("%q, %v, %s", first, err, c.stderr)
	}
	return c, address
}

// living returns how many processes of this test in that role live.
func living(t *testing.T, role string) int { return len(alive(t, role)) }

// alive returns the command lines below /proc of those processes.
func alive(t *testing.T, role string) []string {
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
	return slices.DeleteFunc(lines, func(path string) bool {
		// One that has just ended cannot be read, or is empty.
		b, err := os.ReadFile(path)
		return err != nil || string(b) != want
	})
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
			c := start(t, "run", "testdata/tiny.yaml", "--duration", "60s", "--no-baseline", "-o", dir)
			eventually(t, clientName, 2)
			time.Sleep(300 * time.Millisecond) // into the run; sooner is as good
			if err := syscall.Kill(whom(c.Process.Pid), syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			_ = c.Wait() // its status is looked at
			if got := c.ProcessState.ExitCode(); got != 130 {
				t.Errorf("status %d\n%s", got, c.stderr)
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
	c := start(t, "run", "testdata/tiny.yaml", "--duration", "60s", "--no-baseline", "--native")
	eventually(t, clientName, 2)
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed
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
	if err := cmd.Run(); err != nil || stderr.String() != "" {
		t.Errorf("%v, %s", err, stderr)
	}
}

// Of samples that nobody reads any more no further are made: the process ends of its own
// accord, as one that SIGPIPE ends, and leaves none of its own behind.
func TestReaderOfRunLeaves(t *testing.T) {
	c := start(t, "run", "testdata/tiny.yaml", "--csv", "-", "--native", "--no-baseline", "--repeat", "100", "--quiet")
	if _, err := c.lines.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	c.stdout.Close()
	_ = c.Wait()
	const told = "fibsim: nobody reads standard output any more, so the runs that were left are not made\n"
	if status := c.ProcessState.ExitCode(); status != 141 || !strings.HasSuffix(c.stderr.String(), told) || strings.Contains(c.stderr.String(), "goroutine") {
		t.Errorf("status %d, %s", status, c.stderr)
	}
	eventually(t, clientName, 0)
}

// A server that is interrupted has reaped its processes, and one that is killed takes
// them along.
func TestServersProcesses(t *testing.T) {
	for name, sig := range map[string]syscall.Signal{"interrupted": syscall.SIGINT, "killed": syscall.SIGKILL} {
		for _, model := range []string{"processes", "prefork"} {
			t.Run(name+" "+model, func(t *testing.T) {
				c, _ := serving(t, "--model", model, "--workers", "3")
				eventually(t, workerName, 3)
				if err := c.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				if err := c.Wait(); sig == syscall.SIGINT && err != nil {
					t.Errorf("%v, %s", err, c.stderr)
				}
				eventually(t, workerName, 0)
			})
		}
	}
}

// A server process that dies is told at once, and once; another one takes its place, and
// the status at the end is that of what failed, however the server is ended and whether
// it had requests or not.
func TestServeLosesAProcess(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		c, address := serving(t, "--model", "prefork", "--workers", "2")
		eventually(t, workerName, 2)
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(alive(t, workerName)[0])))
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		const told = "fibsim: serve: a server process died (signal: killed); another one takes its place\n"
		for patience := 2000; c.stderr.String() != told; patience-- {
			if patience == 0 {
				t.Fatalf("it says %q", c.stderr)
			}
			time.Sleep(10 * time.Millisecond)
		}
		eventually(t, workerName, 2)
		if sig == os.Interrupt {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(conn, "10")
			if got, err := bufio.NewReader(conn).ReadString('\n'); got != "55\n" {
				t.Errorf("got %q, %v", got, err)
			}
			conn.Close()
		}
		if err := c.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		totals, _ := c.lines.ReadString('\n')
		_ = c.Wait() // its status is looked at
		want := told + "fibsim: serve: lost 1 server process; what was being answered there had no reply\n"
		if got := c.ProcessState.ExitCode(); got != 4 || !strings.Contains(totals, " on ") || c.stderr.String() != want {
			t.Errorf("%v: status %d, %q, %s", sig, got, totals, c.stderr)
		}
	}
}

// A process in a role that somebody starts by hand says what to do instead.
func TestRolesAreStartedByFibsim(t *testing.T) {
	for _, role := range []string{clientName, workerName} {
		cmd, stderr := process(t, role)
		if err := cmd.Run(); err == nil || !strings.Contains(stderr.String(), "fibsim starts its "+role+"s itself: use fibsim run or ") {
			t.Errorf("%s: %v, %s", role, err, stderr)
		}
	}
}

// A server that has no descriptor left keeps who comes waiting, says so, and serves
// them when others have left. It cannot tell them, as that takes a descriptor.
func TestServeWithoutDescriptors(t *testing.T) {
	c, address := serving(t, "--model", "threads")
	few := syscall.Rlimit{Cur: 24, Max: 24}
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(c.Process.Pid), syscall.RLIMIT_NOFILE, uintptr(unsafe.Pointer(&few)), 0, 0, 0); errno != 0 {
		t.Fatal(errno)
	}
	var conns [40]net.Conn
	for i := range conns {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "10")
		conns[i] = conn
	}
	for patience := 2000; !strings.Contains(c.stderr.String(), "no descriptor is left"); patience-- {
		if patience == 0 {
			t.Fatalf("it says nothing of descriptors, %s", c.stderr)
		}
		time.Sleep(10 * time.Millisecond)
	}
	for i, conn := range conns {
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		if got, err := bufio.NewReader(conn).ReadString('\n'); got != "55\n" {
			t.Fatalf("connection %d: %q, %v, %s", i, got, err, c.stderr)
		}
		conn.Close()
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	totals, _ := c.lines.ReadString('\n')
	if err := c.Wait(); err != nil || !strings.HasPrefix(totals, "40 requests on 40 connections in ") || !strings.Contains(totals, "for want of descriptors") {
		t.Errorf("%q, %v, %s", totals, err, c.stderr)
	}
}
