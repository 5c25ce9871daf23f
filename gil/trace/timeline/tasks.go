package timeline

import (
	"slices"
	"sort"

	"github.com/fibsim/fibsim/gil/trace"
)

// tasksOf returns the tasks of a log and what each of them did, along the lanes of their
// loops' threads, which t has already; nothing where the log has no tasks.
func tasksOf(log *trace.Log, t *Timeline) ([]trace.Thread, [][]TaskSpan) {
	if len(log.Tasks) == 0 {
		return nil, nil
	}
	f := follower{end: t.End, tasks: make([]followed, len(log.Tasks)), loops: map[int32]*loop{}}
	for i := range log.Events {
		if e := &log.Events[i]; e.Kind == trace.IterBegin && e.Other >= 0 && f.loops[e.Thread] == nil {
			f.loops[e.Thread] = &loop{lane: t.Lanes[e.Thread]}
		}
	}
	for i := range log.Events {
		if e := &log.Events[i]; f.loops[e.Thread] != nil {
			f.event(e, f.loops[e.Thread])
		}
	}
	lanes := make([][]TaskSpan, len(log.Tasks))
	f.finish()
	for i := range f.tasks {
		lanes[i] = f.tasks[i].spans
	}
	return log.Tasks, lanes
}

// follower is the work of tasksOf.
type follower struct {
	end   int64
	tasks []followed
	loops map[int32]*loop // by thread
}

// loop is the thread of an event loop.
type loop struct {
	lane  []Span
	turns []turn // that are over
	now   *turn  // nil: the loop's own code has the thread
}

// turn is a stretch of time for which a loop's thread went on with one task. An iteration
// that ends inside cuts it into pieces, and it is still one.
type turn struct {
	task       int32 // -1: one that has no number
	start, end int64
}

// followed is a task, as far as the events so far go.
type followed struct {
	spans []TaskSpan
	begun bool  // it has had a turn
	open  bool  // inside an iteration
	left  int64 // when the loop left it
	nap   int64 // that it asked for then; 0: it waits for something else, or for nothing
}

// event follows what a loop's thread reports.
func (f *follower) event(e *trace.Event, l *loop) {
	switch e.Kind {
	case trace.IterBegin:
		l.now = &turn{task: e.Other, start: e.Time, end: e.Time}
		if t := f.task(e.Other); t != nil {
			t.waits(l, e.Arg2, e.Time)
		}
	case trace.IterEnd:
		if l.now != nil {
			f.leave(l, e.Time, e.Arg)
		}
	case trace.TaskServed:
		if t := f.task(e.Other); t != nil {
			t.served(e.Arg, e.Arg2)
		}
	case trace.TaskBegin, trace.TaskEnd:
		if t := f.task(e.Other); t != nil {
			t.open = e.Kind == trace.TaskBegin
		}
	}
}

// task returns the task of a number; nil where nothing is to be told of it.
func (f *follower) task(number int32) *followed {
	if number < 0 || int(number) >= len(f.tasks) {
		return nil
	}
	return &f.tasks[number]
}

// leave ends the turn of a loop, whose task asks for a sleep of nap.
func (f *follower) leave(l *loop, now, nap int64) {
	was := *l.now
	was.end, l.now = now, nil
	if t := f.task(was.task); t != nil {
		within(l.lane, was.start, now, func(s Span) { t.add(TaskSpan{Span: s, Behind: nobody}) })
		t.left, t.nap = now, nap
	}
	if n := len(l.turns); n > 0 && l.turns[n-1].task == was.task && l.turns[n-1].end == was.start {
		l.turns[n-1].end = now
		return
	}
	l.turns = append(l.turns, was)
}

// finish ends what was still going on when the log ended.
func (f *follower) finish() {
	for _, l := range f.loops {
		if l.now != nil && f.task(l.now.task) != nil {
			f.task(l.now.task).open = false
			f.leave(l, f.end, 0)
		}
	}
	for i := range f.tasks {
		if t := &f.tasks[i]; t.open && t.nap > 0 {
			t.add(TaskSpan{Span{t.left, min(t.left+t.nap, f.end), trace.Sleep}, nobody, 0})
		}
	}
}

// waits tells what a task did from when the loop left it until it goes on with it now,
// where the task could go on since then.
func (t *followed) waits(l *loop, since, now int64) {
	if !t.begun {
		t.begun, t.left = true, min(since, now)
		if len(l.lane) > 0 {
			t.left = max(t.left, l.lane[0].Start)
		}
	}
	ready := max(t.left, min(since, now))
	t.add(TaskSpan{Span{t.left, ready, t.blocked()}, nobody, 0})
	first := sort.Search(len(l.turns), func(i int) bool { return l.turns[i].end > ready })
	others := l.turns[first:]
	if len(others) == 0 {
		t.comes(l, ready, now)
		return
	}
	begin, end := max(ready, others[0].start), others[len(others)-1].end
	t.comes(l, ready, begin)
	t.add(TaskSpan{Span{begin, end, trace.Behind}, others[0].task, len(others)})
	t.comes(l, end, now)
}

// blocked is the state of a task that waits for something of its own.
func (t *followed) blocked() trace.State {
	if t.nap > 0 {
		return trace.Sleep
	}
	return trace.IO
}

// served says that another process computed for a task between two times, while that
// waited for it. The log tells that when the loop goes on with the task.
func (t *followed) served(from, to int64) {
	first := sort.Search(len(t.spans), func(i int) bool { return t.spans[i].End > from })
	later := slices.Clone(t.spans[first:])
	t.spans = t.spans[:first]
	for _, s := range later {
		begin, end := max(s.Start, from), min(s.End, to)
		if s.State != trace.IO || begin >= end {
			t.add(s)
			continue
		}
		for _, part := range []Span{{s.Start, begin, s.State}, {begin, end, trace.NoGIL}, {end, s.End, s.State}} {
			t.add(TaskSpan{part, nobody, 0})
		}
	}
}

// comes adds what a task that could go on waited for while its loop's thread was in no
// task: for the thread to wake, to get the lock or a CPU, or to come to it.
func (t *followed) comes(l *loop, from, to int64) {
	within(l.lane, from, to, func(s Span) {
		switch s.State {
		case trace.Sleep, trace.IO:
			s.State = t.blocked()
		case trace.WaitGIL, trace.Ready:
		default:
			s.State = trace.Behind
		}
		t.add(TaskSpan{s, nobody, 0})
	})
}

// add adds a span, unless it is empty. It becomes one with the last if the two are alike.
func (t *followed) add(s TaskSpan) {
	if s.Start >= s.End {
		return
	}
	n := len(t.spans)
	if n == 0 || t.spans[n-1].State != s.State || t.spans[n-1].End != s.Start {
		t.spans = append(t.spans, s)
		return
	}
	last := &t.spans[n-1]
	last.End, last.Turns = s.End, last.Turns+s.Turns
	if last.Behind == nobody {
		last.Behind = s.Behind
	}
}

// within calls f with the part of each span of a lane that lies between two times, but
// for empty ones.
func within(lane []Span, from, to int64, f func(Span)) {
	first := sort.Search(len(lane), func(i int) bool { return lane[i].End > from })
	for _, s := range lane[first:] {
		if s.Start >= to {
			return
		}
		if s.Start, s.End = max(s.Start, from), min(s.End, to); s.Start < s.End {
			f(s)
		}
	}
}
