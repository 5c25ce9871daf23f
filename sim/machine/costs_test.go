package machine

import (
	"slices"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/workloads"
)

// The draws of a spread follow the quantiles that it is made of: the share of
// values below each is that quantile's probability, within four standard errors.
func TestSpreadDrawsItsQuantiles(t *testing.T) {
	s := Spread{Min: 100, P10: 200, P50: 1000, P90: 5000, P99: 50_000, Max: 1_000_000}
	r := workloads.NewStream(1, "spread", 0, "costs")
	const n = 100_000
	values := make([]int64, n)
	for i := range values {
		values[i] = s.Draw(&r)
	}
	slices.Sort(values)
	if values[0] < s.Min || values[n-1] > s.Max {
		t.Errorf("draws from %d to %d leave the range", values[0], values[n-1])
	}
	for _, q := range []struct {
		at   int64
		part float64
	}{{s.P10, 0.1}, {s.P50, 0.5}, {s.P90, 0.9}, {s.P99, 0.99}, {3000, 0.7}} {
		below, _ := slices.BinarySearch(values, q.at)
		if got := float64(below) / n; got < q.part-0.007 || got > q.part+0.007 {
			t.Errorf("%.4f of the draws are below %d, want %.2f", got, q.at, q.part)
		}
	}
}

// A cost that never differs takes nothing from the stream, so that a host without
// spread runs the same with any seed.
func TestFixedSpreadDrawsNothing(t *testing.T) {
	s := Exactly(7)
	r := workloads.NewStream(1, "spread", 0, "costs")
	before := r
	if got := s.Draw(&r); got != 7 || r != before {
		t.Errorf("got %d, and the stream moved: %t", got, r != before)
	}
}

func TestDefaultCosts(t *testing.T) {
	c := DefaultCosts()
	if err := c.Check(); err != nil {
		t.Error(err)
	}
	for _, f := range c.Fields() {
		if f.Doc == "" || f.Source == "" || !strings.HasPrefix(f.Doc, "ns ") {
			t.Errorf("%s: its meaning, unit or source is missing", f.Name)
		}
	}
	c.Interpreter = DefaultInterpreter()
	if err := c.Check(); err != nil {
		t.Error(err)
	}
}

// Costs that make no sense are named.
func TestCostsCheck(t *testing.T) {
	for want, spoil := range map[string]func(*Costs){
		"switch must be from 0":               func(c *Costs) { c.Switch = -1 },
		"fib_call must be from 0":             func(c *Costs) { c.FibCall = -0.5 },
		"wake_idle: the quantiles must not":   func(c *Costs) { c.WakeIdle.P90 = c.WakeIdle.P50 - 1 },
		"interpreter.send must be from 0":     func(c *Costs) { c.Interpreter = &Interpreter{Send: mostCost + 1} },
		"timer_slack must be from 0":          func(c *Costs) { c.TimerSlack.Min = -1 },
		"interpreter.fib_call must be from 0": func(c *Costs) { c.Interpreter = &Interpreter{FibCall: 1e300} },
	} {
		c := DefaultCosts()
		spoil(c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
