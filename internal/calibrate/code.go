package calibrate

import (
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
