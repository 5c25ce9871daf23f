package explain

import (
	"slices"
	"sort"

	"github.com/fibsim/fibsim/gil/trace"
)

const (
	nobody = int32(-1)
	never  = int32(-1) // no event
)

// History is a log, arranged for looking up what happened to one iteration.
type History struct {
	log     *trace.Log
	lanes   [][]int32 // by thread: the places of its events in the log
	tenures []tenure
	wakes   [][]int32       // by thread: the places of the handoffs to it
	signals map[int32]int32 // of waits ended by a wake that named nobody: which it was
	done    []Iteration
	names   []trace.Thread // of the threads, and then of the tasks
}

// tenure is a stretch of time for which one thread had the lock.
type tenure struct {
	thread      int32
	from, to    int64
	first, last int32 // places of the events that began and ended it
	asked       int32 // where the thread had asked for the lock; never: it took it at once
}

// Iteration is one pass of a body or one request that ended before the log does.
type Iteration struct {
	Thread   int32 // who did it: a number in [History.Threads]
	Seq      int64
	Intended int64 // planned start
	Start    int64
	End      int64
	Planned  int64 // sleep that it asked for
	Err      string

	lane     int32 // the thread that did it: for a task, that of its loop
	served   bool  // seen by a client; its thread did the part from received to replied
	received int64
	replied  int64
	anchor   int32       // place in its lane from which on its story can be told
	laneEnd  int32       // place of its end there
	state    trace.State // of its thread before the anchor, as far as that matters
}

// Latency returns End - Start.
func (i *Iteration) Latency() int64 { return i.End - i.Start }

// Delay returns the latency beyond the sleep that was asked for.
func (i *Iteration) Delay() int64 { return i.End - i.Start - i.Planned }

// Seen returns the same iteration as a client saw it, whose row of it s is. From the time at which that was sent
// what its thread goes through counts, such as a wait for the lock after the reply before; what it has no
// hand in is Network.
func (i *Iteration) Seen(s *trace.Sample) Iteration {
	c := *i
	c.served = true
	c.received, c.replied = max(i.Start, s.Start), min(i.End, s.End)
	c.Intended, c.Start, c.End, c.Err = s.Intended, s.Start, s.End, s.Err
	return c
}

// New arranges a log. The log must not change afterwards.
func New(log *trace.Log) *History {
	h := &History{
		log: log, lanes: make([][]int32, len(log.Threads)), wakes: make([][]int32, len(log.Threads)),
		signals: map[int32]int32{}, names: slices.Concat(log.Threads, log.Tasks),
	}
	h.index()
	h.matchSignals()
	for t := range h.lanes {
		h.collect(int32(t))
	}
	return h
}

// Threads returns who has which number: the threads of the log, and after them the
// tasks of its loops.
func (h *History) Threads() []trace.Thread { return h.names }

// taskNumber returns the number of a task among them.
func (h *History) taskNumber(task int32) int32 { return int32(len(h.log.Threads)) + task }

// Iterations returns all iterations that ended, thread by thread in their order. Those
// of tasks are among those of their loop's thread.
func (h *History) Iterations() []Iteration { return h.done }

// index finds the events of each thread, and who had the lock when.
func (h *History) index() {
	asked := make([]int32, len(h.lanes))
	for i := range asked {
		asked[i] = never
	}
	for i := range h.log.Events {
		e, at := &h.log.Events[i], int32(i)
		if e.Thread >= 0 {
			h.lanes[e.Thread] = append(h.lanes[e.Thread], at)
		}
		switch e.Kind {
		case trace.Handoff:
			if e.Other >= 0 {
				h.wakes[e.Other] = append(h.wakes[e.Other], at)
			}
		case trace.Ask:
			asked[e.Thread] = at
		case trace.Take:
			h.tenures = append(h.tenures, tenure{
				thread: e.Thread, from: e.Time, first: at, asked: asked[e.Thread],
				to: h.log.Events[len(h.log.Events)-1].Time, last: int32(len(h.log.Events)),
			})
			asked[e.Thread] = never
		case trace.Release, trace.Forced:
			if n := len(h.tenures); n > 0 {
				h.tenures[n-1].to, h.tenures[n-1].last = e.Time, at
			}
		}
	}
}

// matchSignals finds, where the host chose whom to wake, which signal a wait was
// probably ended by: the earliest one sent during it that ended no other. A signal
// that nobody waited for is lost.
func (h *History) matchSignals() {
	var waiting int
	var sent []int32
	from := make([]int32, len(h.lanes))
	for i := range h.log.Events {
		e, at := &h.log.Events[i], int32(i)
		switch e.Kind {
		case trace.Wait:
			waiting++
			from[e.Thread] = at
		case trace.Handoff:
			if e.Other < 0 && len(sent) < waiting {
				sent = append(sent, at)
			}
		case trace.Woken:
			waiting--
			if k := sort.Search(len(sent), func(k int) bool { return sent[k] > from[e.Thread] }); k < len(sent) {
				h.signals[at] = sent[k]
				sent = append(sent[:k], sent[k+1:]...)
			}
		case trace.TimedOut:
			waiting--
		}
		if len(sent) > max(waiting, 0) {
			sent = sent[1:]
		}
	}
}

// collect finds the iterations of a thread.
func (h *History) collect(thread int32) {
	var open bool
	var it Iteration
	anchor, state := int32(0), trace.Done
	tasks := map[int32]Iteration{} // that are open
	for k, at := range h.lanes[thread] {
		switch e := &h.log.Events[at]; e.Kind {
		case trace.StateChange:
			if state = trace.State(e.Arg); explains(state) {
				anchor = int32(k)
			}
		case trace.IterBegin:
			open = true
			it = Iteration{Thread: thread, lane: thread, Seq: e.Arg, Intended: e.Arg2, Start: e.Time, anchor: anchor, state: trace.Done}
			if explains(state) {
				// A thread may go on for very many iterations in one state.
				it.anchor, it.state = int32(k), state
			}
		case trace.IterEnd:
			if open {
				it.End, it.Planned, it.Err, it.laneEnd = e.Time, e.Arg, e.Err, int32(k)
				h.done = append(h.done, it)
			}
			open = false
		case trace.TaskBegin:
			if e.Other >= 0 && int(e.Other) < len(h.log.Tasks) {
				tasks[e.Other] = Iteration{Thread: h.taskNumber(e.Other), lane: thread, Seq: e.Arg, Intended: e.Time, Start: e.Time, anchor: anchor, state: trace.Done}
			}
		case trace.TaskEnd:
			if it, ok := tasks[e.Other]; ok {
				it.End, it.Planned, it.Err, it.laneEnd = e.Time, e.Arg, e.Err, int32(k)
				h.done = append(h.done, it)
				delete(tasks, e.Other)
			}
		}
	}
}

// anchorBefore returns a place in a lane, at or before another, from which on the story
// of a server's thread can be told from a time on.
func (h *History) anchorBefore(lane []int32, k int32, time int64) int32 {
	state, piece := false, false
	for ; k > 0 && !(state && piece); k-- {
		e := &h.log.Events[lane[k]]
		if e.Time > time {
			continue
		}
		state = state || e.Kind == trace.StateChange && explains(trace.State(e.Arg))
		piece = piece || e.Kind == trace.IterBegin || e.Kind == trace.IterEnd
	}
	return k
}

// explains reports whether what comes after a change to that state can be understood
// from there: the thread has nothing to do with the lock, or has it.
func explains(s trace.State) bool { return s != trace.WaitGIL && s != trace.Ready }

// tenureAfter returns the first tenure that had not ended before the event at a
// place of the log.
func (h *History) tenureAfter(at int32) int {
	return sort.Search(len(h.tenures), func(i int) bool { return h.tenures[i].last > at })
}

// wakeIn returns the place of the handoff that ended, or was to end, the wait of a
// thread between two places; never where there was none.
func (h *History) wakeIn(thread, from, to int32) int32 {
	if at, ok := h.signals[to]; ok {
		return at
	}
	list := h.wakes[thread]
	k := sort.Search(len(list), func(k int) bool { return list[k] > from })
	if k < len(list) && list[k] < to {
		return list[k]
	}
	return never
}
