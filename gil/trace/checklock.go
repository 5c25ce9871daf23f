package trace

// The checks of what the lock does, in the order in which its mutex saw it.

func (c *checker) lockEvent(e *Event, t *checked) {
	c.numbered(e)
	if !c.rules.Lock {
		c.breaks(OneHolder, e, "%s reports %s of a lock in a run without one", c.name(e.Thread), e.Kind)
		return
	}
	c.settle(e)
	switch e.Kind {
	case Ask:
		if c.holder == e.Thread {
			c.breaks(OneHolder, e, "%s waits for the lock that it has", c.name(e.Thread))
		}
	case Wait:
		c.waitBegins(e, t)
	case Woken, TimedOut:
		c.waitEnds(e, t)
	case Request:
		c.request(e, t)
	case Handoff:
		c.handoff(e)
	case Take:
		c.take(e, t)
	case Release, Forced:
		c.release(e)
	case Shake:
		c.shake(e, t)
	case Shaken:
		c.shaken(e, t)
	}
}

// numbered checks the number and the time of an event of the lock.
func (c *checker) numbered(e *Event) {
	if e.Seq != c.seq+1 {
		c.breaks(SeqGapless, e, "%s of %s has number %d, and %d is next", e.Kind, c.name(e.Thread), e.Seq, c.seq+1)
	}
	if e.Time < c.time && c.seq > 0 {
		c.breaks(SeqGapless, e, "%s of %s comes %d ns before the event with the number before", e.Kind, c.name(e.Thread), c.time-e.Time)
	}
	c.seq, c.time = e.Seq, e.Time
}

func (c *checker) take(e *Event, t *checked) {
	if c.holder != -1 {
		c.breaks(OneHolder, e, "%s takes the lock that %s has", c.name(e.Thread), c.name(c.holder))
	}
	if e.Other != c.last {
		c.breaks(OneHolder, e, "%s takes the lock from %s, but %s had it last", c.name(e.Thread), c.name(e.Other), c.name(c.last))
	}
	if c.dropper == e.Thread {
		c.breaks(DropperWaits, e, "%s was asked to let go and takes the lock again before another thread has had it", c.name(e.Thread))
	}
	if c.last != e.Thread {
		c.changes++
	}
	c.holder, c.last, c.dropper = e.Thread, e.Thread, -1
	c.asked, c.wiped = false, c.asked
	t.timedOut = false
}

func (c *checker) release(e *Event) {
	if c.holder != e.Thread {
		c.breaks(OneHolder, e, "%s lets go of the lock, and %s has it", c.name(e.Thread), c.name(c.holder))
		return
	}
	c.holder = -1
	if c.asked && c.rules.Shakes {
		c.dropper = e.Thread
	}
	if e.Kind == Forced && !c.asked && !c.rules.Countdown {
		c.breaks(c.unasked(), e, "%s is forced to let go, and nobody asked it to", c.name(e.Thread))
	}
	if c.queue.waiting > 0 && c.ordered() {
		c.owing = e.Thread
	}
}

// unasked says which rule is broken where a thread acts on a request that nobody
// made to it: the request may have been one to the holder before.
func (c *checker) unasked() Invariant {
	if c.wiped {
		return RequestWiped
	}
	return ForcedAfterRequest
}

func (c *checker) request(e *Event, t *checked) {
	switch {
	case c.holder == -1:
		c.breaks(ForcedAfterRequest, e, "%s asks %s to let go, and nobody has the lock", c.name(e.Thread), c.name(e.Other))
	case c.holder != e.Other:
		c.breaks(ForcedAfterRequest, e, "%s asks %s to let go, and %s has the lock", c.name(e.Thread), c.name(e.Other), c.name(c.holder))
	default:
		c.asked = true
	}
	if c.rules.Interval == 0 || e.Thread == -1 {
		return
	}
	switch {
	case !t.timedOut:
		c.breaks(TimeoutFullInterval, e, "%s asks %s to let go, and no wait of it has timed out", c.name(e.Thread), c.name(e.Other))
	case t.changes != c.changes:
		c.breaks(TimeoutFullInterval, e, "%s asks %s to let go, and the lock has changed hands in its wait", c.name(e.Thread), c.name(e.Other))
	}
}

func (c *checker) shake(e *Event, t *checked) {
	switch {
	case !c.rules.Shakes:
		c.breaks(DropperWaits, e, "%s shakes hands, which its lock does not", c.name(e.Thread))
	case c.dropper != e.Thread:
		c.breaks(c.unasked(), e, "%s shakes hands, and nobody asked it to let go", c.name(e.Thread))
	}
	t.shaking, t.wait, t.signalled = true, e.Arg, false
}

func (c *checker) shaken(e *Event, t *checked) {
	switch {
	case !t.shaking:
		c.breaks(DropperWaits, e, "%s ends a shake that it is not in", c.name(e.Thread))
	case c.dropper == e.Thread:
		c.breaks(DropperWaits, e, "%s ends its shake before another thread has the lock", c.name(e.Thread))
	}
	t.shaking, t.signalled = false, false
}
