package calibrate

import (
	"context"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// runtimeOf returns a runtime of the lock of CPython 3.
func runtimeOf(interval time.Duration, o gil.Options) (*gil.Runtime, error) {
	p, err := policy.New("cpython-3", policy.Values{"switch_interval": interval})
	if err != nil {
		return nil, err
	}
	return gil.New(p, o)
}

// lockCost returns what it costs in ns to let the lock go and take it, when nobody
// else wants it.
func lockCost(ctx context.Context) (each float64, err error) {
	rt, err := runtimeOf(5*time.Millisecond, gil.Options{})
	if err != nil {
		return 0, err
	}
	defer rt.Close()
	rt.Go("alone", func(t *gil.Thread) {
		nothing := func() {}
		each = cost(func(n int) {
			for range n {
				t.Blocking(nothing)
			}
		})
	})
	return each, rt.Wait(ctx)
}

// noticed returns how long it took, each time that a waiter asked for the lock,
// until the holder, in the middle of fib, let it go. At every call of fib is a
// checkpoint.
func noticed(ctx context.Context, length time.Duration) (Sample, error) {
	const interval = time.Millisecond
	rt, err := runtimeOf(interval, gil.Options{Keep: true})
	if err != nil {
		return nil, err
	}
	defer rt.Close()
	compute(rt, 2, rt.Now()+int64(length), func(int) {})
	if err := rt.Wait(ctx); err != nil {
		return nil, err
	}
	return answers(rt.Log(make([]trace.Thread, len(rt.Threads())))), nil
}

// compute starts threads that compute until a time, as fast as this host does, and look at the
// clock about once in a millisecond. Each first goes to its place, by its number.
func compute(rt *gil.Runtime, threads int, until int64, place func(number int)) {
	for i := range threads {
		rt.Go("hog", func(t *gil.Thread) {
			place(i)
			var pad kernel.Pad
			for t.PerfCounter() < until {
				kernel.Fib(t.Breaker(), 27, &pad)
			}
		})
	}
}

// answers returns the times between requests and the letting go that answered
// them.
func answers(log *trace.Log) Sample {
	var lengths []int64
	asked := int64(-1)
	for _, e := range log.Events {
		switch {
		case e.Kind == trace.Request:
			asked = e.Time
		case e.Kind == trace.Forced && asked >= 0:
			lengths = append(lengths, max(0, e.Time-asked))
			asked = -1
		case e.Kind == trace.Release:
			asked = -1 // it let go for reasons of its own
		}
	}
	return sorted(lengths)
}
