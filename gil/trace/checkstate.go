package trace

import "fmt"

// The checks of what single threads do: their states and their iterations.

// follows says which state may follow which. A thread that has the lock is in
// run, one that is about to have it in wait_gil; between the two ways of being
// without it there is always the one or the other.
var follows = [states][states]bool{
	Run: {
		WaitGIL: true, // gave way, or shakes hands before it blocks
		NoGIL:   true,
		Sleep:   true,
		IO:      true,
		Ready:   true, // preempted, with the lock if there is one
		Done:    true,
	},
	WaitGIL: {
		Run:   true,
		NoGIL: true, // the shake of a voluntary release is over
		Sleep: true, // the same
		IO:    true, // the same
		Ready: true, // was woken and gets no CPU
		Done:  true, // the run was aborted
	},
	NoGIL: {
		Run:     true,
		WaitGIL: true,
		IO:      true, // the process that computed for it is done
		Ready:   true,
		Done:    true,
	},
	Sleep: {Run: true, WaitGIL: true, Ready: true, Done: true},
	IO: {
		Run:     true,
		WaitGIL: true,
		NoGIL:   true, // another process begins to compute for it
		Ready:   true,
		Done:    true,
	},
	Ready: {
		Run:     true,
		WaitGIL: true, // ran just long enough to find the lock taken
		NoGIL:   true,
		Sleep:   true, // was preempted on its way into the system call
		IO:      true, // the same
		Done:    true,
	},
	Done: {Run: true, WaitGIL: true, Ready: true}, // began
}

func (c *checker) threadEvent(e *Event, t *checked) {
	if e.Seq != 0 {
		c.breaks(SeqGapless, e, "%s has number %d for what the lock does not number (%s)", c.name(e.Thread), e.Seq, e.Kind)
	}
	if e.Thread == -1 {
		c.breaks(LegalTransition, e, "%s of no thread", e.Kind)
		return
	}
	c.charge(e, t)
	switch e.Kind {
	case StateChange:
		c.stateChange(e, t)
	case IterBegin:
		c.iterBegin(e, t)
	case IterEnd:
		if !t.lane.open {
			c.breaks(RequestEndsOnce, e, "%s ends an iteration when it is in none", c.name(e.Thread))
		}
	}
}

// charge adds the time since the thread's last event to its state.
func (c *checker) charge(e *Event, t *checked) {
	if !t.begun {
		t.begun, t.birth, t.lane.since = true, e.Time, e.Time
	}
	d := e.Time - t.lane.since
	if d < 0 {
		c.breaks(StatesAddUp, e, "the time of %s goes back by %d ns", c.name(e.Thread), -d)
	}
	t.life[t.lane.state] += d
}

func (c *checker) stateChange(e *Event, t *checked) {
	from, to := t.lane.state, State(e.Arg)
	switch {
	case t.ended:
		c.breaks(LegalTransition, e, "%s goes to %s after it has ended", c.name(e.Thread), to)
	case !follows[from][to]:
		c.breaks(LegalTransition, e, "%s goes from %s to %s", c.name(e.Thread), from, to)
	case to == WaitGIL && !c.rules.Lock:
		c.breaks(LegalTransition, e, "%s waits for a lock in a run without one", c.name(e.Thread))
	}
	if c.rules.Lock {
		c.holding(e, from, to)
	}
	if to == Done {
		t.ended = true
		c.lifetime(e, t)
	}
}

// holding holds the states against the lock: run is for the one that has it.
func (c *checker) holding(e *Event, from, to State) {
	if from == Run {
		c.running--
	}
	switch to {
	case Run:
		if c.holder != e.Thread {
			c.breaks(OneHolder, e, "%s runs, and %s has the lock", c.name(e.Thread), c.name(c.holder))
		}
		if c.running++; c.running > 1 {
			c.breaks(OneHolder, e, "%s runs when another thread still does", c.name(e.Thread))
		}
	case Ready: // a thread without a CPU keeps the lock
	default:
		if c.holder == e.Thread {
			c.breaks(OneHolder, e, "%s goes to %s with the lock", c.name(e.Thread), to)
		}
	}
	if c.dropper == e.Thread && (to == Run || to == NoGIL || to == Sleep || to == IO) {
		c.breaks(DropperWaits, e, "%s was asked to let go and goes to %s before another thread has the lock", c.name(e.Thread), to)
	}
}

// lifetime compares the states of a thread that has ended with how long it was.
func (c *checker) lifetime(e *Event, t *checked) {
	sum := int64(0)
	for s, d := range t.life {
		if State(s) != Done {
			sum += d
		}
	}
	if sum != e.Time-t.birth {
		c.breaks(StatesAddUp, e, "the states of %s add up to %d ns, and it lived for %d ns", c.name(e.Thread), sum, e.Time-t.birth)
	}
}

func (c *checker) iterBegin(e *Event, t *checked) {
	if t.lane.open {
		c.breaks(RequestEndsOnce, e, "%s begins iteration %d inside iteration %d", c.name(e.Thread), e.Arg, t.lane.cur.Seq)
	}
	if e.Arg != t.next {
		c.breaks(RequestEndsOnce, e, "%s begins iteration %d, and %d is next", c.name(e.Thread), e.Arg, t.next)
	}
	t.next = e.Arg + 1
	if e.Other != -1 && c.knownTask(e) && e.Arg2 > e.Time {
		c.breaks(RequestEndsOnce, e, "%s goes on with %s %d ns before it can", c.name(e.Thread), c.taskName(e.Other), e.Arg2-e.Time)
	}
}

// checkedTask is what the events so far say about one task of a loop.
type checkedTask struct {
	open bool
	next int64 // number of the next iteration
}

// taskEvent checks the begin or the end of an iteration of a task, and what was computed
// for it.
func (c *checker) taskEvent(e *Event) {
	if e.Seq != 0 {
		c.breaks(SeqGapless, e, "%s has number %d for what the lock does not number (%s)", c.name(e.Thread), e.Seq, e.Kind)
	}
	if !c.knownTask(e) {
		return
	}
	t, name := &c.tasks[e.Other], c.taskName(e.Other)
	switch {
	case e.Kind == TaskServed && !(t.open && e.Arg <= e.Arg2 && e.Arg2 <= e.Time):
		c.breaks(StatesAddUp, e, "%s was served from %d to %d ns", name, e.Arg, e.Arg2)
	case e.Kind == TaskServed:
		return
	case e.Kind == TaskEnd && !t.open:
		c.breaks(RequestEndsOnce, e, "%s ends an iteration when it is in none", name)
	case e.Kind == TaskBegin && t.open:
		c.breaks(RequestEndsOnce, e, "%s begins iteration %d inside iteration %d", name, e.Arg, t.next-1)
	case e.Kind == TaskBegin && e.Arg != t.next:
		c.breaks(RequestEndsOnce, e, "%s begins iteration %d, and %d is next", name, e.Arg, t.next)
	}
	if t.open = e.Kind == TaskBegin; t.open {
		t.next = e.Arg + 1
	}
}

// knownTask reports whether there is the task that an event is about.
func (c *checker) knownTask(e *Event) bool {
	if e.Other >= 0 && int(e.Other) < len(c.tasks) {
		return true
	}
	c.breaks(SeqGapless, e, "%s of task %d, of which the log knows nothing", e.Kind, e.Other)
	return false
}

func (c *checker) taskName(id int32) string {
	t := c.log.Tasks[id]
	return fmt.Sprintf("%s-%d", t.Group, t.Worker)
}

// addsUp compares the states of an iteration with its latency.
func (c *checker) addsUp(e *Event, s *Sample) {
	if sum := s.Run + s.WaitGIL + s.NoGIL + s.Blocked + s.Ready; sum != s.Latency() {
		c.breaks(StatesAddUp, e, "the states of iteration %d of %s add up to %d ns, its latency is %d ns", s.Seq, c.name(e.Thread), sum, s.Latency())
	}
}
