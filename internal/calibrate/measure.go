package calibrate

import (
	"context"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/fibsim/fibsim/internal/others"
	"github.com/fibsim/fibsim/sim/machine"
)

// Measured is what a host was found to cost.
type Measured struct {
	Costs  *machine.Costs
	Names  []string // of the costs that were measured, in the order of machine.Costs
	Absent []string // of those that keep their defaults
	// Disturbed are the measurements during which others used the CPUs, so that costs came out too
	// high, in the order in which they were made. Nearly all have been made again, as often as there was time.
	Disturbed []string
}

// Options says how to measure.
type Options struct {
	// Progress is told what comes next, step by step; nil: nobody wants to know. Steps that others
	// disturbed come again, under their numbers.
	Progress func(step, steps int, what string)
	// Patience is for how long to go on, beyond the time that a host takes which others leave alone,
	// while they do not.
	Patience time.Duration
	// CPUTime reads how much CPU time has been used, false where that is not known; nil:
	// others.Read.
	CPUTime func() (others.Used, bool)
}

// Host measures this host, in less than 15 seconds where others leave it alone. When ctx ends it
// stops within half a second and returns the error of ctx.
func Host(ctx context.Context, o Options) (*Measured, error) {
	defer withProcs()()
	s := newSchedule(o)
	for i := range s.steps[:s.fixed] {
		if err := s.take(ctx, i); err != nil {
			return nil, err
		}
	}
	if err := s.retake(ctx); err != nil {
		return nil, err
	}
	s.setNets()
	for i := s.fixed; i < len(s.steps); i++ {
		if err := s.take(ctx, i); err != nil {
			return nil, err
		}
	}
	s.set("wobble", s.long.wobble())
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m := s.measured()
	m.Disturbed = s.disturbed()
	return m, s.costs.Check()
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

	nets map[string]net // costs by their names

	cpuTime func() (others.Used, bool)
	end     time.Time // until then steps may go on that others disturb
	kept    *float64  // how many CPUs others used during what the step kept; nil: it does not say
	setting []string  // the costs that the step has noted
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
		f.notes(name)
	}
}

// put notes a cost by its spread: of one that is always the same, the median.
func (f *figures) put(name string, s machine.Spread) {
	for _, field := range f.costs.Fields() {
		if v, ok := field.Value.(*machine.Spread); ok && field.Name == name {
			*v = s
			f.notes(name)
			return
		}
	}
	f.set(name, float64(s.P50))
}

func (f *figures) notes(name string) {
	f.found[name] = true
	f.setting = append(f.setting, name)
}

// forget sets costs back to their defaults.
func (f *figures) forget(names []string) {
	defaults := machine.DefaultCosts().Fields()
	for i, field := range f.costs.Fields() {
		if !slices.Contains(names, field.Name) {
			continue
		}
		delete(f.found, field.Name)
		switch v := field.Value.(type) {
		case *int64:
			*v = *defaults[i].Value.(*int64)
		case *float64:
			*v = *defaults[i].Value.(*float64)
		case *machine.Spread:
			*v = *defaults[i].Value.(*machine.Spread)
		}
	}
}

// net is what was measured of a cost, a length as a spread that is always the same, and what of that is no
// part of it, in ns: other costs, which may be measured again later.
type net struct {
	gross machine.Spread
	parts func(*machine.Costs) int64
}

// setNets notes the costs of which only the gross is measured.
func (f *figures) setNets() {
	for _, name := range slices.Sorted(maps.Keys(f.nets)) { // lock_wait before those of which it is a part
		n := f.nets[name]
		f.put(name, n.gross.Less(n.parts(f.costs)))
	}
}

// rounds is how many samples a spread is made of. A test that looks at no figure changes
// it.
var rounds = 5

// spread notes a cost that differs from time to time: of each quantile the median
// over the rounds, so that a burst of other work in some of them does not show. Without rounds
// nothing was found.
func (f *figures) spread(name string, rounds []Sample) {
	if len(rounds) == 0 {
		return
	}
	f.put(name, spreadOf(rounds))
}

// pooled notes a cost that differs from time to time and of which a round has few, so that its
// slowest would stand for a fiftieth, or for a fifth: all rounds are one sample, but for stalls.
func (f *figures) pooled(name string, rounds []Sample) {
	if rounds, _, _ = withoutStalls(rounds); len(rounds) > 0 {
		f.put(name, withoutTail(sorted(rounds...)))
	}
}

// withoutTail returns the spread of a sample of some hundred of which two or three may be those that an interrupt came between. Its
// p99 would be one of them, and as a spread is even between its quantiles, all from p90 on would be longer: it is no
// more than where p95 comes out as it is.
func withoutTail(s Sample) machine.Spread {
	all := spreadOf([]Sample{s})
	all.P99 = min(all.P99, 2*s.Quantile(0.95)-all.P90)
	return all
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
		if err != nil || f.long != nil {
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
	answered, err := repeated(ctx, f, rounds, func() (Sample, error) { return noticed(ctx, 120*time.Millisecond) })
	if err != nil {
		return err
	}
	f.spread("noticed", answered)
	return nil
}
