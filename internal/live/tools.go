package live

import (
	"sync"

	"github.com/fibsim/fibsim/gil"
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
// one command share it, so that a call of fib costs the same in all of them.
type Calibrator struct {
	mu    sync.Mutex
	known map[float64]tools
}

func (c *Calibrator) tools(pace workloads.Pace) (tools, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ns := pace.NS
	if pace.Mode == workloads.PaceNative {
		ns = 0
	}
	if t, ok := c.known[ns]; ok {
		return t, nil
	}
	quiet := gil.NewBreaker(func() {})
	calls, err := kernel.Calibrate(ns, func(n int, p *kernel.Pad) uint64 { return kernel.Fib(quiet, n, p) })
	if err != nil {
		return tools{}, err
	}
	if c.known == nil {
		c.known = map[float64]tools{}
	}
	t := tools{pad: calls.Pad, spins: kernel.CalibrateSpin(), calls: calls}
	c.known[ns] = t
	return t, nil
}
