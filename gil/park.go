package gil

import (
	"fmt"
	"slices"

	"github.com/fibsim/fibsim/gil/policy"
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
	// lookAtClock is Monotonic, read as a program reads it whose lock waits like this one.
	lookAtClock() int64
	// letGo and taken note, under the mutex, what the holder itself did.
	letGo()
	taken(s *seat)
	// waitAny is a wait for a signal, and all that follows by policy.Traits.Ahead until the
	// thread has the lock. Then it returns granted. It gives up when it can take no more
	// notes, and returns the input that it could not note. It gives up the mutex for good.
	waitAny(s *seat, interval int64) hostEnd
	// shake waits, without end, until another has taken the lock, and returns policy.Take.
	// With an interval that is a first wait, and it goes on as waitAny. It gives up the
	// mutex for good.
	shake(s *seat, interval int64) hostEnd
	// wakeShaker ends the first wait of shake, where nobody has done so. Under the mutex.
	wakeShaker()
	// noted is how many notes there are, and notes returns them in their order and forgets
	// them. Both are for who has the mutex, and whoever takes that for an input of the policy
	// gives it them first.
	noted() *uint32
	notes() []note
}

// hostEnd is how waits with the host ended: a policy.InputKind, or granted.
type hostEnd uint32

const granted = hostEnd(policy.TimedOut) + 1

// note is an input that the policy has not been given yet, while the thread went on as it
// would decide: Woken, TimedOut, or a Take that comes back from shaking hands.
type note struct {
	thread uint32
	input  uint32 // a policy.InputKind
	at     int64  // on the clock of Monotonic
}

// seat is where one thread waits. C knows how it begins.
type seat struct {
	word    uint32        // a wake has been decided, for futex(2)
	number  uint32        // of the thread
	breaker *Breaker      // of the thread
	marked  bool          // the same as word, under the mutex
	ch      chan struct{} // goroutine
	host    hostSeat      // what the system's own way needs
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
