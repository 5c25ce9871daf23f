package kernel

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
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

// nominal is what has been found out about this host.
var nominal struct {
	sync.Mutex
	length   time.Duration // of the yardstick; 0: not known
	spins    uint32        // turns that a Spinner makes in a microsecond; 0: not known
	renewals int           // how often length has been found out
}

// measured is how many costs have been found out.
var measured atomic.Int64

// Measured returns how many costs this package has found out so far. Two such numbers
// say whether something was calibrated between.
func Measured() int64 { return measured.Load() }

// slowed is how many times as long as at its best a yardstick takes where others slow
// the host. One that others share has two speeds: on a virtual machine with 2 CPUs the
// yardstick took 0.93 ms, or 1.35 to 1.40 while a neighbour used the other half of the
// core, and hardly ever anything between.
const slowed = 1.2

// Slow reports whether a yardstick was longer than at its best by more than its own spread.
func Slow(length, best time.Duration) bool { return float64(length) > slowed*float64(best) }

// The yardsticks of a Renew come in groups with pauses between, which together are longer
// than a neighbour is often busy.
const (
	sampleGroups = 6
	groupSize    = 3
	samplesApart = 10 * time.Millisecond
)

// sampled measures them, the shortest first.
func sampled() []time.Duration {
	var lengths []time.Duration
	for i := range sampleGroups {
		if i > 0 {
			time.Sleep(samplesApart)
		}
		for range groupSize {
			lengths = append(lengths, yardstick())
		}
	}
	slices.Sort(lengths)
	return lengths
}

// sustained returns the median of those lengths, which are in their order, that were not
// slow. The shortest of all would be too short: it is one without interrupts of the host's
// clock, which took 4 % of the time on the machine above.
func sustained(lengths []time.Duration) time.Duration {
	fast := 1
	for fast < len(lengths) && !Slow(lengths[fast], lengths[0]) {
		fast++
	}
	return lengths[fast/2]
}

// Renew finds out anew how long the yardstick takes, which is what this host sustains
// where nobody slows it: what is measured from now on is in nanoseconds of this moment.
// It takes about a tenth of a second.
func Renew() {
	length := sustained(sampled())
	nominal.Lock()
	defer nominal.Unlock()
	nominal.length, nominal.spins = length, 0
	nominal.renewals++
}

// Renewals returns how often the length of the yardstick has been found out, at least
// once. What was measured before the last time is not valid any more.
func Renewals() int {
	unit()
	nominal.Lock()
	defer nominal.Unlock()
	return nominal.renewals
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

// unit returns how long the yardstick took when that was found out last: at the last
// Renew, or now, where there was none.
func unit() time.Duration {
	known := func() time.Duration {
		nominal.Lock()
		defer nominal.Unlock()
		return nominal.length
	}
	if known() == 0 {
		Renew()
	}
	return known()
}

// mostTimes is how many times as often as it is asked for a ratio may be measured.
const mostTimes = 3

// Nominal returns what work costs, in its own unit, at the speed that this host had
// when the process first asked, or at the last Renew. Work is done that many times, and
// up to three times as often where the host is slow now and then.
//
// The speed of a host that others share changes all the time, by a factor of two where
// they use the other half of a core, and two costs that are measured one after the other
// differ by that, too. So each is held against a yardstick that is measured before it
// and after it, and the median of the ratios counts. Neighbours do not slow everything
// by the same factor, so ratios from moments without them are preferred.
func Nominal(times int, work func() (float64, error)) (float64, error) {
	length := unit()
	r, err := ratio(times, length, yardstick, work)
	measured.Add(1)
	return float64(length) * r, err
}

// ratio returns what work costs, divided by what a yardstick does that takes length where
// nobody slows the host.
func ratio(times int, length time.Duration, yardstick func() time.Duration, work func() (float64, error)) (float64, error) {
	var fast, all []float64
	before := yardstick()
	for len(fast) < times && len(all) < mostTimes*times {
		cost, err := work()
		if err != nil {
			return 0, err
		}
		after := yardstick()
		all = append(all, cost/(float64(before+after)/2))
		if !Slow(max(before, after), length) {
			fast = append(fast, all[len(all)-1])
		}
		before = after
	}
	if mostTimes*len(fast) < times {
		fast = all
	}
	slices.Sort(fast)
	n := len(fast)
	return (fast[n/2] + fast[(n-1)/2]) / 2, nil
}
