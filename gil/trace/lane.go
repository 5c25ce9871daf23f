package trace

// Lane records one thread. Only that thread may use it while it runs.
type Lane struct {
	thread int32
	meter  *Meter
	log    *history // nil: events are not kept
	full   bool     // events were left out, from fullAt on
	fullAt int64

	state State
	since int64
	open  bool // inside an iteration
	cur   Sample
	total Counts
	takes int64
}

// maxEvents is how many events a lane keeps, 34 MB of them. A goroutine that
// loops over next to nothing makes as many in half a second.
const maxEvents = 1 << 20

// NewLane returns the lane of a thread that is Done, not yet begun, at time 0.
// With keep, its events are kept for a Log.
func NewLane(thread int32, m *Meter, keep bool) *Lane {
	l := &Lane{thread: thread, meter: m, state: Done}
	if keep {
		l.log = &history{}
	}
	return l
}

// KeepIn makes a lane that keeps events put them into r, from its next chunk on.
func (l *Lane) KeepIn(r Room) {
	if l.log != nil {
		l.log.room = r
	}
}

// To changes the thread's state.
func (l *Lane) To(s State, now int64) {
	switch {
	case s == l.state:
	case l.log != nil:
		l.leave(now)
		l.state = s
		if l.room(now) {
			l.log.events++
			l.log.put(Kept{time: now, arg: int64(s), other: -1, kind: StateChange})
		}
	case l.meter != nil:
		l.leave(now)
		l.state = s
	}
}

// Begin opens iteration seq, which was planned to start at intended.
func (l *Lane) Begin(seq, intended, now int64) {
	l.Record(Event{Time: now, Kind: IterBegin, Thread: l.thread, Other: -1, Arg: seq, Arg2: intended})
}

// BeginPiece opens iteration seq of a loop's thread: it goes on with a task, which could
// since then.
func (l *Lane) BeginPiece(task int32, seq, since, now int64) {
	l.Record(Event{Time: now, Kind: IterBegin, Thread: l.thread, Other: task, Arg: seq, Arg2: since})
}

// BeginTask keeps that an iteration of a task begins, where events are kept.
func (l *Lane) BeginTask(task int32, seq, now int64) {
	l.keep(Event{Time: now, Kind: TaskBegin, Thread: l.thread, Other: task, Arg: seq})
}

// EndTask keeps that it ends, like [Lane.End].
func (l *Lane) EndTask(task int32, now, planned int64, err string) {
	l.keep(Event{Time: now, Kind: TaskEnd, Thread: l.thread, Other: task, Arg: planned, Err: err})
}

// ServeTask keeps that another process has computed for a task while that waited.
func (l *Lane) ServeTask(task int32, from, to, now int64) {
	l.keep(Event{Time: now, Kind: TaskServed, Thread: l.thread, Other: task, Arg: from, Arg2: to})
}

// keep keeps an event of a task, which changes nothing that is folded.
func (l *Lane) keep(e Event) {
	if l.log != nil && l.room(e.Time) {
		l.log.add(&e)
	}
}

// End closes the open iteration. Planned is the sleep that it asked for; err is
// empty when it went well.
func (l *Lane) End(now, planned int64, err string) {
	l.Record(Event{Time: now, Kind: IterEnd, Thread: l.thread, Other: -1, Arg: planned, Err: err})
}

// Lock records what the lock did: one event of kind k, with the number seq that
// the lock gave it. It is Record without the detour for a lane that keeps none.
func (l *Lane) Lock(seq, now int64, k Kind, other int32, arg int64) {
	switch {
	case l.log != nil:
		l.lock(k, other, arg)
		if l.room(now) {
			l.log.events++
			l.log.put(Kept{seq: seq, time: now, arg: arg, other: other, kind: k})
		}
	case l.meter != nil:
		l.lock(k, other, arg)
	}
}

// Record folds an event and keeps it if events are kept. A lane with neither a
// meter nor a log does nothing.
func (l *Lane) Record(e Event) {
	if l.meter == nil && l.log == nil {
		return
	}
	l.fold(&e)
	if l.log == nil {
		return
	}
	if l.room(e.Time) {
		l.log.add(&e)
	}
}

// room reports whether one more event can be kept. The first that cannot is at now.
func (l *Lane) room(now int64) bool {
	if l.log.events < maxEvents {
		return true
	}
	if !l.full {
		l.full, l.fullAt = true, now
	}
	return false
}

// Keeps reports whether events are kept for a Log.
func (l *Lane) Keeps() bool { return l.log != nil }

// State returns the state that the thread is in.
func (l *Lane) State() State { return l.state }

// Since returns when that state began; 0 for a lane that records nothing.
func (l *Lane) Since() int64 { return l.since }

// Sample returns the iteration that is open, or was closed last.
func (l *Lane) Sample() *Sample { return &l.cur }

// Totals returns how often the thread took the lock, and what the lock did to
// it, in all.
func (l *Lane) Totals() (takes int64, c Counts) { return l.takes, l.total }

// Use makes the lane fold into m, before its first iteration.
func (l *Lane) Use(m *Meter) { l.meter = m }

// Meter returns the thread's meter.
func (l *Lane) Meter() *Meter { return l.meter }

// Events returns what was kept, in the thread's own order.
func (l *Lane) Events() []Event {
	if l.log == nil {
		return nil
	}
	return l.log.list(l.thread)
}

func (l *Lane) fold(e *Event) {
	switch e.Kind {
	case StateChange:
		l.leave(e.Time)
		l.state = State(e.Arg)
	case IterBegin:
		l.since = e.Time
		l.open = true
		l.cur = Sample{Seq: e.Arg, Intended: e.Arg2, Start: e.Time}
	case IterEnd:
		l.leave(e.Time)
		l.open = false
		l.cur.End, l.cur.Planned, l.cur.Err = e.Time, e.Arg, e.Err
		if l.meter != nil {
			l.meter.Add(&l.cur)
		}
	case TaskBegin, TaskEnd, TaskServed: // of the task, and it is the thread that is folded
	default:
		l.lock(e.Kind, e.Other, e.Arg)
	}
}

// lock counts what the lock did.
func (l *Lane) lock(k Kind, other int32, arg int64) {
	switch k {
	case Request:
		l.cur.Requests++
		l.total.Requests++
	case Forced:
		l.cur.Forced++
		l.total.Forced++
	case Take:
		l.takes++
		if other >= 0 && other != l.thread {
			l.cur.Switches++
			l.total.Switches++
		}
		l.cur.Barges += arg
		l.total.Barges += arg
	}
}

// leave charges the time since the last change to the state that ends.
func (l *Lane) leave(now int64) {
	d := now - l.since
	l.since = now
	if !l.open {
		return
	}
	switch l.state {
	case Run:
		l.cur.Run += d
	case WaitGIL:
		l.cur.WaitGIL += d
	case NoGIL:
		l.cur.NoGIL += d
	case Sleep, IO:
		l.cur.Blocked += d
	case Ready:
		l.cur.Ready += d
	}
}
