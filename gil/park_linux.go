package gil

import (
	"sync/atomic"
	"syscall"
	"unsafe"

	"github.com/fibsim/fibsim/internal/blocking"
)

// futexParker waits in futex(2) without the C library. Its mutex is the third
// one of Drepper's "Futexes Are Tricky": 0 free, 1 taken, 2 taken and waited for.
type futexParker struct {
	word uint32
	_    [124]byte // has its cache lines to itself: the allocator would put other small things beside it
}

const (
	futexWake        = 1
	futexPrivateFlag = 128
)

func (f *futexParker) lock() {
	if atomic.CompareAndSwapUint32(&f.word, 0, 1) {
		return
	}
	f.lockTaken()
}

// lockTaken is lock where the mutex was not free; by itself, so that lock needs no
// stack.
func (f *futexParker) lockTaken() {
	for atomic.SwapUint32(&f.word, 2) != 0 {
		// Not a raw call: when the world is stopped, the holder may be, and a
		// thread that waits for it must not count as one that runs.
		waitFutex(&f.word, 2, 0)
	}
}

func (f *futexParker) unlock() {
	if atomic.SwapUint32(&f.word, 0) == 2 {
		wakeFutex(&f.word)
	}
}

func (f *futexParker) onThread() bool { return true }
func (f *futexParker) open(*seat)     {}
func (f *futexParker) destroy()       {}
func (f *futexParker) mark(s *seat)   { s.mark() }
func (f *futexParker) wake(s *seat)   { wakeFutex(&s.word) }

func (f *futexParker) wait(s *seat, timeout int64, ask *Breaker) (timedOut bool) {
	ask.raiseAny()
	f.unlock()
	timedOut = s.sleep(timeout)
	f.lock()
	s.clear()
	return timedOut
}

// mark notes that the wait is over, and clear that the next one is not; both are
// for who has the mutex.
func (s *seat) mark()  { atomic.StoreUint32(&s.word, 1) }
func (s *seat) clear() { atomic.StoreUint32(&s.word, 0) }

// sleep waits in futex(2) until the seat is marked, at most timeout ns (0: for
// ever).
func (s *seat) sleep(timeout int64) (timedOut bool) {
	var deadline int64
	if timeout > 0 {
		deadline = Monotonic() + timeout
	}
	for atomic.LoadUint32(&s.word) == 0 {
		left := int64(0)
		if deadline > 0 {
			if left = deadline - Monotonic(); left <= 0 {
				return true
			}
		}
		waitFutex(&s.word, 0, left)
	}
	return false
}

// waitFutex sleeps while *word is value, at most ns (0: without end). It may
// return early.
func waitFutex(word *uint32, value uint32, ns int64) {
	var ts *syscall.Timespec
	if ns > 0 {
		t := syscall.NsecToTimespec(ns)
		ts = &t
	}
	blocking.WaitFutex(word, value, ts)
}

func wakeFutex(word *uint32) { wakeFutexes(word, 1) }

// wakeFutexes wakes the n that have slept longest.
func wakeFutexes(word *uint32, n uintptr) {
	syscall.RawSyscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWake|futexPrivateFlag, n, 0, 0, 0)
}
