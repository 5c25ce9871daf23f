//go:build host && linux

package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

// Ten thousand idle connections on coroutines, and two thousand on threads, are no
// burden: those that ask are answered, and nothing is refused. It needs 10,100
// descriptors, see ulimit -n.
func TestIdleConnections(t *testing.T) {
	for _, c := range []struct {
		model string
		count int
	}{{"coroutines", 10_000}, {"threads", 2_000}} {
		t.Run(c.model, func(t *testing.T) {
			cmd, stderr := process(t, "serve", "--model", c.model, "--pace", "native", "--addr", "127.0.0.1:0")
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			lines := bufio.NewReader(out)
			first, _ := lines.ReadString('\n')
			address, _, _ := strings.Cut(strings.TrimPrefix(first, "serving fib on "), ": ")
			conns := make([]net.Conn, c.count)
			for i := range conns {
				if conns[i], err = net.Dial("tcp", address); err != nil {
					t.Fatalf("connection %d: %v, %s", i, err, stderr)
				}
				defer conns[i].Close()
			}
			// The last one, too: connections are accepted in order, so that all are then.
			for i := len(conns)/100 - 1; i < len(conns); i += len(conns) / 100 {
				fmt.Fprint(conns[i], "10")
				if got, err := bufio.NewReader(conns[i]).ReadString('\n'); got != "55\n" {
					t.Fatalf("connection %d: %q, %v", i, got, err)
				}
			}
			status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
			for _, line := range strings.Split(string(status), "\n") {
				if strings.HasPrefix(line, "VmHWM") || strings.HasPrefix(line, "Threads") {
					t.Logf("%d connections: %s", c.count, strings.Join(strings.Fields(line), " "))
				}
			}
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			totals, _ := lines.ReadString('\n')
			if err := cmd.Wait(); err != nil || !strings.HasPrefix(totals, fmt.Sprintf("100 requests on %d connections in ", c.count)) {
				t.Errorf("%q, %v, %s", totals, err, stderr)
			}
		})
	}
}
