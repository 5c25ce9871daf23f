package gil

import (
	"syscall"
	"time"
	"unsafe"

	"github.com/fibsim/fibsim/internal/blocking"
)

const clockMonotonic = 1

// clockOffset is CLOCK_MONOTONIC at the start of the process: the smallest of a
// few differences, since an interruption can only widen one.
var clockOffset = func() int64 {
	offset := int64(1<<63 - 1)
	for range 16 {
		var ts syscall.Timespec
		before := int64(time.Since(processStart))
		syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&ts)), 0)
		offset = min(offset, ts.Nano()-before)
	}
	return offset
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
