package gil

import (
	"fmt"
	"slices"
)

// Park is a way for a thread to wait.
type Park string

const (
	// ParkAuto takes the first of the others that this build has.
	ParkAuto Park = "auto"
	// ParkPthread waits on the C library's mutex and condition variable, as
	// CPython does. It needs cgo and Linux. Whom a signal reaches is then the C
	// library's and the kernel's choice.
	ParkPthread Park = "pthread"
	// ParkFutex waits in futex(2) without C. It needs Linux. The policy chooses
	// whom a signal reaches.
	ParkFutex Park = "futex"
	// ParkGoroutine waits on a channel and a timer: portable, and testable in
	// virtual time.
	ParkGoroutine Park = "goroutine"
)

// Parks returns the ways to park that this build has, the most faithful first.
func Parks() []Park { return slices.Clone(available) }

// parker owns the short mutex of a lock and makes threads wait.
type parker interface {
	lock()
	unlock()
	// wait raises ask, if there is one, gives up the mutex, waits until the seat is
	// woken or timeout ns are over (0: for ever), and takes the mutex again.
	wait(s *seat, timeout int64, ask *Breaker) (timedOut bool)
	// mark notes, under the mutex, that the wait of a seat is over, which its
	// marked says already; wake, under the mutex or after it, makes the sleeper
	// look.
	mark(s *seat)
	wake(s *seat)
	// onThread reports whether each thread has to stay on one OS thread.
	onThread() bool
	open(s *seat) // makes a seat ready
	semaphore(free bool) sema
	destroy() // gives back what the parker holds of the system
}

// hostParker is a parker with one wait for all who want the lock, of whom the host
// chooses whom a signal reaches.
type hostParker interface {
	parker
	// lockAndWakeAny is lock, and then at once the signal to one of these waits.
	lockAndWakeAny()
	// urgent is lockAndWakeAny for a thread that has computed for long, and has next to
	// nothing in the cache.
	urgent() urgent
	// held notes, under the mutex, whose breaker a waiter has to raise, nil when the lock is
	// free, and whether it has changed hands.
	held(b *Breaker, switched bool)
	// waitAny is a wait for a signal. When its time runs out and the lock is held, and has
	// not changed hands meanwhile, it raises the holder's breaker and begins anew, as
	// policy.Traits.Renews allows. Whoever has the mutex next gives the policy these
	// renewals before anything else.
	waitAny(s *seat, timeout int64) (timedOut bool)
	// renewed is how many there are, and renewals returns them in their order and forgets
	// them. Both are for who has the mutex.
	renewed() *uint32
	renewals() []renewal
}

// renewal is a time-out that was followed by a request and another wait.
type renewal struct {
	thread int64
	at     int64 // on the clock of Monotonic
}

// seat is where one thread waits.
type seat struct {
	marked bool          // a wake has been decided; under the mutex
	word   uint32        // the same, for futex(2)
	ch     chan struct{} // goroutine
	number uint32        // of the thread
	host   hostSeat      // what the system's own way needs
}

// newParker returns the parker, and its name, for a wish.
func newParker(p Park) (parker, Park, error) {
	if p == "" || p == ParkAuto {
		p = available[0]
	}
	if !slices.Contains(available, p) {
		return nil, p, fmt.Errorf("park: %s is not in this build for this system; use auto, or one of %v", p, available)
	}
	if p == ParkGoroutine {
		return new(goroutineParker), p, nil
	}
	return osParker(p), p, nil
}
