//go:build linux && !race

package blocking

import (
	"runtime"
	"syscall"
	"unsafe"
)

// Both want to be called by the same function, which must not grow its stack in
// between.

//go:linkname entersyscallblock runtime.entersyscallblock
func entersyscallblock()

//go:linkname exitsyscall runtime.exitsyscall
func exitsyscall()

// WaitFutex is futex(2) with FUTEX_WAIT_PRIVATE: it sleeps while *word is value, at
// most for timeout (nil: without end). It may return early.
//
//go:nosplit
func WaitFutex(word *uint32, value uint32, timeout *syscall.Timespec) {
	entersyscallblock()
	syscall.RawSyscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWaitPrivate, uintptr(value), uintptr(unsafe.Pointer(timeout)), 0, 0)
	exitsyscall()
	runtime.KeepAlive(word)
	runtime.KeepAlive(timeout)
}

// WaitSharedFutex is futex(2) with FUTEX_WAIT: it sleeps while *word, which processes
// share, is value. It may return early.
//
//go:nosplit
func WaitSharedFutex(word *uint32, value uint32) {
	entersyscallblock()
	syscall.RawSyscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWait, uintptr(value), 0, 0, 0)
	exitsyscall()
	runtime.KeepAlive(word)
}

// SleepUntil is clock_nanosleep(2) with TIMER_ABSTIME on the monotonic clock.
//
//go:nosplit
func SleepUntil(at *syscall.Timespec) syscall.Errno {
	entersyscallblock()
	_, _, err := syscall.RawSyscall6(syscall.SYS_CLOCK_NANOSLEEP, clockMonotonic, timerAbstime, uintptr(unsafe.Pointer(at)), 0, 0, 0)
	exitsyscall()
	runtime.KeepAlive(at)
	return err
}

// Read is read(2).
//
//go:nosplit
func Read(fd int, b []byte) (int, syscall.Errno) {
	entersyscallblock()
	n, _, err := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	exitsyscall()
	runtime.KeepAlive(b)
	return int(n), err
}

// Poll is ppoll(2) with the signals as they are; fds points to n structs pollfd.
//
//go:nosplit
func Poll(fds unsafe.Pointer, n int, timeout *syscall.Timespec) (int, syscall.Errno) {
	entersyscallblock()
	ready, _, err := syscall.RawSyscall6(syscall.SYS_PPOLL, uintptr(fds), uintptr(n), uintptr(unsafe.Pointer(timeout)), 0, 0, 0)
	exitsyscall()
	runtime.KeepAlive(fds)
	runtime.KeepAlive(timeout)
	return int(ready), err
}
