package calibrate

import (
	"sync/atomic"
	"time"

	"github.com/fibsim/fibsim/gil"
)

const (
	asleepMost   = 64 * time.Microsecond // nothing is said of what takes longer
	asleepTrials = 100                   // for each delay
	asleepStep   = 50                    // ns between the delays that are told apart
	soundAsleep  = 100 * time.Microsecond
)

// fallsAsleep returns how long it takes a thread from its call that sleeps until it can
// be woken: the delay after which half of the tries to wake it succeed. Each try is
// the only one of its kind, since one that goes on and on would hold the thread up.
func fallsAsleep(sleeper, waker int) int64 {
	low, high := int64(0), int64(asleepMost)
	for high-low > asleepStep {
		delay := (low + high) / 2
		if asleep := triesToWake(sleeper, waker, delay); asleep > asleepTrials/2 {
			high = delay
		} else {
			low = delay
		}
	}
	return (low + high) / 2
}

// triesToWake returns how many of the tries find the thread asleep that begin a
// delay after the thread's call.
func triesToWake(sleeper, waker int, delay int64) (asleep int) {
	var d door
	var begun, woken [asleepTrials]atomic.Int64
	var t threads
	t.on(sleeper, func() {
		for i := range asleepTrials {
			breathe()
			begun[i].Store(gil.Monotonic())
			d.sleep()
			woken[i].Store(1)
		}
	})
	t.on(waker, func() {
		for i := range asleepTrials {
			breathe()
			for begun[i].Load() == 0 {
			}
			try := begun[i].Load() + delay
			for gil.Monotonic() < try {
			}
			if d.wake() {
				asleep++
			}
			for try += int64(soundAsleep); woken[i].Load() == 0; {
				if gil.Monotonic() > try {
					d.wake()
				}
			}
		}
	})
	t.wait()
	return asleep
}
