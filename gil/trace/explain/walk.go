package explain

import "github.com/fibsim/fibsim/gil/trace"

// Parts takes an iteration apart. The largest part comes first; together they are
// its latency, exactly. At most one part has each cause and culprit.
func (h *History) Parts(it *Iteration) []Part {
	w := walker{h: h, thread: it.lane, from: it.Start, to: it.End, state: it.state, asked: never, noticing: -1, turns: newTurns(h, it)}
	lane, anchor := h.lanes[it.lane], it.anchor
	if it.served {
		// Until its server receives a request, that may wait for the lock, or others have the loop's thread.
		w.from, w.to = min(it.Start, it.received), max(it.received, it.replied)
		w.received = it.received
		anchor, w.state = h.anchorBefore(lane, anchor, w.from), trace.Done
		if away := it.Latency() - (w.to - w.from); away != 0 {
			w.parts.add(Network, nobody, away, 0)
		}
	}
	for k := anchor; k <= it.laneEnd; k++ {
		w.event(lane[k], lane[k+1:])
	}
	w.settle(int32(len(h.log.Events)), Held)
	w.parts.splitSleep(it.Planned)
	w.parts.sort()
	return w.parts
}

// walker follows one thread through its events and charges the time in a window.
type walker struct {
	h        *History
	thread   int32
	from, to int64 // the window
	received int64 // when the thread had received the request of a client
	parts    parts

	state    trace.State
	at       int64 // charged up to here
	asked    int32 // place of the Ask of the lock it waits for; never
	noticing int   // the tenure that it asked to end; -1

	waiting bool // inside a wait, or a shake
	shaking bool
	began   int32  // place of the event that began it
	spans   []span // of that wait in state wait_gil, to be charged when its end is known

	turns turns // of the tasks, where the thread is that of a loop
}

type span struct{ from, to int64 }

// event charges the time up to an event of the thread and follows it. Rest are the
// events that its lane has after it.
func (w *walker) event(at int32, rest []int32) {
	e := &w.h.log.Events[at]
	w.charge(at, e.Time)
	w.turns.event(w.h.log, at, rest)
	switch e.Kind {
	case trace.StateChange:
		w.state = trace.State(e.Arg)
	case trace.Ask:
		w.asked, w.noticing = at, -1
	case trace.Request:
		w.noticing = w.h.tenureAfter(at)
	case trace.Wait, trace.Shake:
		w.waiting, w.shaking, w.began = true, e.Kind == trace.Shake, at
	case trace.TimedOut:
		w.settle(at, Interval)
	case trace.Woken, trace.Shaken:
		w.settle(at, Held)
	case trace.Take:
		w.asked, w.noticing = never, -1
	}
}

var causeOf = [...]Cause{
	trace.Run: Work, trace.WaitGIL: Lock, trace.NoGIL: NoGIL, trace.Sleep: Sleep,
	trace.IO: IO, trace.Ready: Ready, trace.Done: Lock,
}

// charge charges the time up to now to the state that the thread was in. What a
// wait was spent on shows when it ends.
func (w *walker) charge(at int32, now int64) {
	from, to := max(w.at, w.from), min(now, w.to)
	w.at = max(w.at, now)
	others := w.turns.others(from)
	if others {
		from = w.waits(from, to)
	}
	switch {
	case to <= from:
	case w.state == trace.WaitGIL && w.waiting:
		w.spans = append(w.spans, span{from, to})
	case others:
		w.behind(at, to-from)
	case from < w.received && (w.state == trace.IO || w.state == trace.Done):
		w.parts.add(Network, nobody, to-from, 0) // it waits for the request, or for the network to take the reply before
	default:
		w.parts.add(causeOf[w.state], nobody, to-from, at)
	}
}

// settle charges the wait that ends at a place of the log. Base is what the time
// was spent on until the lock changed hands.
func (w *walker) settle(end int32, base Cause) {
	if !w.waiting {
		return
	}
	w.waiting = false
	if w.shaking {
		w.settleShake()
	} else {
		(&wait{walker: w, end: end, base: base}).settle()
	}
	w.spans = w.spans[:0]
}

// settleShake charges a shake: until another thread has the lock it waits for that
// one, then for its own way back.
func (w *walker) settleShake() {
	next := w.h.tenureAfter(w.began)
	if next == len(w.h.tenures) {
		w.take(Shake, nobody, w.at, w.began)
		return
	}
	t := &w.h.tenures[next]
	w.take(Shake, t.thread, t.from, w.began)
	w.take(WakeUp, nobody, w.at, w.began)
}

// take charges what is left of the spans up to a time.
func (w *walker) take(c Cause, culprit int32, until int64, episode int32) {
	ns := int64(0)
	for i := range w.spans {
		s := &w.spans[i]
		if to := min(s.to, until); to > s.from {
			ns += to - s.from
			s.from = to
		}
	}
	// A race may be lost in no time, and costs the wait that follows.
	if ns > 0 || c == LostRace && w.from <= until && until <= w.to && until >= w.turns.ready {
		w.parts.add(c, culprit, ns, episode)
	}
}
