package calibrate

import (
	"math"
	"runtime"

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
	quiet := gil.NewBreaker(func() {})
	c, err := kernel.Calibrate(0, func(n int, p *kernel.Pad) uint64 { return kernel.Fib(quiet, n, p) })
	return c.Bare, err
}

// wobble returns by how many ns a millisecond of fib takes longer in the long run
// than at its best. A pace is in time of the best of nine runs of a millisecond; a run of a
// program is long, and the speed of a host that others share changes all the time.
// The pace is CPython's, or more where the bare call costs nearly as much.
func wobble(bare float64) (float64, error) {
	const (
		pace  = 30 // ns
		n     = 22
		best  = 9
		times = 35
	)
	quiet := gil.NewBreaker(func() {})
	c, err := kernel.Calibrate(max(pace, 3*bare), func(n int, p *kernel.Pad) uint64 { return kernel.Fib(quiet, n, p) })
	if err != nil {
		return 0, err
	}
	var sum int64
	bests := make([]int64, times)
	for i := range bests {
		bests[i] = math.MaxInt64
		for range best {
			start := gil.Monotonic()
			kernel.Fib(quiet, n, &c.Pad)
			took := gil.Monotonic() - start
			sum += took
			bests[i] = min(bests[i], took)
		}
	}
	mean := float64(sum) / (best * times)
	return max(0, mean/float64(sorted(bests).Median())-1) * 1e6, nil
}

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
