package live

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// tools are what workers need of this host: calibrated once for a pace.
type tools struct {
	pad   kernel.Pad
	spins kernel.Spinner
	calls kernel.Calibration
}

// Calibrator calibrates on first need, and once for each pace: the backends of
// one command share it, so that a call of fib costs the same in all of them. What
// was found before a kernel.Renew is not valid any more.
type Calibrator struct {
	mu       sync.Mutex
	known    map[pace]tools
	renewals int // kernel.Renewals when it was found out
}

// pace is what a call of fib is to cost, and whether it counts ticks.
type pace struct {
	ns    float64
	ticks bool
}

// tools returns what the workers of an interpreter need; with ticks for a lock
// that counts them.
func (c *Calibrator) tools(wanted workloads.Pace, ticks bool) (tools, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := pace{ns: wanted.NS, ticks: ticks}
	if wanted.Mode == workloads.PaceNative {
		key.ns = 0
	}
	if n := kernel.Renewals(); n != c.renewals {
		c.known, c.renewals = nil, n
	}
	if t, ok := c.known[key]; ok {
		return t, nil
	}
	calibrate := calibratePlain
	if ticks {
		calibrate = calibrateTicks
	}
	calls, err := calibrate(key.ns)
	if err != nil {
		return tools{}, err
	}
	if c.known == nil {
		c.known = map[pace]tools{}
	}
	t := tools{pad: calls.Pad, spins: kernel.CalibrateSpin(), calls: calls}
	c.known[key] = t
	return t, nil
}

func calibratePlain(ns float64) (kernel.Calibration, error) {
	quiet := gil.NewBreaker(func() {})
	return kernel.Calibrate(ns, func(n int, p *kernel.Pad) uint64 { return kernel.Fib(quiet, n, p) })
}

// calibrateTicks calibrates the kernel that counts ticks, on the only thread of a
// lock that does.
func calibrateTicks(ns float64) (c kernel.Calibration, err error) {
	lock, err := policy.New("cpython-2", nil)
	if err != nil {
		return c, err
	}
	rt, err := gil.New(lock, gil.Options{Off: true})
	if err != nil {
		return c, err
	}
	defer rt.Close()
	var failed error
	rt.Go("calibration", func(t *gil.Thread) {
		c, failed = kernel.Calibrate(ns, func(n int, p *kernel.Pad) uint64 { return kernel.FibTicks(t, n, p) })
	})
	if err := rt.Wait(context.Background()); err != nil {
		return c, err
	}
	return c, failed
}

// paceTolerance is how far a call of fib may be from the pace asked for.
const paceTolerance = 0.03

// paceMissed warns of a pace that could not be reached.
func paceMissed(t tools) []trace.Warning {
	if t.calls.Asked == 0 || math.Abs(t.calls.Actual/t.calls.Asked-1) <= paceTolerance {
		return nil
	}
	return []trace.Warning{{
		Code:    "pace-missed",
		Message: fmt.Sprintf("a call of fib takes %.3g ns, and the pace asked for is %.3g ns", t.calls.Actual, t.calls.Asked),
		Hint:    "the host is busy, or its clock rate changes; run again when it is idle",
	}}
}
