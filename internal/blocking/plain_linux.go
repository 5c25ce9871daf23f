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

// WaitSharedFutex is futex(2) with FUTEX_WAIT: it sleeps while *word, which processes
// share, is value. It may return early.
func WaitSharedFutex(word *uint32, value uint32) {
	syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWait, uintptr(value), 0, 0, 0)
}

// SleepUntil is clock_nanosleep(2) with TIMER_ABSTIME on the monotonic clock.
func SleepUntil(at *syscall.Timespec) syscall.Errno {
	_, _, err := syscall.Syscall6(syscall.SYS_CLOCK_NANOSLEEP, clockMonotonic, timerAbstime, uintptr(unsafe.Pointer(at)), 0, 0, 0)
	return err
}

// Read is read(2).
func Read(fd int, b []byte) (int, syscall.Errno) {
	n, _, err := syscall.Syscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	return int(n), err
}

// Poll is ppoll(2) with the signals as they are; fds points to n structs pollfd.
func Poll(fds unsafe.Pointer, n int, timeout *syscall.Timespec) (int, syscall.Errno) {
	ready, _, err := syscall.Syscall6(syscall.SYS_PPOLL, uintptr(fds), uintptr(n), uintptr(unsafe.Pointer(timeout)), 0, 0, 0)
	return int(ready), err
}
