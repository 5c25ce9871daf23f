package timeline

import (
	"cmp"
	"slices"

	"github.com/fibsim/fibsim/gil/trace"
)

// Of returns the timeline of a log. It needs the events of each thread in their
// order, and those of the lock in the order of its numbers; how the threads lie
// between one another does not matter.
func Of(log *trace.Log) *Timeline {
	b := builder{
		t:      &Timeline{Threads: log.Threads, Lanes: make([][]Span, len(log.Threads)), Cut: log.Cut},
		states: make([]trace.State, len(log.Threads)),
		holder: nobody, from: nobody,
	}
	for i := range b.states {
		b.states[i] = trace.Done
	}
	for i := range log.Events {
		b.event(&log.Events[i])
	}
	b.finish()
	b.t.Tasks, b.t.TaskLanes = tasksOf(log, b.t)
	return b.t
}

const nobody = -1

// builder is the work of Of.
type builder struct {
	t      *Timeline
	states []trace.State // of each thread; its span is open unless it is Done

	holder int32
	since  int64
	from   int32 // who let go last, while nobody has the lock
	let    Hold  // how that ended
}

func (b *builder) event(e *trace.Event) {
	b.t.Start, b.t.End = min(b.t.Start, e.Time), max(b.t.End, e.Time)
	switch {
	case e.Kind == trace.StateChange:
		b.state(e.Thread, trace.State(e.Arg), e.Time)
	case e.Kind.OfLock():
		b.lock(e)
	}
}

func (b *builder) state(thread int32, to trace.State, now int64) {
	lane := &b.t.Lanes[thread]
	if to == b.states[thread] {
		return
	}
	if b.states[thread] != trace.Done {
		(*lane)[len(*lane)-1].End = now
	}
	if b.states[thread] = to; to != trace.Done {
		*lane = append(*lane, Span{Start: now, End: now, State: to})
	}
}

func (b *builder) lock(e *trace.Event) {
	switch e.Kind {
	case trace.Take:
		if b.holder != nobody {
			b.let = b.close(e.Time, false)
		}
		if b.from != nobody && b.from != e.Thread {
			b.t.Handoffs = append(b.t.Handoffs, Handoff{
				From: b.from, To: e.Thread, Released: b.let.End, Taken: e.Time, Forced: b.let.Forced,
			})
		}
		b.holder, b.since, b.from = e.Thread, e.Time, nobody
	case trace.Release, trace.Forced:
		if b.holder != nobody && b.holder == e.Thread {
			b.let = b.close(e.Time, e.Kind == trace.Forced)
		}
	}
	switch e.Kind {
	case trace.Request:
		b.t.Marks = append(b.t.Marks, Mark{Time: e.Time, Kind: e.Kind, Thread: e.Thread, Other: e.Other})
	case trace.TimedOut, trace.Forced:
		b.t.Marks = append(b.t.Marks, Mark{Time: e.Time, Kind: e.Kind, Thread: e.Thread, Other: nobody})
	}
}

// close ends what the holder has, and returns it.
func (b *builder) close(now int64, forced bool) Hold {
	h := Hold{Start: b.since, End: now, Thread: b.holder, Forced: forced}
	b.t.Holds = append(b.t.Holds, h)
	b.holder, b.from = nobody, h.Thread
	return h
}

// finish ends what was still going on when the log ended.
func (b *builder) finish() {
	for i, s := range b.states {
		if lane := b.t.Lanes[i]; s != trace.Done {
			lane[len(lane)-1].End = b.t.End
		}
	}
	if b.holder != nobody {
		b.close(b.t.End, false)
	}
	b.t.Waiters = waiters(b.t.Lanes)
}

// waiters counts the threads in wait_gil. What changes at one time is one change.
func waiters(lanes [][]Span) []Count {
	var steps []Count
	for _, lane := range lanes {
		for _, s := range lane {
			if s.State == trace.WaitGIL && s.Start < s.End {
				steps = append(steps, Count{s.Start, 1}, Count{s.End, -1})
			}
		}
	}
	slices.SortFunc(steps, func(a, b Count) int { return cmp.Compare(a.Time, b.Time) })
	var out []Count
	n, shown := 0, 0
	for i, s := range steps {
		n += s.N
		if i+1 < len(steps) && steps[i+1].Time == s.Time || n == shown {
			continue
		}
		out = append(out, Count{s.Time, n})
		shown = n
	}
	return out
}
