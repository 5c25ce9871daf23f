package gil

import (
	"context"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/policy"
)

// clockwork is a parker whose waits all time out, some after they were woken.
type clockwork struct {
	goroutineParker
	marks bool
}

func (c *clockwork) wait(s *seat, _ int64, _ *Breaker) (timedOut bool) {
	s.marked = c.marks
	return true
}

// A wait that timed out at the moment of its wake ends as the policy says: by the
// wake where that is consumed, by its time-out where the wake is passed on.
func TestLateSignal(t *testing.T) {
	for _, c := range []struct {
		marked bool
		fate   policy.LateSignal
		want   policy.InputKind
	}{
		{true, policy.Consumed, policy.Woken},
		{true, policy.PassedOn, policy.TimedOut},
		{false, policy.Consumed, policy.TimedOut},
		{false, policy.PassedOn, policy.TimedOut},
	} {
		rt := &Runtime{parker: &clockwork{marks: c.marked}, traits: policy.Traits{LateSignal: c.fate}}
		th := &Thread{rt: rt}
		if got := th.wait(1); got != c.want || th.seat.marked {
			t.Errorf("%+v: input %d, mark left: %t", c, got, th.seat.marked)
		}
	}
}

// When all threads have ended nobody counts as a waiter, and a wake that was sent
// late is in no seat.
func TestNothingIsLeft(t *testing.T) {
	for _, park := range Parks() {
		lock, err := policy.New("cpython-3", map[string]any{"switch_interval": 50 * time.Microsecond, "wake_order": "fifo"})
		if err != nil {
			t.Fatal(err)
		}
		rt, err := New(lock, Options{Park: park})
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			rt.Go("t", func(t *Thread) {
				for range 100 {
					t.Yield() // the others come to wait
					t.Checkpoint()
				}
			})
		}
		if err := rt.Wait(context.Background()); err != nil {
			t.Error(err)
		}
		if n := rt.waiters.Load(); n != 0 {
			t.Errorf("%s: %d waiters", park, n)
		}
		for _, th := range rt.threads {
			if th.holds || th.seat.marked || len(th.wakes) > 0 {
				t.Errorf("%s: %s ended with lock %t, mark %t, %d wakes to send", park, th.name, th.holds, th.seat.marked, len(th.wakes))
			}
		}
		rt.Close()
	}
}
