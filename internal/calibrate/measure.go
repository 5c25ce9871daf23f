package calibrate

import (
	"context"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/fibsim/fibsim/sim/machine"
)

// Measured is what a host was found to cost.
type Measured struct {
	Costs  *machine.Costs
	Names  []string // of the costs that were measured, in the order of machine.Costs
	Absent []string // of those that keep their defaults
}

// Options says how to measure.
type Options struct {
	// Progress is told what comes next, step by step; nil: nobody wants to know.
	Progress func(step, steps int, what string)
}

// step measures something and notes it.
type step struct {
	what string
	run  func(context.Context, *figures) error
}

// Host measures this host, in less than 15 seconds. When ctx ends it stops within
// half a second and returns the error of ctx.
func Host(ctx context.Context, o Options) (*Measured, error) {
	defer withProcs()()
	f := &figures{costs: machine.DefaultCosts(), found: map[string]bool{}}
	list := slices.Concat(everywhere, ofSystem(), []step{{"the notice of a request", notice}})
	for i, s := range list {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if o.Progress != nil {
			o.Progress(i+1, len(list), s.what)
		}
		if err := s.run(ctx, f); err != nil {
			return nil, err
		}
		for range (longRunStretches + len(list) - 1) / len(list) {
			if f.long != nil {
				f.long.stretch()
			}
		}
	}
	f.set("wobble", f.long.wobble())
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return f.measured(), f.costs.Check()
}

// procs is how many threads may be inside raw system calls, with a P each, beside
// those of the Go runtime's own.
const procs = 8

// withProcs gives Go's scheduler more Ps than measurements have threads, and keeps
// the garbage collector out. The function that it returns sets both back.
func withProcs() (restore func()) {
	percent := debug.SetGCPercent(-1)
	before := runtime.GOMAXPROCS(max(procs, runtime.NumCPU()))
	return func() {
		runtime.GOMAXPROCS(before)
		debug.SetGCPercent(percent)
	}
}

// figures collects what steps find.
type figures struct {
	costs *machine.Costs
	found map[string]bool
	long  *longRun // nil: not begun yet
}

// set notes a cost by its name in cost files.
func (f *figures) set(name string, ns float64) {
	for _, field := range f.costs.Fields() {
		if field.Name != name {
			continue
		}
		switch v := field.Value.(type) {
		case *int64:
			*v = int64(ns + 0.5)
		case *float64:
			*v = ns
		}
		f.found[name] = true
	}
}

// rounds is how many samples a spread is made of. A test that looks at no figure changes
// it.
var rounds = 5

// repeated calls a measurement once for each round.
func repeated(measure func() (Sample, error)) (all []Sample, err error) {
	for range rounds {
		s, err := measure()
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// spread notes a cost that differs from time to time: of each quantile the median
// over the rounds, so that a burst of other work in some of them does not show. Without rounds
// nothing was found.
func (f *figures) spread(name string, rounds []Sample) {
	if len(rounds) == 0 {
		return
	}
	for _, field := range f.costs.Fields() {
		if v, ok := field.Value.(*machine.Spread); ok && field.Name == name {
			*v = spreadOf(rounds)
			f.found[name] = true
		}
	}
}

func spreadOf(rounds []Sample) machine.Spread {
	at := func(q float64) int64 {
		values := make([]int64, len(rounds))
		for i, s := range rounds {
			values[i] = s.Quantile(q)
		}
		return sorted(values).Median()
	}
	return machine.Spread{Min: at(0), P10: at(0.1), P50: at(0.5), P90: at(0.9), P99: at(0.99), Max: at(1)}
}

func (f *figures) measured() *Measured {
	m := &Measured{Costs: f.costs}
	for _, field := range f.costs.Fields() {
		if f.found[field.Name] {
			m.Names = append(m.Names, field.Name)
		} else {
			m.Absent = append(m.Absent, field.Name)
		}
	}
	return m
}

// everywhere are the steps that need nothing of the system.
var everywhere = []step{
	{"reading the clock", func(_ context.Context, f *figures) error {
		f.set("clock", clockCost())
		return nil
	}},
	{"fib and SHA-256", func(_ context.Context, f *figures) error {
		f.set("hash_kib", hashCost())
		call, err := fibCost()
		f.set("fib_call", call)
		if err != nil {
			return err
		}
		f.long, err = newLongRun(call)
		return err
	}},
	{"goroutines", func(_ context.Context, f *figures) error {
		f.set("go_switch", goSwitchCost())
		return nil
	}},
	{"the lock", func(ctx context.Context, f *figures) error {
		each, err := lockCost(ctx)
		if err != nil {
			return err
		}
		f.set("release_take", each)
		return nil
	}},
}

// notice measures noticed under the lock of package gil, where the lock in C has not
// done so: without the C library, without a second CPU, or on another system.
func notice(ctx context.Context, f *figures) error {
	if f.found["noticed"] {
		return nil
	}
	answered, err := repeated(func() (Sample, error) { return noticed(ctx, 120*time.Millisecond) })
	if err != nil {
		return err
	}
	f.spread("noticed", answered)
	return nil
}
