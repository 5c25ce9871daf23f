package machine

// A thread that waits for several things at once: a loop for its timers and for the
// byte that wakes it, the manager of a pool for results and such bytes.

// selects asks what has come, and sleeps until something does, or for nap ns; for ever
// where that is -1.
func (m *machine) selects(t *thread) bool {
	switch {
	case t.nap == 0 || m.readable(t):
		t.nap = 0
		t.left, t.phase, t.then = m.costs.Select, take, polled
		return true
	case t.nap > 0:
		m.setTimer(t, t.nap)
		t.nap = 0
	}
	if t.talks() && !t.sched.goes {
		return m.blockAfter(t, m.costs.Message)
	}
	return m.block(t)
}

// readable reports whether something has come that a thread selects for.
func (m *machine) readable(t *thread) bool {
	switch {
	case t.loop == nil:
	case t.talks():
		return m.canTalk(t.loop)
	default:
		return t.loop.signals > 0
	}
	return t.pool.results.len() > 0 || t.pool.wakeups > 0
}

// talks reports whether a thread runs the loop of a server.
func (t *thread) talks() bool { return t.loop != nil && t.loop.style == talkLoop }

// polled ends a select, with the lock.
func (m *machine) polled(t *thread) bool {
	switch {
	case t.loop == nil:
	case t.talks():
		m.talkSelected(t.loop)
	default:
		t.loop.selected(m.now)
	}
	t.phase = fetch
	return true
}

// poke tells a thread that something has come for which it may select.
func (m *machine) poke(t, by *thread) {
	if t.phase != selecting || t.on || t.queued || t.coming {
		return
	}
	m.stopTimer(t)
	t.nap = 0
	if t.sched.goes {
		m.netReady(t, by)
	} else {
		m.wake(t, by)
	}
}
