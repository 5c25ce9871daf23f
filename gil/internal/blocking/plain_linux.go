//go:build linux && race

package blocking

import (
	"syscall"
	"unsafe"
)

// WaitFutex is futex(2) with FUTEX_WAIT_PRIVATE: it sleeps while *word is value, at
// most for timeout (nil: without end). It may return early.
func WaitFutex(word *uint32, value uint32, timeout *syscall.Timespec) {
	syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWaitPrivate, uintptr(value), uintptr(unsafe.Pointer(timeout)), 0, 0)
}

// SleepUntil is clock_nanosleep(2) with TIMER_ABSTIME on the monotonic clock.
func SleepUntil(at *syscall.Timespec) syscall.Errno {
	_, _, err := syscall.Syscall6(syscall.SYS_CLOCK_NANOSLEEP, clockMonotonic, timerAbstime, uintptr(unsafe.Pointer(at)), 0, 0, 0)
	return err
}
