//go:build linux && cgo

package gil

// #cgo LDFLAGS: -pthread
// #include "park_pthread.h"
import "C"

import (
	"unsafe"

	"github.com/fibsim/fibsim/gil/internal/ccall"
	"github.com/fibsim/fibsim/gil/policy"
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
// CPython has its mutex after less than one. Who asked for the lock still has the mutex
// then, or is on its way to sleep, and when in this the signal comes decides who gets the lock.
// So everything is called by address, and what is called is the C library itself or a few lines of C.
//
// That way can be too short as well: park_pthread.c says where it is made as long as CPython's.
//
// A thread so sleeps on the mutex while Go takes it for running, and a stop of the world
// waits for it. Therefore who has the mutex in Go is pinned, and goes on.
type pthreadParker struct {
	l       *C.gil_lock
	wakeAny urgent
}

// hostSeat is the stack of a thread's waits.
type hostSeat struct{ stack *blocking.Stack }

var addresses = C.gil_get_addresses()

func osParker(p Park) parker {
	if p == ParkFutex {
		return new(futexParker)
	}
	l := C.gil_new_lock()
	return &pthreadParker{l, urgent{addresses.lock_and_signal, unsafe.Pointer(l)}}
}

func (p *pthreadParker) lock() { ccall.CallPinned(addresses.lock, unsafe.Pointer(&p.l.mutex)) }

func (p *pthreadParker) lockAndWakeAny() { p.wakeAny.do() }
func (p *pthreadParker) urgent() urgent  { return p.wakeAny }

// urgent is lockAndWakeAny that needs nothing but what it holds: what lies in the cache line
// of a breaker is at hand.
type urgent struct{ lockAndSignal, l unsafe.Pointer }

func (u *urgent) do() (locked bool) {
	if u.lockAndSignal == nil {
		return false
	}
	ccall.CallPinned(u.lockAndSignal, u.l)
	return true
}

func (p *pthreadParker) unlock() {
	ccall.Call(addresses.unlock, unsafe.Pointer(&p.l.mutex))
	blocking.Unpin()
}

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

func (p *pthreadParker) waitAny(s *seat, interval int64) hostEnd {
	return p.call(addresses.wait, s, interval)
}

func (p *pthreadParker) shake(s *seat, interval int64) hostEnd {
	return p.call(addresses.shake, s, interval)
}

func (p *pthreadParker) call(wait unsafe.Pointer, s *seat, interval int64) hostEnd {
	return hostEnd(s.host.stack.Call(wait, unsafe.Pointer(p.l), interval, &s.word))
}

func (p *pthreadParker) wakeShaker() {
	if p.l.shaker != nil {
		ccall.Call(addresses.wake_shaker, unsafe.Pointer(p.l))
	}
}

func (p *pthreadParker) lookAtClock() (at int64) {
	ccall.Call(addresses.look_at_clock, unsafe.Pointer(&at))
	return at
}

func (p *pthreadParker) letGo() { p.l.breaker = nil }

// taken lets C raise the breaker only while its thread has the lock, and so is alive.
func (p *pthreadParker) taken(s *seat) {
	p.l.breaker = (*C.uint32_t)(unsafe.Pointer(s.breaker))
	if last := C.uint32_t(s.number); p.l.last != last {
		p.l.last = last
		p.l.switches++
	}
}

func (p *pthreadParker) noted() *uint32 { return (*uint32)(unsafe.Pointer(&p.l.noted)) }

// notes are read where C has written them.
func (p *pthreadParker) notes() []note {
	n := p.l.noted
	p.l.noted = 0
	return (*[C.GIL_NOTES]note)(unsafe.Pointer(&p.l.notes))[:n]
}

// What C and Go both know.
var (
	_ [hostEnd(policy.Take)]byte     = [C.GIL_TAKE]byte{}
	_ [hostEnd(policy.Woken)]byte    = [C.GIL_WOKEN]byte{}
	_ [hostEnd(policy.TimedOut)]byte = [C.GIL_TIMED_OUT]byte{}
	_ [granted]byte                  = [C.GIL_GRANTED]byte{}

	_ [0]byte                               = [unsafe.Offsetof(Breaker{}.raised)]byte{}
	_ [unsafe.Offsetof(seat{}.number)]byte  = [unsafe.Offsetof(C.gil_seat{}.thread)]byte{}
	_ [unsafe.Offsetof(seat{}.breaker)]byte = [unsafe.Offsetof(C.gil_seat{}.breaker)]byte{}
)
