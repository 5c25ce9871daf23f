//go:build linux && cgo

package gil

// #cgo LDFLAGS: -pthread
// #cgo noescape gil_lock_mutex
// #cgo nocallback gil_lock_mutex
// #cgo noescape gil_signal
// #cgo nocallback gil_signal
// #include "park_pthread.h"
import "C"

import (
	"unsafe"

	"github.com/fibsim/fibsim/gil/internal/ccall"
	"github.com/fibsim/fibsim/internal/blocking"
)

var available = []Park{ParkPthread, ParkFutex, ParkGoroutine}

// pthreadParker waits on the mutex and the condition variable of the C library.
//
// All waiters of a lock like CPython 3's share one condition variable, as they do
// there, so that the C library decides whom a signal reaches. In every other wait
// the policy has chosen the thread, and a futex wakes just that one.
//
// A cgo call touches some thirty cache lines of the Go runtime, and after five
// milliseconds of fib on the same CPU they are cold: two to four microseconds, where
// CPython has its mutex after half of one. That is long enough to turn the race for
// the signal, which is decided while a waiter is on its way to sleep. So all but the
// waits is called by address.
type pthreadParker struct{ l *C.gil_lock }

// hostSeat is the stack of a thread's waits.
type hostSeat struct{ stack *blocking.Stack }

var addresses = C.gil_get_addresses()

func osParker(p Park) parker {
	if p == ParkFutex {
		return new(futexParker)
	}
	return &pthreadParker{l: C.gil_new_lock()}
}

func (p *pthreadParker) lock() {
	if !p.try(addresses.try) {
		C.gil_lock_mutex(p.l)
	}
}

func (p *pthreadParker) lockAndWakeAny() {
	if !p.try(addresses.try_and_signal) {
		C.gil_lock_mutex(p.l)
		C.gil_signal(p.l)
	}
}

// urgent is a try at lockAndWakeAny that needs nothing but what it holds: what lies in
// the cache line of a breaker is at hand.
type urgent struct{ f, lock unsafe.Pointer }

func (p *pthreadParker) urgent() urgent { return urgent{addresses.try_and_signal, unsafe.Pointer(p.l)} }

// do makes the try, if there is one.
func (u urgent) do() (locked bool) { return u.f != nil && ccall.Call(u.f, u.lock) == 0 }

// try takes the mutex by address, for all but a few of the times. It gives up
// soon, and a cgo call takes over: a thread that waits by address keeps its P,
// which the holder of the mutex may need, and cannot be stopped, which the holder
// may have been.
func (p *pthreadParker) try(lock unsafe.Pointer) bool {
	return ccall.Call(lock, unsafe.Pointer(p.l)) == 0
}

func (p *pthreadParker) unlock()        { ccall.Call(addresses.unlock, unsafe.Pointer(p.l)) }
func (p *pthreadParker) onThread() bool { return true }
func (p *pthreadParker) open(s *seat)   { s.host.stack = new(blocking.Stack) }
func (p *pthreadParker) destroy()       { C.gil_free_lock(p.l) }
func (p *pthreadParker) mark(s *seat)   { s.mark() }
func (p *pthreadParker) wake(s *seat)   { wakeFutex(&s.word) }

func (p *pthreadParker) semaphore(free bool) sema { return newFutexSema(free) }

func (p *pthreadParker) wait(s *seat, timeout int64, ask *Breaker) (timedOut bool) {
	ask.raiseAny()
	p.unlock()
	timedOut = s.sleep(timeout)
	p.lock()
	s.clear()
	return timedOut
}

// waitAny stays in C for as long as its waits are renewed.
func (p *pthreadParker) waitAny(s *seat, timeout int64) (timedOut bool) {
	return s.host.stack.Call(addresses.wait, unsafe.Pointer(p.l), timeout, &s.number) != 0
}

func (p *pthreadParker) held(b *Breaker, switched bool) {
	p.l.breaker = nil
	if b != nil {
		// C raises it only while its thread has the lock, and so is alive.
		p.l.breaker = (*C.uint32_t)(unsafe.Pointer(&b.raised))
	}
	if switched {
		p.l.switches++
	}
}

func (p *pthreadParker) renewed() *uint32 { return (*uint32)(unsafe.Pointer(&p.l.renewed)) }

// renewals are read where C has written them.
func (p *pthreadParker) renewals() []renewal {
	n := p.l.renewed
	p.l.renewed = 0
	return (*[C.GIL_RENEWALS]renewal)(unsafe.Pointer(&p.l.renewals))[:n]
}
