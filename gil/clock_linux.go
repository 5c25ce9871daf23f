package gil

import (
	"syscall"
	"time"
	"unsafe"

	"github.com/fibsim/fibsim/internal/blocking"
)

const clockMonotonic = 1

// clockOffset is CLOCK_MONOTONIC at the start of the process. Events that C stamps are among those that Go does, and some follow
// each other within 40 ns. So it is the middle of what a few differences leave open, whose two readings take as long.
var clockOffset = func() int64 {
	least, most := int64(-1<<63), int64(1<<63-1)
	for range 64 {
		before := int64(time.Since(processStart))
		now := blocking.Nanotime()
		after := int64(time.Since(processStart))
		least, most = max(least, now-after), min(most, now-before)
	}
	return least + (most-least)/2
}()

// sleepThread blocks the OS thread until the monotonic clock shows until, as
// CPython 3.11 and later do, or until stop says so; it asks at least every
// sleepSlice, and after signals.
func sleepThread(until int64, stop func() bool) {
	for {
		at := min(until, Monotonic()+sleepSlice)
		ts := syscall.NsecToTimespec(at)
		err := blocking.SleepUntil(&ts)
		if err == 0 && at == until || err == syscall.EINVAL || stop() {
			return
		}
	}
}

// yieldThread is sleep(0).
func yieldThread() {
	var ts syscall.Timespec
	syscall.Syscall6(syscall.SYS_CLOCK_NANOSLEEP, clockMonotonic, 0, uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
}
