package trace

import (
	"cmp"
	"container/heap"
	"fmt"
	"math"
	"slices"
)

// Log is the history of one run: every event of every thread.
type Log struct {
	Threads []Thread // by number
	Tasks   []Thread // of the event loops, by number; nil without one
	Events  []Event  // see NewLog
	Rules   Rules    // what the lock of the run declares, for Check

	// Cut is the time from which on there are no events, because a lane was full;
	// 0 when nothing was left out.
	Cut int64
}

// CutWarnings says that events were left out; nil for a log that is whole, or none.
func (log *Log) CutWarnings() []Warning {
	if log == nil || log.Cut == 0 {
		return nil
	}
	return []Warning{{
		Code:    "log-cut",
		Message: fmt.Sprintf("a thread made so many events that they are kept for the first %.3g s of the run only", float64(log.Cut)/1e9),
		Hint:    "states, events and invariants cover that part; give bodies more work, or a shorter duration",
	}}
}

// Thread says which worker the number of a thread, or of a task, stands for.
type Thread struct {
	Group  string
	Worker int
}

// NewLog puts the events of all lanes in one order, that of time as far as that
// can be.
//
// It is a merge: it never changes the order of one lane, nor that of the lock's
// numbers, even where the clocks of two CPUs contradict it. What a thread reports
// of itself at the time of an event of the lock, such as that it runs since it
// has taken the lock, follows that event at once. Otherwise, at equal times, the
// lock comes first and then the lower lane.
func NewLog(threads []Thread, lanes []*Lane) *Log {
	m := merge{log: &Log{Threads: threads, Cut: cut(lanes)}, lanes: make([][]Event, len(lanes))}
	total := 0
	for i, l := range lanes {
		m.lanes[i] = before(m.log.Cut, l.Events())
		total += len(m.lanes[i])
	}
	m.log.Events = make([]Event, 0, total)
	m.run()
	return m.log
}

// cut returns the time at which the first lane was full: what comes after would
// be half the story.
func cut(lanes []*Lane) int64 {
	at := int64(0)
	for _, l := range lanes {
		if l.full && (at == 0 || l.fullAt < at) {
			at = l.fullAt
		}
	}
	return at
}

// before returns the events before a time; all of them when it is 0.
func before(at int64, events []Event) []Event {
	if at == 0 {
		return events
	}
	n := slices.IndexFunc(events, func(e Event) bool { return e.Time >= at })
	if n < 0 {
		return events
	}
	return events[:n]
}

// merge is the work of NewLog. Each lane is cut from the front as it goes.
type merge struct {
	log   *Log
	lanes [][]Event
	heads heads
}

func (m *merge) run() {
	for i := range m.lanes {
		m.offer(i)
	}
	for _, n := range m.numbered() {
		// What the lane reports before its event of the lock has to come first, in
		// its place among the others as far as time allows.
		m.until(n.time - 1)
		for l := m.lanes[n.lane]; !l[0].Kind.OfLock(); l = m.lanes[n.lane] {
			m.emit(n.lane)
		}
		m.emit(n.lane)
		for l := m.lanes[n.lane]; len(l) > 0 && !l[0].Kind.OfLock() && l[0].Time == n.time; l = m.lanes[n.lane] {
			m.emit(n.lane)
		}
		m.offer(n.lane)
	}
	m.until(math.MaxInt64)
}

// number is where an event of the lock lies.
type number struct {
	seq, time int64
	lane      int
}

// numbered returns the events of the lock by number.
func (m *merge) numbered() []number {
	var out []number
	for i, events := range m.lanes {
		for j := range events {
			if e := &events[j]; e.Kind.OfLock() {
				out = append(out, number{e.Seq, e.Time, i})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b number) int { return cmp.Compare(a.seq, b.seq) })
	return out
}

// until emits what threads report of themselves up to the given time.
func (m *merge) until(time int64) {
	for len(m.heads) > 0 && m.heads[0].time <= time {
		h := heap.Pop(&m.heads).(head)
		if h.left != len(m.lanes[h.lane]) {
			continue // its lane has gone on since
		}
		m.emit(h.lane)
		m.offer(h.lane)
	}
}

func (m *merge) emit(lane int) {
	m.log.Events = append(m.log.Events, m.lanes[lane][0])
	m.lanes[lane] = m.lanes[lane][1:]
}

// offer queues a lane for until, if its first event is not one of the lock.
func (m *merge) offer(lane int) {
	if l := m.lanes[lane]; len(l) > 0 && !l[0].Kind.OfLock() {
		heap.Push(&m.heads, head{l[0].Time, lane, len(l)})
	}
}

// head is the first event of a lane; left, the length of the lane then, tells
// whether it still is.
type head struct {
	time       int64
	lane, left int
}

// heads is a heap of them, the earliest first.
type heads []head

func (h heads) Len() int      { return len(h) }
func (h heads) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h heads) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].time, h[j].time), cmp.Compare(h[i].lane, h[j].lane)) < 0
}
func (h *heads) Push(x any) { *h = append(*h, x.(head)) }
func (h *heads) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
