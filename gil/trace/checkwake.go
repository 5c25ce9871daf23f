package trace

// The checks of who waits, for how long, and whom a wake reaches.

// The orders that a lock can declare, as package policy names them.
const (
	orderFIFO  = "fifo"
	orderGlibc = "glibc-2.36"
	orderHost  = "host"
)

// wakeQueue holds the waiters to whom no wake is on its way. It is kept apart
// from the queue of package policy on purpose: it is the second witness.
type wakeQueue struct {
	waiting int
	line    []turn // fifo: in the order of queueing; those who have left are still there
	tickets int64

	older int   // glibc: waiters of the older group
	group int64 // and its number; whoever queues joins the next one
}

// spot is a thread's place in the queue.
type spot struct {
	queued bool
	ticket int64
	group  int64
}

type turn struct {
	thread int32
	ticket int64
}

func (c *checker) ordered() bool {
	return c.rules.WakeOrder == orderFIFO || c.rules.WakeOrder == orderGlibc
}

// settle checks that a release has woken somebody where somebody waited, which
// it has to do first of all.
func (c *checker) settle(e *Event) {
	if c.owing != -1 && !(e.Kind == Handoff && e.Thread == c.owing) {
		c.breaks(WakeOrderKept, e, "%s let go and woke nobody, and %d wait", c.name(c.owing), c.queue.waiting)
	}
	c.owing = -1
}

func (c *checker) waitBegins(e *Event, t *checked) {
	if t.waiting {
		c.breaks(WakeOrderKept, e, "%s begins wait %d inside wait %d", c.name(e.Thread), e.Arg, t.wait)
		c.leave(t)
	}
	t.waiting, t.wait, t.waitFrom, t.changes = true, e.Arg, e.Time, c.changes
	t.timedOut, t.signalled = false, false

	q := &c.queue
	q.waiting++
	q.tickets++
	t.spot = spot{queued: true, ticket: q.tickets, group: q.group + 1}
	if c.rules.WakeOrder == orderFIFO {
		q.line = append(q.line, turn{e.Thread, q.tickets})
	}
}

func (c *checker) waitEnds(e *Event, t *checked) {
	if !t.waiting || t.wait != e.Arg {
		c.breaks(WakeOrderKept, e, "wait %d of %s ends (%s), and it is not in that wait", e.Arg, c.name(e.Thread), e.Kind)
		return
	}
	if e.Kind == Woken && !t.signalled && c.ordered() {
		c.breaks(WakeOrderKept, e, "%s wakes, and nobody woke it", c.name(e.Thread))
	}
	lasted := e.Time - t.waitFrom
	if e.Kind == TimedOut && lasted < c.rules.Interval {
		c.breaks(TimeoutFullInterval, e, "wait %d of %s timed out after %d ns, and the interval is %d ns", e.Arg, c.name(e.Thread), lasted, c.rules.Interval)
	}
	c.leave(t)
	t.waiting, t.signalled, t.timedOut = false, false, e.Kind == TimedOut
}

// leave takes a thread out of the queue if it is in it.
func (c *checker) leave(t *checked) {
	if !t.spot.queued {
		return
	}
	t.spot.queued = false
	c.queue.waiting--
	if t.spot.group <= c.queue.group {
		c.queue.older--
	}
}

// handoff checks that a wake reaches a thread that may be reached.
func (c *checker) handoff(e *Event) {
	if !c.known(e.Other) {
		if e.Other != -1 || c.ordered() {
			c.breaks(WakeOrderKept, e, "%s wakes %s", c.name(e.Thread), c.name(e.Other))
		}
		return
	}
	o := c.thread(e.Other)
	switch {
	case o.shaking:
		if c.dropper == e.Other {
			c.breaks(DropperWaits, e, "%s wakes %s from its shake before another thread has the lock", c.name(e.Thread), c.name(e.Other))
		}
	case c.rules.Countdown && o.signalled && o.waiting && o.wait == e.Arg && c.queue.waiting == 0:
		// A semaphore counts a thread that was woken as a waiter until it has got
		// there; a second wake does no more than the first.
		return
	case !o.spot.queued || o.wait != e.Arg:
		c.breaks(WakeOrderKept, e, "%s wakes %s from wait %d, in which it is not or from which it was woken", c.name(e.Thread), c.name(e.Other), e.Arg)
		return
	case !c.allowed(e.Other, o):
		c.breaks(WakeOrderKept, e, "%s wakes %s, whose turn it is not under %s", c.name(e.Thread), c.name(e.Other), c.rules.WakeOrder)
	}
	o.signalled = true
	c.leave(o)
}

// allowed reports whether the declared order lets a wake reach thread id.
func (c *checker) allowed(id int32, t *checked) bool {
	q := &c.queue
	switch c.rules.WakeOrder {
	case orderFIFO:
		return c.front() == id
	case orderGlibc:
		// A wake is for the older group; the newer one takes its place once nobody
		// is left in it.
		if q.older == 0 {
			q.group++
			q.older = q.waiting
		}
		return t.spot.group <= q.group
	case orderHost:
		return false // it names no waiter
	}
	return true
}

// front returns the waiter that queued first. The queue is not empty.
func (c *checker) front() int32 {
	q := &c.queue
	for {
		first := q.line[0]
		if p := &c.thread(first.thread).spot; p.queued && p.ticket == first.ticket {
			return first.thread
		}
		q.line = q.line[1:]
	}
}
