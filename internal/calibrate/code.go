package calibrate

import (
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// clockCost returns what reading the clock costs in ns.
func clockCost() float64 {
	return cost(func(n int) {
		for range n {
			gil.Monotonic()
		}
	})
}

// fibCost returns what one call of fib costs in ns, as compiled.
func fibCost() (float64, error) {
	c, err := kernel.Calibrate(0, func(n int, p *kernel.Pad) uint64 { return kernel.Fib(quiet, n, p) })
	return c.Bare, err
}

// longRun measures by how many ns a millisecond of fib takes longer in the long run than
// at its best. A pace is in time of the best of nine runs of a millisecond, by a program that
// has just begun; a run of a program is long, and the speed of a host that others share
// changes all the time, for up to seconds. So stretches of both lie between all of the
// other measurements. Each begins when the CPU has slept, since a host may give it less then: on
// a virtual machine with 2 CPUs, November 2026, with busy neighbours, the best of nine took
// CPython 3.11 1.13 and 1.23 times as long when it had slept or begun just before.
type longRun struct {
	pad       kernel.Pad
	later     float64 // the sum of the means of what came after the nine
	bests     float64 // of the logarithms of the best of the nine
	stretches int
}

const (
	longRunPace      = 30 // ns for a call: that of CPython, or more where the bare call costs nearly as much
	longRunN         = 22
	longRunBest      = 9
	longRunAll       = 21 // runs in a stretch
	longRunStretches = 20 // spread over the steps; those before it begins are left out
	longRunSleep     = 10 * time.Millisecond
)

func newLongRun(bare float64) (*longRun, error) {
	c, err := kernel.Calibrate(max(longRunPace, 3*bare), func(n int, p *kernel.Pad) uint64 { return kernel.Fib(quiet, n, p) })
	return &longRun{pad: c.Pad}, err
}

func (l *longRun) stretch() {
	time.Sleep(longRunSleep)
	runs := make([]int64, longRunAll)
	for i := range runs {
		start := gil.Monotonic()
		kernel.Fib(quiet, longRunN, &l.pad)
		runs[i] = gil.Monotonic() - start
	}
	l.add(runs[:longRunBest], runs[longRunBest:])
}

func (l *longRun) add(first, later []int64) {
	l.bests += math.Log(float64(slices.Min(first)))
	for _, ns := range later {
		l.later += float64(ns) / float64(len(later))
	}
	l.stretches++
}

// wobble takes the geometric mean of the best ones: such a pace is as likely to be that of a slow
// moment as of a quick one. One that fibsim measures itself, against a yardstick, is that of a
// quick one, and programs are predicted too fast by the difference.
func (l *longRun) wobble() float64 {
	n := float64(l.stretches)
	return max(0, l.later/n/math.Exp(l.bests/n)-1) * 1e6
}

// quiet is a breaker that nobody raises.
var quiet = gil.NewBreaker(func() {})

// hashCost returns what SHA-256 of 1,024 bytes costs in ns.
func hashCost() float64 {
	const kib = 64 // in one operation, so that the start of a sum does not matter
	return cost(func(n int) {
		for range n {
			kernel.Hash(kib<<10, func() {})
		}
	}) / kib
}

// goSwitchCost returns what it costs that one goroutine stops at a channel and
// another one goes on, on the same P.
func goSwitchCost() float64 {
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	there, back := make(chan int), make(chan int)
	go func() {
		for range there {
			back <- 1
		}
		close(back)
	}()
	each := cost(func(n int) {
		for range n {
			there <- 1
			<-back
		}
	})
	close(there)
	<-back
	return each / 2
}
