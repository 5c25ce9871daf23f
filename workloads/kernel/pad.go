package kernel

import (
	"fmt"
	"math"
	"time"

	"github.com/fibsim/fibsim/workloads"
)

// Pad makes each call of fib cost what it costs in the interpreter that is being
// imitated: real instructions, never a sleep. It belongs to one thread.
type Pad struct {
	on    bool   // there is anything to spend
	turns uint32 // of churn, in each call, beside the extra one
	part  uint32 // of one more turn, in units of 2^-32
	owed  uint32 // what the stretches so far fell short of part, in the same units
	extra uint32 // 1 in a stretch whose calls have one turn more
	left  uint32 // calls before the next stretch
	mill  mill
}

// stretch is how many calls have the same number of turns. A number that changed
// from call to call would be mispredicted in each, at a price that depends on what
// the predictor of the CPU remembers: such a pad cost 1.4 times as much in long runs
// as in the short ones that it was calibrated by, where an interpreter's calls
// cost 1.09 times as much. With stretches it is 1.07.
const stretch = 256

// mill is what computes: four chains, in each of which a turn needs the result of the
// one before. A core computes them side by side, with about as many instructions in a
// cycle as an interpreter has. A neighbour on the same core then slows both by about as
// much; a single chain leaves room for him. On a virtual machine with 2 CPUs, an AMD
// EPYC of family 26, speeds over 25 ms went with those of CPython 3.11 at a slope of
// 0.74 to 0.93 with four chains, and of 0.36 to 0.83 with one; beside neighbours of
// another hour it was 0.5 to 0.95 with four, and 0.2 to 0.25 with one.
type mill struct{ a, b, c, d uint64 }

// turn is one turn of one chain.
func turn(x uint64) uint64 { return x<<1 ^ (x>>3 + 1) }

// churn makes a number of turns. They stand one after the other, so that the only jumps
// are two, and go the same way as long as the number is the same.
func (m *mill) churn(turns uint32) {
	a, b, c, d := m.a, m.b, m.c, m.d
	for ; turns >= 8; turns -= 8 {
		a, b, c, d = turn(a), turn(b), turn(c), turn(d)
		a, b, c, d = turn(a), turn(b), turn(c), turn(d)
		a, b, c, d = turn(a), turn(b), turn(c), turn(d)
		a, b, c, d = turn(a), turn(b), turn(c), turn(d)
		a, b, c, d = turn(a), turn(b), turn(c), turn(d)
		a, b, c, d = turn(a), turn(b), turn(c), turn(d)
		a, b, c, d = turn(a), turn(b), turn(c), turn(d)
		a, b, c, d = turn(a), turn(b), turn(c), turn(d)
	}
	switch turns {
	case 7:
		a, b, c, d = turn(a), turn(b), turn(c), turn(d)
		fallthrough
	case 6:
		a, b, c, d = turn(a), turn(b), turn(c), turn(d)
		fallthrough
	case 5:
		a, b, c, d = turn(a), turn(b), turn(c), turn(d)
		fallthrough
	case 4:
		a, b, c, d = turn(a), turn(b), turn(c), turn(d)
		fallthrough
	case 3:
		a, b, c, d = turn(a), turn(b), turn(c), turn(d)
		fallthrough
	case 2:
		a, b, c, d = turn(a), turn(b), turn(c), turn(d)
		fallthrough
	case 1:
		a, b, c, d = turn(a), turn(b), turn(c), turn(d)
	}
	m.a, m.b, m.c, m.d = a, b, c, d
}

// spend computes for one call.
func (p *Pad) spend() {
	if p.left == 0 {
		p.begin()
	}
	p.left--
	p.mill.churn(p.turns + p.extra)
}

// begin begins a stretch. The fraction is carried from one to the next, so that the
// mean is right.
func (p *Pad) begin() {
	before := p.owed
	p.owed += p.part
	p.extra = 0
	if p.owed < before {
		p.extra = 1
	}
	p.left = stretch
}

func padOf(turns float64) Pad {
	whole := uint32(turns)
	return Pad{on: turns > 0, turns: whole, part: uint32((turns - float64(whole)) * (1 << 32))}
}

// Recipe is a pad as data, from which another process on this host makes an equal one.
type Recipe struct {
	Turns uint32 // in each call
	Part  uint32 // of one more turn, in units of 2^-32
}

// Recipe returns the recipe of p.
func (p *Pad) Recipe() Recipe { return Recipe{Turns: p.turns, Part: p.part} }

// Pad returns a new pad.
func (r Recipe) Pad() Pad { return Pad{on: r.Turns > 0 || r.Part > 0, turns: r.Turns, part: r.Part} }

// Calibration is a pad and what it came to on this host.
type Calibration struct {
	Pad    Pad
	Asked  float64 // ns for each call; 0: as compiled
	Actual float64 // ns for each call
	Bare   float64 // ns for each call without the pad
}

// Calibrate finds the pad with which a call of fib, computed by the function that
// is given, costs ns nanoseconds, as Nominal understands them; 0 asks for no pad at all.
// It takes about a tenth of a second of one CPU, and more where a call takes
// microseconds. It fails when the bare recursion costs more than ns.
func Calibrate(ns float64, fib func(n int, p *Pad) uint64) (Calibration, error) {
	n := probe(ns)
	cost := func(turns float64, times int) float64 {
		pad := padOf(turns)
		each, _ := Nominal(times, func() (float64, error) {
			start := time.Now()
			fib(n, &pad)
			return float64(time.Since(start)) / float64(workloads.FibCalls(n)), nil
		})
		return each
	}
	floor := cost(0, roughTimes)
	if ns == 0 {
		return Calibration{Actual: floor, Bare: floor}, nil
	}
	if ns < floor {
		return Calibration{}, fmt.Errorf("pace: the bare recursion takes %.2f ns for a call on this host, more than the %g ns asked for; use `native` or a larger number", floor, ns)
	}
	// What the pad adds grows as its turns do, all but the first few, which hide
	// behind other instructions. So each step scales the turns by what is still
	// wrong, which cannot run away on a noisy host.
	turns := ns - floor
	better := func(actual float64) {
		turns *= min(4, max(0.25, (ns-floor)/max(actual-floor, 0.01*ns)))
	}
	for range roughSteps {
		actual := cost(turns, roughTimes)
		better(actual)
		if math.Abs(actual/ns-1) < 0.05 {
			break
		}
	}
	best := Calibration{Asked: ns, Bare: floor}
	for range fineSteps {
		actual := cost(turns, fineTimes)
		if best.Actual == 0 || math.Abs(actual-ns) < math.Abs(best.Actual-ns) {
			best.Pad, best.Actual = padOf(turns), actual
		}
		if math.Abs(actual/ns-1) < 0.01 {
			break
		}
		better(actual)
	}
	return best, nil
}

// First in rough steps, then in fine ones, of which the best counts.
const (
	roughSteps = 10
	roughTimes = 3
	fineSteps  = 4
	fineTimes  = 21
)

// probe returns the n whose fib is measured: one that takes about as long as the
// yardstick.
func probe(ns float64) int {
	n := yardstickN
	for ; n > 4 && ns*float64(workloads.FibCalls(n)) > 1.3e6; n-- {
	}
	return n
}
