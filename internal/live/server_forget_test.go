package live

import (
	"context"
	"errors"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/workloads"
)

// TestServerForgets: of connections that came and went, a server on its own keeps nothing
// but what it counts; a thread that ends is forgotten.
func TestServerForgets(t *testing.T) {
	const visits = 300
	for model, threads := range map[workloads.Model]int{
		workloads.Threads:      1 + 1, // accepts; serves who stays
		workloads.Interpreters: 1 + 1,
		workloads.Processes:    1 + 1 + 2, // and those of the pool
	} {
		if runtime.GOOS != "linux" && model != workloads.Threads {
			continue
		}
		p := modelled(serverProgram(fastClient), model)
		t.Run(string(model), func(t *testing.T) {
			leavesNothing(t)
			plan := planOf(p, false, ServerLimits{})
			plan.forget = true
			house := mustOpen(t, plan)
			defer house.leave()
			rt, err := plan.runtime(0)
			if err != nil {
				t.Fatal(err)
			}
			defer rt.Close()
			s, err := startGILServer(rt, house)
			if err != nil {
				t.Fatal(err)
			}
			defer abandon(rt, s)
			visit(t, s, visits)
			remembered(t, threads, func() int {
				n := 0
				for _, rt := range s.runtime {
					n += len(rt.Threads())
				}
				return n
			})
			if open := s.counts().Open; open != 1 {
				t.Errorf("%d connections are open, want 1", open)
			}
			err = errors.Join(s.Close(), s.wait(context.Background()))
			if _, more := s.settle(); err != nil || more != nil {
				t.Error(err, more)
			}
			if left := len(rt.Threads()); left != 0 {
				t.Errorf("%d threads are remembered at the end", left)
			}
			checkForgotten(t, s.sockets, visits)
		})
		t.Run(string(model)+" native", func(t *testing.T) {
			leavesNothing(t)
			plan := planOf(p, true, ServerLimits{})
			plan.forget = true
			house := mustOpen(t, plan)
			defer house.leave()
			r := &nativeRun{epoch: gil.Monotonic(), stopped: make(chan struct{})}
			s, err := startNativeServer(r, house)
			if err != nil {
				t.Fatal(err)
			}
			visit(t, s, visits)
			remembered(t, 1+1, func() int {
				r.mu.Lock()
				defer r.mu.Unlock()
				return len(r.breakers) + len(r.lanes) + len(r.threads)
			})
			if open := s.counts().Open; open != 1 {
				t.Errorf("%d connections are open, want 1", open)
			}
			s.Close()
			r.running.Wait()
			checkForgotten(t, s.sockets, visits)
		})
	}
}

func mustOpen(t *testing.T, plan *serverPlan) *premises {
	t.Helper()
	house, err := openPremises(context.Background(), plan)
	if err != nil {
		t.Fatal(err)
	}
	return house
}

// visit connects to a server that many times, asks, and leaves; the last stays.
func visit(t *testing.T, s server, n int) {
	t.Helper()
	for i := range n {
		c, err := net.Dial("tcp", s.addr())
		if err != nil {
			t.Fatal(err)
		}
		if got := ask(t, c, "1"); got != "1" {
			t.Errorf("visit %d: got %q", i, got)
		}
		if i == n-1 {
			t.Cleanup(func() { c.Close() })
			return
		}
		c.Close()
	}
}

// remembered waits until a server has noticed who has left, and remembers no more than it
// may.
func remembered(t *testing.T, want int, count func() int) {
	t.Helper()
	n := count()
	for patience := 2000; n > want && patience > 0; patience-- {
		time.Sleep(10 * time.Millisecond)
		n = count()
	}
	if n != want {
		t.Errorf("%d threads are remembered, want %d", n, want)
	}
}

// checkForgotten looks at what is kept of connections with a request each.
func checkForgotten(t *testing.T, s *sockets, connections int64) {
	t.Helper()
	if c := s.counts(); c.Connections != connections || c.Requests != connections || c.Open != 0 {
		t.Errorf("%+v, want %d connections with a request each", c, connections)
	}
	if n := len(s.samples()); n != 0 {
		t.Errorf("rows of %d connections are kept", n)
	}
}
