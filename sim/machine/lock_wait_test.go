package machine

import (
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
)

// A thread that waits for the lock costs CPU time each time that its wait is over and it
// waits again, although it gets nothing done: the holder, on the same CPU, takes so much
// longer. On a CPU of its own it disturbs nobody. The holder itself needs half of that to go to sleep when it has
// let go on request, before it can come back.
func TestWaitsForTheLockCostTheHolder(t *testing.T) {
	const hold, wait = 100 * ms, int64(1 * ms)
	const work = 25 // ns of the waiter's, which gets the lock before the holder's iteration ends
	for _, cpus := range []int{1, 2} {
		p := underLock("cpython-3", 3*hold, groupOf("holder", 1, holdFor(hold)), groupOf("waiter", 1, fibOf(1)))
		p.Threads[0].Times, p.Threads[1].Times, p.UntilDone = 1, 1, true
		p.Threads[1].Start = 1 * ms
		r := runs(t, p, Config{CPUs: cpus, Costs: &Costs{LockWait: wait}})
		waits := int64(0)
		for _, e := range r.Log.Events {
			if e.Kind == trace.Wait {
				waits++
			}
		}
		longer := rows(r, "holder", 0)[0].Latency() - int64(hold)
		want := wait / 2 // meanwhile the waiter works
		if cpus == 1 {
			want += waits*wait + work
		}
		switch {
		case waits < 10:
			t.Errorf("%d CPUs: %d waits, want one for each 5 ms of the holder's", cpus, waits)
		case longer != want:
			t.Errorf("%d CPUs: the holder takes %d ns longer for %d waits, want %d", cpus, longer, waits, want)
		}
	}
}
