package explain

import (
	"math"

	"github.com/fibsim/fibsim/gil/trace"
)

// turns follows the tasks of an event loop from the view of one of them, whose
// iteration the walker takes apart. The walker goes through the events of the loop's
// thread; while that is in another task, or in none, what it does is why the task waits.
type turns struct {
	task int32 // whose iteration it is; nobody: it is one of a thread
	now  int32 // the task that has the thread; nobody: the loop's own code has it

	last  int32 // the task that had it last,
	until int64 // until then,
	piece int32 // in a step that began at this place

	// A task that the loop has left waits for something, until it could go on.
	ready  int64
	awaits Cause // Sleep or IO
	left   int32 // place where it was left
	late   Cause // what a thread is about that sleeps on after that

	// Meanwhile another process computed for it.
	servedFrom, servedTo int64

	received int64 // when a request that a client saw came to its task; what that did before was not for it
}

// newTurns returns the turns as an iteration begins: a task that a client saw has yet to
// get the request, from a network or from the loop.
func newTurns(h *History, it *Iteration) turns {
	s := turns{
		task: it.Thread - int32(len(h.log.Threads)), now: nobody, last: nobody,
		ready: math.MinInt64, awaits: IO, late: Loop, received: math.MinInt64,
	}
	if s.task < 0 {
		s.task = nobody
	}
	if it.served {
		s.late, s.received = Network, it.received
	}
	return s
}

// event follows the pieces of the loop's thread. Rest are the events of its lane from
// this one on.
func (s *turns) event(log *trace.Log, at int32, rest []int32) {
	switch e := &log.Events[at]; {
	case s.task == nobody:
	case e.Kind == trace.IterBegin:
		// An iteration that ends inside a step cuts it into two pieces.
		if e.Other != s.last || e.Time != s.until {
			s.piece = at
		}
		s.now = e.Other
	case e.Kind == trace.IterEnd:
		if s.now == s.task && e.Time >= s.received {
			s.leaves(log, e, rest)
			s.left = at
		}
		s.last, s.until, s.now = s.now, e.Time, nobody
	}
}

// leaves finds out what the task waits for that the loop leaves, and for how long: what
// it is entered for next says since when it could be.
func (s *turns) leaves(log *trace.Log, left *trace.Event, rest []int32) {
	s.ready, s.awaits, s.late = left.Time, IO, Loop
	s.servedFrom, s.servedTo = 0, 0
	inside := false
	for _, at := range rest {
		e := &log.Events[at]
		switch {
		case inside && e.Kind == trace.IterEnd:
			return
		case e.Other != s.task:
		case e.Kind == trace.TaskServed:
			s.servedFrom, s.servedTo = e.Arg, e.Arg2
		case e.Kind == trace.IterBegin:
			inside, s.ready = true, e.Arg2
			if left.Arg > 0 {
				s.awaits, s.late = Sleep, Oversleep
			} else if s.ready > left.Time {
				s.late = WakeUp
			}
		}
	}
}

// others reports whether a time that begins at from is that of others, or of nobody.
func (s *turns) others(from int64) bool {
	return s.task != nobody && (s.now != s.task || from < s.received)
}

// waits charges what the task has waited for something of its own, and returns from
// when on it could go on. What a process computed for it meanwhile is work without the
// lock.
func (w *walker) waits(from, to int64) (ready int64) {
	s := &w.turns
	end := min(to, s.ready)
	if end <= from {
		return from
	}
	served := max(0, min(end, s.servedTo)-max(from, s.servedFrom))
	if served > 0 {
		w.parts.add(NoGIL, nobody, served, s.left)
	}
	if served < end-from {
		w.parts.add(s.awaits, nobody, end-from-served, s.left)
	}
	return end
}

// behind charges time in which the task could go on, and the thread was elsewhere.
func (w *walker) behind(at int32, ns int64) {
	s := &w.turns
	switch {
	case w.state == trace.WaitGIL || w.state == trace.Ready || w.state == trace.Done:
		w.parts.add(causeOf[w.state], nobody, ns, at)
	case s.now != nobody && s.now != s.task:
		w.parts.add(Behind, w.h.taskNumber(s.now), ns, s.piece)
	case w.state == trace.Sleep || w.state == trace.IO:
		w.parts.add(s.late, nobody, ns, s.left)
	default:
		w.parts.add(Loop, nobody, ns, at)
	}
}
