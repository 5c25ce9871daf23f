package calibrate

import (
	"math"
	"runtime"
	"slices"

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
// at its best. A pace is in time of the best of nine runs of a millisecond; a run of a
// program is long, and the speed of a host that others share changes all the time, for up
// to seconds. So the nines are spread over all of the other measurements.
type longRun struct {
	pad   kernel.Pad
	sum   float64 // of all runs
	bests float64 // of the logarithms of the best ones
	nines int
}

const (
	longRunPace  = 30 // ns for a call: that of CPython, or more where the bare call costs nearly as much
	longRunN     = 22
	longRunNines = 36 // at least
)

func newLongRun(bare float64) (*longRun, error) {
	c, err := kernel.Calibrate(max(longRunPace, 3*bare), func(n int, p *kernel.Pad) uint64 { return kernel.Fib(quiet, n, p) })
	return &longRun{pad: c.Pad}, err
}

func (l *longRun) nine() {
	runs := make([]int64, 9)
	for i := range runs {
		start := gil.Monotonic()
		kernel.Fib(quiet, longRunN, &l.pad)
		runs[i] = gil.Monotonic() - start
	}
	l.add(runs)
}

func (l *longRun) add(runs []int64) {
	for _, ns := range runs {
		l.sum += float64(ns) / float64(len(runs))
	}
	l.bests += math.Log(float64(slices.Min(runs)))
	l.nines++
}

// wobble takes the geometric mean of the best ones: a pace is as likely to be that of a slow
// moment as of a quick one.
func (l *longRun) wobble() float64 {
	n := float64(l.nines)
	return max(0, l.sum/n/math.Exp(l.bests/n)-1) * 1e6
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
