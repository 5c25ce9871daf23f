package timeline

import "github.com/fibsim/fibsim/gil/trace"

// Timeline is the picture of one run.
type Timeline struct {
	Threads []trace.Thread // by number

	// Lanes holds the spans of each thread, by number. They follow one another
	// without a gap, from the state in which the thread begins to its end, or to
	// End where it was stopped. A thread that never began has none, and Done is
	// no span. Neighbours differ in state, and a span may be empty.
	Lanes [][]Span

	// Tasks are those of the event loops, by number, and TaskLanes the spans of each. A
	// lane begins where the task could go on for the first time, and ends with the last
	// time that its loop went on with it, or where it was stopped.
	Tasks     []trace.Thread
	TaskLanes [][]TaskSpan

	Holds    []Hold    // in their order; they never overlap. None without a lock
	Handoffs []Handoff // in their order
	Waiters  []Count   // where the number changes; none where nobody ever waits
	Marks    []Mark    // in the order of the lock's numbers

	// Start is where the picture begins: of a whole run at 0, or before, where its
	// threads began before the warm-up. End is the time of its last event.
	Start, End int64

	// Cut is the time from which on the log has no events, because a thread made
	// too many; 0 when nothing was left out.
	Cut int64
}

// Span is a stretch of time that a thread spent in one state.
type Span struct {
	Start, End int64
	State      trace.State
}

// TaskSpan is a stretch of time that a task spent in one state: as its loop's thread, while
// that was in it; Sleep or IO, until it could go on, or NoGIL, while another process
// computed for it; then Behind, until the turns of others were over, and after them what
// the thread itself waited for on its way to it.
type TaskSpan struct {
	Span

	// Behind is who had the thread when the task came to be Behind: the number of a task;
	// -1 where that was none, or one that has no number. Turns is how many turns of others
	// the task waited out.
	Behind int32
	Turns  int
}

// Hold is a stretch of time in which a thread had the lock.
type Hold struct {
	Start, End int64
	Thread     int32
	Forced     bool // it ended because the thread was asked to let go
}

// Handoff is the way of the lock from one thread to another: let go at Released,
// and taken next at Taken.
type Handoff struct {
	From, To        int32
	Released, Taken int64
	Forced          bool // From let go because it was asked to
}

// Count says how many threads wait for the lock from Time on.
type Count struct {
	Time int64
	N    int
}

// Mark is a moment of the lock: a trace.Request, a trace.TimedOut or a
// trace.Forced of Thread; -1 where the lock's own clock did it. Other is the
// thread that is asked, and otherwise -1.
type Mark struct {
	Time          int64
	Kind          trace.Kind
	Thread, Other int32
}
