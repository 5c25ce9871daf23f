package trace

import (
	"fmt"
	"time"
)

// Rules says what a Log is held against: what the lock of its run declares about
// itself. The zero Rules are those of a run without a lock.
type Rules struct {
	// Lock says that the threads share one lock.
	Lock bool
	// WakeOrder is the rule by which a waiter is chosen: fifo, glibc-2.36 or host.
	// Where it is empty, any waiter may be woken, and a release need wake nobody.
	WakeOrder string
	// Interval is how long, in nanoseconds, a waiter waits before it asks the
	// holder to let go; 0 where waiters do not ask.
	Interval int64
	// Countdown says that the holder lets go at the end of a countdown of its own,
	// so that a forced switch needs no request.
	Countdown bool
	// Shakes says that a thread that was asked to let go does not go on before
	// another thread has taken the lock.
	Shakes bool
}

// Invariant names a rule that holds in every run of every backend.
type Invariant string

const (
	// OneHolder: at most one thread has the lock; only that thread is in run, and
	// it does not block before it has let go.
	OneHolder Invariant = "one-holder"
	// LegalTransition: a thread goes from one state only to those that can follow.
	LegalTransition Invariant = "legal-transition"
	// StatesAddUp: the time of a thread does not go back; the states of an
	// iteration add up to its latency, and those of a thread to its lifetime.
	StatesAddUp Invariant = "states-add-up"
	// SeqGapless: the events of the lock are numbered from 1 without a gap, and
	// their times do not decrease.
	SeqGapless Invariant = "seq-gapless"
	// ForcedAfterRequest: a thread is forced to let go, or shakes hands, only if it
	// was asked to since it took the lock; only the holder is asked.
	ForcedAfterRequest Invariant = "forced-after-request"
	// DropperWaits: after a thread let go on request, another thread takes the lock
	// before it goes on.
	DropperWaits Invariant = "dropper-waits"
	// RequestWiped: a request ends with the holder that it was made to.
	RequestWiped Invariant = "request-wiped"
	// WakeOrderKept: each release wakes one waiter, and one that the declared order
	// allows; no wait ends by a wake that nobody sent.
	WakeOrderKept Invariant = "wake-order"
	// TimeoutFullInterval: a wait that timed out lasted an interval at least, and
	// is followed by a request only if the lock stayed with one thread meanwhile.
	TimeoutFullInterval Invariant = "timeout-full-interval"
	// RequestEndsOnce: the iterations of a thread, or of a task, are numbered from 0
	// without a gap, do not overlap, and end once. One that is open at the end is legal.
	// No loop goes on with a task before that can.
	RequestEndsOnce Invariant = "request-ends-once"
)

// Violation is the error that says where a Log breaks an Invariant.
type Violation struct {
	Invariant Invariant
	Event     Event  // the one at which it shows
	Text      string // what is wrong, with the names of the threads
}

// Error names the invariant, the time, the number of the event if it has one,
// and what is wrong.
func (v *Violation) Error() string {
	at := time.Duration(v.Event.Time).String()
	if v.Event.Seq != 0 {
		at += fmt.Sprintf(", seq %d", v.Event.Seq)
	}
	return fmt.Sprintf("%s: at %s: %s", v.Invariant, at, v.Text)
}
