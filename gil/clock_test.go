package gil_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/fibsim/fibsim/gil"
)

// However a thread comes to its look at the clock, what it sees there is the time since time 0: events that
// are stamped by either are in one order.
func TestPerfCounterIsNow(t *testing.T) {
	for _, park := range gil.Parks() {
		for _, lock := range []string{"cpython-3", "none"} {
			t.Run(fmt.Sprintf("%s-%s", park, lock), func(t *testing.T) {
				rt := started(t, park, open(t, lock, nil))
				rt.Go("one", func(th *gil.Thread) {
					for range 1000 {
						before, now, after := th.Now(), th.PerfCounter(), th.Now()
						if now < before || now > after {
							t.Errorf("%d lies outside %d to %d", now, before, after)
							return
						}
					}
				})
				if err := rt.Wait(context.Background()); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}
