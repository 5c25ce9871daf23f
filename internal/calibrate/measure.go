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
	list := append(slices.Clone(everywhere), ofSystem()...)
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
	}
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

// spread notes a cost that differs from time to time.
func (f *figures) spread(name string, s Sample) {
	for _, field := range f.costs.Fields() {
		if v, ok := field.Value.(*machine.Spread); ok && field.Name == name && len(s) > 0 {
			*v = machine.Spread{
				Min: s.Quantile(0), P10: s.Quantile(0.1), P50: s.Median(),
				P90: s.Quantile(0.9), P99: s.Quantile(0.99), Max: s.Quantile(1),
			}
			f.found[name] = true
		}
	}
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
		answered, err := noticed(ctx, 500*time.Millisecond)
		f.spread("noticed", answered)
		return err
	}},
}
