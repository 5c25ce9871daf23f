package main

import (
	"bufio"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An interrupt ends a load with its figures, a reader that leaves without more.
func TestEndOfLoad(t *testing.T) {
	addr := answering(t, func(request string) (string, bool) {
		time.Sleep(time.Millisecond) // so that no line has to be left out
		return fibs(request)
	})
	for name, c := range map[string]struct {
		status int
		end    func(pid int, stdout io.Closer) error
		figure bool
	}{
		"an interrupt":         {130, func(pid int, _ io.Closer) error { return syscall.Kill(pid, syscall.SIGINT) }, true},
		"a reader that leaves": {0, func(_ int, stdout io.Closer) error { return stdout.Close() }, false},
	} {
		t.Run(name, func(t *testing.T) {
			cmd, stderr := process(t, "load", "--addr", addr)
			stdout, err := cmd.StdoutPipe()
			if err == nil {
				err = cmd.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			defer syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			lines := bufio.NewReader(stdout)
			if line, err := lines.ReadString('\n'); err != nil || !secondsLine.MatchString(strings.TrimSpace(line)) {
				t.Errorf("the first line is %q, %v", line, err)
			}
			if err := c.end(cmd.Process.Pid, stdout); err != nil {
				t.Fatal(err)
			}
			rest, _ := io.ReadAll(lines) // of a closed pipe there is nothing to read
			_ = cmd.Wait()               // its status is looked at
			if got := cmd.ProcessState.ExitCode(); got != c.status || c.figure != strings.Contains(stderr.String(), "interrupted; the figures are those until then") {
				t.Errorf("status %d\n%s", got, stderr)
			}
			if c.figure {
				if requests, _, total := counted(t, string(rest)); requests+1 != total {
					t.Errorf("%d lines for %d requests", requests+1, total)
				}
			}
		})
	}
}
