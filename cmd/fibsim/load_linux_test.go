package main

import (
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
			p := start(t, "load", "--addr", addr)
			if line, err := p.lines.ReadString('\n'); err != nil || !secondsLine.MatchString(strings.TrimSpace(line)) {
				t.Errorf("the first line is %q, %v", line, err)
			}
			if err := c.end(p.Process.Pid, p.stdout); err != nil {
				t.Fatal(err)
			}
			rest, _ := io.ReadAll(p.lines) // of a closed pipe there is nothing to read
			_ = p.Wait()                   // its status is looked at
			if got := p.ProcessState.ExitCode(); got != c.status || c.figure != strings.Contains(p.stderr.String(), "interrupted; the figures are those until then") {
				t.Errorf("status %d\n%s", got, p.stderr)
			}
			if c.figure {
				if requests, _, total := counted(t, string(rest)); requests+1 != total {
					t.Errorf("%d lines for %d requests", requests+1, total)
				}
			}
		})
	}
}
