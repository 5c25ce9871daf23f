//go:build linux && cgo

package gil

// #cgo LDFLAGS: -pthread
// #cgo noescape gil_wait_shared
// #cgo nocallback gil_wait_shared
// #cgo noescape gil_wait_seat
// #cgo nocallback gil_wait_seat
// #include "park_pthread.h"
import "C"

import (
	"unsafe"

	"github.com/fibsim/fibsim/gil/internal/ccall"
)

var available = []Park{ParkPthread, ParkFutex, ParkGoroutine}

type condition = *C.gil_seat

// pthreadParker waits on the mutex and the condition variable of the C library.
//
// All waiters of the lock share one condition variable, as in CPython, so that
// the C library decides whom a signal reaches. Every other wait, such as a
// shake, has one of its own.
//
// Only the waits are cgo calls. A cgo call touches some thirty cache lines of
// the Go runtime, and after five milliseconds of fib on the same CPU they are
// cold: two to four microseconds, where CPython has its mutex after half of one.
// That is long enough to turn the race for the signal, which is decided while a
// waiter is on its way to sleep. So the rest is called by address.
type pthreadParker struct{ l *C.gil_lock }

var addresses = C.gil_get_addresses()

func osParker(p Park) parker {
	if p == ParkFutex {
		return new(futexParker)
	}
	return &pthreadParker{l: C.gil_new_lock()}
}

func (p *pthreadParker) lock()           { ccall.Call(addresses.lock, unsafe.Pointer(p.l)) }
func (p *pthreadParker) lockAndWakeAny() { ccall.Call(addresses.lock_and_signal, unsafe.Pointer(p.l)) }
func (p *pthreadParker) unlock()         { ccall.Call(addresses.unlock, unsafe.Pointer(p.l)) }
func (p *pthreadParker) onThread() bool  { return true }
func (p *pthreadParker) open(s *seat)    { s.cond = C.gil_new_seat(p.l) }
func (p *pthreadParker) close(s *seat)   { C.gil_free_seat(s.cond) }
func (p *pthreadParker) destroy()        { C.gil_free_lock(p.l) }
func (p *pthreadParker) mark(s *seat)    { s.cond.marked = 1 }
func (p *pthreadParker) wake(s *seat)    { ccall.Call(addresses.signal, unsafe.Pointer(s.cond)) }

func (p *pthreadParker) wait(s *seat, timeout int64, shared bool) (timedOut bool) {
	if shared {
		return C.gil_wait_shared(p.l, C.long(timeout)) != 0
	}
	return C.gil_wait_seat(s.cond, C.long(timeout)) != 0
}
