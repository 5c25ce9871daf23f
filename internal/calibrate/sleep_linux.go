package calibrate

import (
	"sync/atomic"
	"time"

	"github.com/fibsim/fibsim/gil"
)

// lateSleeps returns how much later than asked sleeps end. With a hog, somebody
// computes on its CPU meanwhile, which lets the sleeper have it at once if it is that one's.
func lateSleeps(sleeper, hog int, length time.Duration, times int) Sample {
	late := make([]int64, times)
	var over atomic.Bool
	var t threads
	t.on(sleeper, func() {
		for i := range times {
			breathe()
			until := gil.Monotonic() + int64(length)
			sleepUntil(until)
			late[i] = gil.Monotonic() - until
		}
		over.Store(true)
	})
	if hog != anyCPU {
		t.on(hog, func() {
			yieldToAll()
			for !over.Load() {
			}
		})
	}
	t.wait()
	return sorted(late)
}

// zeroSleeps returns how long sleep(0) takes.
func zeroSleeps(cpu, times int) Sample {
	lengths := make([]int64, times)
	alone(cpu, func() {
		for i := range times {
			if i%64 == 0 {
				breathe()
			}
			start := gil.Monotonic()
			sleepZero()
			lengths[i] = gil.Monotonic() - start
		}
	})
	return sorted(lengths)
}

// threadStarts returns how long it takes from the wish for a thread until the
// thread runs. Those that run already stay, so that each one is really new.
func threadStarts(times int) Sample {
	lengths := make([]int64, times)
	leave := make(chan struct{})
	var t threads
	// A starter that is bound to its own thread cannot lend it to the new goroutine.
	alone(anyCPU, func() {
		for i := range times {
			started := make(chan struct{})
			begun := gil.Monotonic()
			t.on(anyCPU, func() {
				lengths[i] = gil.Monotonic() - begun
				close(started)
				<-leave
			})
			<-started
		}
	})
	close(leave)
	t.wait()
	// The first ones found threads that had nothing to do.
	return sorted(lengths[times/2:])
}
