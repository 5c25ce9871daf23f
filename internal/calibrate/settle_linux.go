//go:build !cgo

package calibrate

import (
	"sync/atomic"
	"time"

	"github.com/fibsim/fibsim/gil"
)

const (
	settleMost   = 64 * time.Microsecond // nothing is said of what takes longer
	settleTrials = 100                   // for each delay
	settleStep   = 50                    // ns between the delays that are told apart
	soundAsleep  = 100 * time.Microsecond
)

// settle returns how long it takes a thread from its call that sleeps until it can
// be woken: the delay after which half of the tries to wake it succeed. Each try is
// the only one of its kind, since one that goes on and on would hold the thread up.
func settle(sleeper, waker int) int64 {
	low, high := int64(0), int64(settleMost)
	for high-low > settleStep {
		delay := (low + high) / 2
		if asleep := triesToWake(sleeper, waker, delay); asleep > settleTrials/2 {
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
	var begun, woken [settleTrials]atomic.Int64
	var t threads
	t.on(sleeper, func() {
		for i := range settleTrials {
			breathe()
			begun[i].Store(gil.Monotonic())
			d.sleep()
			woken[i].Store(1)
		}
	})
	t.on(waker, func() {
		for i := range settleTrials {
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
