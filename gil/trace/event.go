package trace

// Kind is what an Event reports.
type Kind uint8

const (
	// What a thread does. Seq is 0: their order is that of their thread.
	StateChange Kind = iota // Arg: the new State
	IterBegin               // Arg: number of the iteration; Arg2: intended start
	IterEnd                 // Arg: planned sleep; Err

	// What the lock does. Seq counts them, without a gap, in the order in which
	// the lock's own mutex saw them.
	Ask      // found the lock taken by Other and will wait
	Wait     // begins wait number Arg
	Request  // asks Other, the holder, to let go
	Handoff  // wakes Other from wait number Arg; -1: the host chooses among the waiters
	Woken    // wait number Arg ended by a wake
	TimedOut // wait number Arg ended by its time-out
	Take     // has the lock, which Other had last; Arg 1: barged
	Release  // let go for reasons of its own
	Forced   // let go because of a request
	Shake    // waits until another thread has taken the lock
	Shaken   // that has happened
	kinds
)

var kindNames = [...]string{
	"state", "begin", "end", "ask", "wait", "request", "handoff", "woken",
	"timed_out", "take", "release", "forced", "shake", "shaken",
}

// String returns the kind's name in events.csv.
func (k Kind) String() string { return kindNames[k] }

// OfLock reports whether the lock numbers events of kind k.
func (k Kind) OfLock() bool { return k >= Ask }

// Event is one entry of a Log.
type Event struct {
	Seq    int64 // from 1 for events of the lock, otherwise 0
	Time   int64
	Kind   Kind
	Thread int32 // who did it
	Other  int32 // -1: nobody
	Arg    int64
	Arg2   int64
	Err    string
}
