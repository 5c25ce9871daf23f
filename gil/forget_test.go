package gil

import (
	"fmt"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/policy"
)

// TestForget: a runtime that is to forget holds the threads that live, whatever number of
// others came and went, and numbers that do not grow; and it counts what all of them did.
func TestForget(t *testing.T) {
	const visitors = 300
	for _, park := range Parks() {
		for _, lock := range []string{"cpython-3", "cpython-2", "none"} {
			t.Run(fmt.Sprintf("%s/%s", park, lock), func(t *testing.T) {
				rt := mustNew(t, lock, Options{Park: park, Forget: true})
				defer rt.Close()
				there, leave := make(chan struct{}), make(chan struct{})
				resident := rt.Go("resident", func(r *Thread) {
					r.Blocking(func() { close(there); <-leave })
				})
				<-there
				for range visitors {
					rt.Go("visitor", func(v *Thread) { v.Yield() })
					for patience := 100_000; len(rt.Threads()) > 1 && patience > 0; patience-- {
						time.Sleep(100 * time.Microsecond) // it is about to end
					}
					if all := rt.Threads(); len(all) != 1 || all[0] != resident {
						t.Fatalf("%d threads are remembered, and one lives", len(all))
					}
				}
				close(leave)
				if err := rt.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				// The number of the thread that had the lock last cannot be given away.
				if len(rt.threads) > 3 || len(rt.vacant) != len(rt.threads) {
					t.Errorf("%d numbers, %d of them vacant", len(rt.threads), len(rt.vacant))
				}
				s := rt.Stats()
				takes, switches := int64(2*visitors+2), int64(visitors+1)
				if lock == "none" {
					takes, switches = 0, 0
				}
				if s.Takes != takes || s.Switches != switches {
					t.Errorf("%d takes and %d switches, want %d and %d", s.Takes, s.Switches, takes, switches)
				}
			})
		}
	}
}

// TestEndedThreads: a runtime that is to remember keeps its threads, but not the stacks on
// which they waited.
func TestEndedThreads(t *testing.T) {
	for _, park := range Parks() {
		rt := mustNew(t, "cpython-3", Options{Park: park})
		defer rt.Close()
		for range 3 {
			rt.Go("thread", func(t *Thread) { t.Yield() })
		}
		if err := rt.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		all := rt.Threads()
		if len(all) != 3 {
			t.Errorf("%s: %d threads are remembered, want 3", park, len(all))
		}
		for _, th := range all {
			if th.seat.host != (hostSeat{}) {
				t.Errorf("%s: %s %d keeps its stack", park, th.Name(), th.id)
			}
		}
		if s := rt.Stats(); s.Takes != 6 {
			t.Errorf("%s: %d takes, want 6", park, s.Takes)
		}
	}
}

func TestForgetWithoutKeep(t *testing.T) {
	p, err := policy.New("none", nil)
	if err != nil {
		t.Fatal(err)
	}
	if rt, err := New(p, Options{Keep: true, Forget: true}); err == nil {
		rt.Close()
		t.Error("events are to be kept of threads that are forgotten")
	}
}

func mustNew(t *testing.T, lock string, o Options) *Runtime {
	t.Helper()
	p, err := policy.New(lock, nil)
	if err != nil {
		t.Fatal(err)
	}
	rt, err := New(p, o)
	if err != nil {
		t.Fatal(err)
	}
	return rt
}
