package policy

// Thread numbers the threads of one lock from 0. The number of a thread that has ended may
// go to a new one, once another has taken the lock since.
type Thread int32

const (
	Nobody Thread = -1 // no thread at all
	Anyone Thread = -2 // in a Wake: the driver's primitive chooses among the waiters
)

// Policy decides who has one lock. Its methods must not be called concurrently.
type Policy interface {
	// Step takes one input and appends the decisions to out. It panics when the
	// input breaks the contract, such as a Release by a thread that has not got
	// the lock. It must not block: the driver has a mutex taken.
	Step(in Input, out []Decision) []Decision
	// Traits returns what the driver has to know; it never changes.
	Traits() Traits
}

// Quick is a Policy with a short way for the two commonest inputs, in the case
// that nobody else has to do with them. The driver may take it instead of Step;
// the policy says whether it applies, and has changed nothing where it does not.
type Quick interface {
	Policy
	// QuickTake is Take of t. It applies when Step would decide nothing but to
	// grant, without barging; prev is the Prev of that Grant.
	QuickTake(t Thread) (prev Thread, ok bool)
	// QuickRelease is Release by t, for whatever reason. It applies when Step would
	// decide nothing at all.
	QuickRelease(t Thread) (ok bool)
}

// Traits are the properties of a policy that its driver carries out.
type Traits struct {
	// None says that there is no lock: the driver need not call Step.
	None bool
	// Ticks is how many ticks a holder runs between two Checks; 0: none, the
	// driver's flag alone says when to look.
	Ticks int
	// WakeUnderMutex says that waiters are signalled before the mutex is let go.
	WakeUnderMutex bool
	// WakeOrder is the rule by which a waiter is chosen, for the checker.
	WakeOrder WakeOrder
	// LateSignal says what becomes of a signal that was sent to a thread whose
	// wait had just timed out.
	LateSignal LateSignal
	// Interval is how long a waiter waits, in nanoseconds, before it asks for the
	// lock; 0: waiters do not ask. For the checker.
	Interval int64
	// Ahead says that a driver can know what Step will decide for a Take, Woken or TimedOut,
	// and may do it first and give the input later, in its turn. Where the lock is free that
	// is a Grant, with the end of a shake if there is one. Where it is held it is a Park
	// for Interval, after an Ask of the holder if the wait timed out and the lock is in the
	// same hands as when it began.
	Ahead bool
	// Shakes says that a thread that was asked to let go does not go on before
	// another has taken the lock. For the checker.
	Shakes bool
}

// LateSignal is the fate of a signal that finds its wait timed out.
type LateSignal uint8

const (
	Consumed LateSignal = iota // the wait counts as woken
	PassedOn                   // the wait counts as timed out; the signal goes to the next waiter of its group
)

// InputKind is what happened.
type InputKind uint8

const (
	Take     InputKind = iota // Thread wants the lock
	Woken                     // wait Wait of Thread ended by a wake
	TimedOut                  // wait Wait of Thread ended by its time-out
	Release                   // Thread lets go, because of Why
	Check                     // Thread, the holder, has run Ticks ticks
	Timer                     // the time of an ArmTimer has come
	Exit                      // Thread, the holder, lets go and ends
)

// Why is the reason of a Release.
type Why uint8

const (
	Blocking Why = iota // the thread is about to block, or to run code without the lock
	Asked               // it was asked to
)

// Input is one thing that happened to the lock. Now is in nanoseconds and never
// decreases from one Step to the next.
type Input struct {
	Kind   InputKind
	Thread Thread
	Now    int64
	Wait   uint64
	Why    Why
	Ticks  int
}

// DecisionKind is what is to be done.
type DecisionKind uint8

const (
	Grant    DecisionKind = iota // Thread has the lock; Prev had it before, Barged if it overtook a woken thread
	Park                         // Thread waits, at most Timeout ns (0: for ever); this is its wait Wait
	Wake                         // end the wait Wait of Thread (for Anyone, one wait of the host's choice)
	Ask                          // raise the flag of Thread, the holder; on behalf of By
	Shake                        // Thread, which let go, waits (wait Wait) until another has taken the lock
	ArmTimer                     // give the input Timer after Timeout ns
	Rouse                        // the signal of the Wake before wakes the sleeper Thread, too, in vain: it goes on waiting (WithSettle)
)

// Decision is one thing to do. Decisions are carried out in their order.
type Decision struct {
	Kind    DecisionKind
	Thread  Thread
	By      Thread // Ask: the waiter whose patience ended
	Prev    Thread // Grant: the holder before, or Nobody
	Barged  bool
	Timeout int64
	Wait    uint64
}

// put appends a decision of kind k about t and returns it, to be filled in where
// it lies. A struct of this size that is built elsewhere and then copied costs as
// much as a mutex: the wide loads of the copy wait for the narrow stores before it.
func put(out []Decision, k DecisionKind, t Thread) ([]Decision, *Decision) {
	n := len(out)
	if n < cap(out) {
		out = out[:n+1]
		out[n] = Decision{}
	} else {
		out = append(out, Decision{})
	}
	d := &out[n]
	d.Kind, d.Thread = k, t
	return out, d
}
