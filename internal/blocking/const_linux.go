package blocking

import (
	"syscall"
	"unsafe"
)

// Of linux/futex.h and linux/time.h.
const (
	futexWait        = 0
	futexWake        = 1
	futexWaitPrivate = futexWait | 128
	clockMonotonic   = 1
	timerAbstime     = 1
)

// WakeSharedFutex is futex(2) with FUTEX_WAKE, of one, who may be in another process.
func WakeSharedFutex(word *uint32) {
	syscall.Syscall(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWake, 1)
}
