package trace

// Kind is what an Event reports.
type Kind uint8

const (
	// What a thread does. Seq is 0: their order is that of their thread.
	StateChange Kind = iota // Arg: the new State
	IterBegin               // Arg: number of the iteration; Arg2: intended start; Other: see TaskBegin
	IterEnd                 // Arg: planned sleep; Err

	// What the tasks of an event loop do, on the thread of the loop. An iteration of that
	// thread is a piece: the time for which it goes on with one task, whose number is in
	// Other (-1: a task that nobody asks about). Its intended start is since when the task
	// could go on, and its planned sleep what the task asks for as it lets the others go
	// on. An iteration of the task begins and ends between two pieces.
	TaskBegin // of task Other. Arg: number of the iteration
	TaskEnd   // of task Other. Arg: planned sleep; Err
	// TaskServed: while task Other waited, another process computed for it from Arg to Arg2.
	TaskServed

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
	"state", "begin", "end", "task_begin", "task_end", "task_served", "ask", "wait", "request", "handoff", "woken",
	"timed_out", "take", "release", "forced", "shake", "shaken",
}

// String returns the kind's name in events.csv.
func (k Kind) String() string { return kindNames[k] }

// ofTask reports whether an event of kind k is about a task and not the thread of its
// loop.
func (k Kind) ofTask() bool { return k >= TaskBegin && k <= TaskServed }

// OfLock reports whether the lock numbers events of kind k.
func (k Kind) OfLock() bool { return k >= Ask }

// Event is one entry of a Log.
type Event struct {
	Seq    int64 // from 1 for events of the lock, otherwise 0
	Time   int64
	Kind   Kind
	Thread int32 // who did it
	Other  int32 // a thread, or a task, which have numbers of their own; -1: nobody
	Arg    int64
	Arg2   int64
	Err    string
}
