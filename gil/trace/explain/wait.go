package explain

import "math"

// wait charges one wait of a thread, from its begin to its end.
type wait struct {
	*walker
	end  int32 // place in the log
	base Cause // until another thread has the lock

	first   int32 // had the lock when the wait began
	changed bool  // another has had it since
	wake    int32 // place of the handoff to the thread; never
	wakeAt  int64 // its time, MaxInt64 without one
}

// settle goes through those who had the lock during the wait.
func (w *wait) settle() {
	events, tenures := w.h.log.Events, w.h.tenures
	until := int64(math.MaxInt64)
	if int(w.end) < len(events) {
		until = events[w.end].Time
	}
	w.first, w.wakeAt = nobody, math.MaxInt64
	if w.wake = w.h.wakeIn(w.thread, w.began, w.end); w.wake != never {
		w.wakeAt = events[w.wake].Time
	}
	i := w.h.tenureAfter(w.began)
	if i < len(tenures) && tenures[i].first < w.began {
		w.first = tenures[i].thread
	}
	last := w.first
	for ; i < len(tenures) && tenures[i].first < w.end; i++ {
		last = tenures[i].thread
		w.under(i, min(tenures[i].to, until))
	}
	// Nobody has the lock now who had it before the wait ended.
	w.take(w.base, last, min(w.wakeAt, until), w.began)
	w.take(WakeUp, nobody, until, w.began)
}

// under charges the time up to until: that of a tenure, and the time before it in
// which the lock was free and on its way to the thread.
func (w *wait) under(i int, until int64) {
	t := &w.h.tenures[i]
	w.changed = w.changed || t.thread != w.first
	cause, episode := w.base, w.began
	switch {
	case w.changed && t.asked != never && t.asked < w.asked:
		cause, episode = Queue, t.first
	case w.changed:
		cause, episode = PassedOver, t.first
	case i == w.noticing:
		cause = Notice
	}
	w.take(cause, t.thread, min(w.wakeAt, until), episode)
	if w.wake != never && w.wake < t.last {
		w.take(LostRace, t.thread, until, t.first)
	}
}
