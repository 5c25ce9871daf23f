package kernel

import (
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/fibsim/fibsim/gil"
)

// A yardstick takes about a millisecond: what others do on the host changes more slowly.
const (
	yardstickN     = 22
	yardstickTurns = 24
)

// yardstick computes a fixed amount, which is of the same kind as padded calls of fib,
// and returns how long it took.
func yardstick() time.Duration {
	pad := padOf(yardstickTurns)
	start := time.Now()
	Fib(quiet, yardstickN, &pad)
	return time.Since(start)
}

// quiet is a breaker that nobody raises.
var quiet = gil.NewBreaker(func() {})

// nominal is how long the yardstick takes on this host; 0: not found out.
var nominal struct {
	sync.Mutex
	length time.Duration
}

// Renew finds out anew how long the yardstick takes, the best of nine: what is measured
// from now on is in nanoseconds of this moment. It returns them.
func Renew() time.Duration {
	best := bestOf(9)
	nominal.Lock()
	defer nominal.Unlock()
	nominal.length = best
	return best
}

// Slowest returns how long the yardstick takes now on the slowest of the CPUs that run
// goroutines, up to four of them at once: the best of five on each. Two such lengths say
// how the speed of the host has changed between them.
func Slowest() time.Duration {
	lengths := make([]time.Duration, min(4, runtime.GOMAXPROCS(0)))
	var all sync.WaitGroup
	for i := range lengths {
		all.Go(func() {
			lengths[i] = bestOf(5)
		})
	}
	all.Wait()
	return slices.Max(lengths)
}

// bestOf returns the shortest of so many yardsticks.
func bestOf(times int) time.Duration {
	best := yardstick()
	for range times - 1 {
		best = min(best, yardstick())
	}
	return best
}

// unit returns how long the yardstick took when that was found out last.
func unit() time.Duration {
	nominal.Lock()
	length := nominal.length
	nominal.Unlock()
	if length == 0 {
		return Renew()
	}
	return length
}

// Nominal returns what work costs, in its own unit, at the speed that this host had
// when the process first asked, or at the last Renew. Work is done that many times.
//
// The speed of a host that others share changes all the time, by a factor of two where
// they use the other half of a core, and two costs that are measured one after the other
// differ by that, too. So each is held against a yardstick that is measured before it
// and after it, and the median of the ratios counts.
func Nominal(times int, work func() (float64, error)) (float64, error) {
	length := float64(unit())
	ratios := make([]float64, times)
	before := yardstick()
	for i := range ratios {
		cost, err := work()
		if err != nil {
			return 0, err
		}
		after := yardstick()
		ratios[i] = cost / (float64(before+after) / 2)
		before = after
	}
	slices.Sort(ratios)
	return length * (ratios[times/2] + ratios[(times-1)/2]) / 2, nil
}
