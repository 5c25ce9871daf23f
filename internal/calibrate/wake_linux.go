package calibrate

import (
	"sync/atomic"
	"time"

	"github.com/fibsim/fibsim/gil"
)

// wakes is a sleeper, and what surrounds it, that a waker wakes many times.
type wakes struct {
	sleeper, waker int           // their CPUs
	asleep         time.Duration // for how long the sleeper sleeps each time
	before         time.Duration // and for how long before each time, once, which does not count; 0: not
	busy           bool          // the waker computes meanwhile; otherwise it sleeps too
	hog            bool          // somebody else computes on the sleeper's CPU
	times          int
}

// run returns for each time how long it took from the waker's call until the
// sleeper ran, and how long the waker's call took.
func (w wakes) run() (latency, paid Sample) {
	var closed door
	var ready, done, over atomic.Int64
	sleeps := []time.Duration{w.asleep}
	if w.before > 0 {
		sleeps = []time.Duration{w.before, w.asleep}
	}
	all := w.times * len(sleeps)
	begun, woken, ended := make([]int64, all), make([]int64, all), make([]int64, all)
	var t threads
	t.on(w.sleeper, func() {
		for i := range all {
			breathe()
			ready.Store(int64(i + 1))
			closed.pass()
			woken[i] = gil.Monotonic()
			done.Store(int64(i + 1))
		}
	})
	t.on(w.waker, func() {
		for i := range all {
			for ready.Load() <= int64(i) {
				breathe()
			}
			w.pass(gil.Monotonic() + int64(sleeps[i%len(sleeps)]))
			begun[i] = gil.Monotonic()
			closed.open()
			ended[i] = gil.Monotonic()
			for done.Load() <= int64(i) {
				breathe()
			}
		}
		over.Store(1)
	})
	if w.hog {
		t.on(w.sleeper, func() {
			yieldToAll()
			for over.Load() == 0 {
			}
		})
	}
	t.wait()
	return sorted(lastOfEach(len(sleeps), begun, woken)), sorted(lastOfEach(len(sleeps), begun, ended))
}

// lastOfEach returns how much later those are than these, of the last of each so many.
func lastOfEach(many int, these, those []int64) (later []int64) {
	for i := many - 1; i < len(these); i += many {
		later = append(later, those[i]-these[i])
	}
	return later
}

// pass lets time go by on the waker's side.
func (w wakes) pass(until int64) {
	if !w.busy {
		sleepUntil(until)
	}
	for gil.Monotonic() < until {
	}
}

// switchCost returns what it costs that one thread goes to sleep and another one,
// woken already, runs on the same CPU. Two threads hand each other a turn; what the
// calls cost that do so is taken off.
func switchCost(cpu int, wake float64) float64 {
	const turns, rounds = 100, 61
	var doors [2]door
	var t threads
	lengths := make([]int64, rounds)
	for me := range 2 {
		t.on(cpu, func() {
			for r := range rounds {
				breathe()
				start := gil.Monotonic()
				for range turns {
					if me == 0 {
						doors[1].open()
						doors[0].pass()
					} else {
						doors[1].pass()
						doors[0].open()
					}
				}
				if me == 0 {
					lengths[r] = gil.Monotonic() - start
				}
			}
		})
	}
	t.wait()
	// Each turn has two switches, each with one call that wakes and one that finds
	// the door closed.
	each := float64(sorted(lengths).Median()) / (2 * turns)
	return max(0, each-wake-closedCost())
}

// closedCost returns what a call costs that would sleep and finds that it need not.
func closedCost() float64 {
	d := door{word: 1}
	return cost(func(n int) {
		for range n {
			d.sleep()
		}
	})
}

// emptyWakeCost returns what a call costs that wakes nobody.
func emptyWakeCost() float64 {
	var d door
	return cost(func(n int) {
		for range n {
			d.wake()
		}
	})
}
