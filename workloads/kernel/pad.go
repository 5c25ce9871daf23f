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
	value uint64 // what churn has come to

	// Each is called, unless it is nil, every few thousand calls.
	Each  func()
	until uint32 // stretches before the next
}

// stretch is how many calls have the same number of turns. A number that changed
// from call to call would be mispredicted in each, at a price that depends on what
// the predictor of the CPU remembers: such a pad cost 1.4 times as much in long runs
// as in the short ones that it was calibrated by, where an interpreter's calls
// cost 1.09 times as much. With stretches it is 1.07.
const stretch = 256

// churn computes for a number of turns, each of which needs the result of the one
// before. The turns stand one after the other, so that the only jumps are two, and
// go the same way as long as the number is the same.
func churn(x uint64, turns uint32) uint64 {
	for ; turns >= 8; turns -= 8 {
		x = x<<1 ^ (x>>3 + 1)
		x = x<<1 ^ (x>>3 + 1)
		x = x<<1 ^ (x>>3 + 1)
		x = x<<1 ^ (x>>3 + 1)
		x = x<<1 ^ (x>>3 + 1)
		x = x<<1 ^ (x>>3 + 1)
		x = x<<1 ^ (x>>3 + 1)
		x = x<<1 ^ (x>>3 + 1)
	}
	switch turns {
	case 7:
		x = x<<1 ^ (x>>3 + 1)
		fallthrough
	case 6:
		x = x<<1 ^ (x>>3 + 1)
		fallthrough
	case 5:
		x = x<<1 ^ (x>>3 + 1)
		fallthrough
	case 4:
		x = x<<1 ^ (x>>3 + 1)
		fallthrough
	case 3:
		x = x<<1 ^ (x>>3 + 1)
		fallthrough
	case 2:
		x = x<<1 ^ (x>>3 + 1)
		fallthrough
	case 1:
		x = x<<1 ^ (x>>3 + 1)
	}
	return x
}

// spend computes for one call.
func (p *Pad) spend() {
	if p.left == 0 {
		p.begin()
	}
	p.left--
	p.value = churn(p.value, p.turns+p.extra)
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
	if p.Each == nil {
		return
	}
	if p.until == 0 {
		p.until = eachStretches
		p.Each()
	}
	p.until--
}

// eachStretches is how many stretches lie between two calls of Each: about a tenth
// of a millisecond of CPython.
const eachStretches = 16

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
	Actual float64 // ns for each call, the best of several runs
	Bare   float64 // ns for each call without the pad
}

// Calibrate finds the pad with which a call of fib, computed by the function that
// is given, costs ns nanoseconds; 0 asks for no pad at all. It takes about a tenth
// of a second of one CPU, and more where a call takes microseconds. It fails when
// the bare recursion costs more than ns.
func Calibrate(ns float64, fib func(n int, p *Pad) uint64) (Calibration, error) {
	n := probe(ns)
	cost := func(turns float64) float64 {
		pad := padOf(turns)
		return perCall(n, func() { fib(n, &pad) })
	}
	floor := cost(0)
	if ns == 0 {
		return Calibration{Actual: floor, Bare: floor}, nil
	}
	if ns < floor {
		return Calibration{}, fmt.Errorf("pace: the bare recursion takes %.2f ns for a call on this host, more than the %g ns asked for; use `native` or a larger number", floor, ns)
	}
	// What the pad adds grows as its turns do, all but the first few, which hide
	// behind other instructions. So each step scales the turns by what is still
	// wrong, which cannot run away on a noisy host, and the best step counts.
	best := Calibration{Asked: ns, Bare: floor, Actual: floor}
	turns := ns - floor
	for range calibrationSteps {
		actual := cost(turns)
		if math.Abs(actual-ns) < math.Abs(best.Actual-ns) {
			best.Pad, best.Actual = padOf(turns), actual
		}
		if math.Abs(actual/ns-1) < 0.003 {
			break
		}
		turns *= min(4, max(0.25, (ns-floor)/max(actual-floor, 0.01*ns)))
	}
	return best, nil
}

const calibrationSteps = 12

// probe returns the n whose fib is measured: one that takes about trial, the
// length of the runs by which an interpreter's own pace is measured.
func probe(ns float64) int {
	n := 22 // 35,421 calls
	for ; n > 4 && ns*float64(workloads.FibCalls(n)) > 1.3*float64(trial); n-- {
	}
	return n
}

// The best of a number of runs is lower the shorter and the more they are: on a host
// whose speed wavers a pad that is calibrated by runs of 0.15 ms, of which there are
// forty, costs a tenth more in the long run than an interpreter whose pace was the
// best of nine runs of a millisecond. So these are the same nine.
const (
	trial  = time.Millisecond
	trials = 9
)

// perCall returns the cost in ns of each of the calls that f, fib(n), makes: the
// best of the trials, since everything that disturbs only adds.
func perCall(n int, f func()) float64 {
	best := time.Duration(1<<63 - 1)
	for range trials {
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	return float64(best) / float64(workloads.FibCalls(n))
}
