package policy

// The tick lock of CPython 2 and of 3.0 and 3.1 (Python/ceval.c,
// Python/thread_pthread.h). The holder counts ticks, which are bytecodes that
// are not among the quickest, down from the check interval; one countdown
// serves all threads. At its end the holder lets go and asks for the lock back
// in the next instruction. There is no clock and no hand-shake: where another
// CPU is free, the thread that was woken usually arrives too late and sleeps
// again.
//
// On Linux the lock is a POSIX semaphore: sleepers are woken in their order, and
// one that finds the semaphore taken again queues at the tail.

func init() {
	register(&Spec{
		Name:   "cpython-2",
		Title:  "CPython 2 and 3.0 to 3.1: the holder lets go every 100 ticks",
		Source: "CPython, Python/ceval.c and Python/thread_pthread.h (2.7)",
		Params: []Param{
			{Name: "check_interval", Kind: IntParam, Default: 100, Min: 1, Max: 1 << 30,
				Doc: "ticks between two releases"},
		},
		New: func(v Values) Policy { return newCPython2(v.Int("check_interval")) },
	})
}

type cpython2 struct {
	ticks   int
	waiters *waiters
	locked  bool
	last    Thread
	woken   Thread   // the latest that a signal was sent to
	waits   []uint64 // number of the latest wait, by thread
}

func newCPython2(ticks int) *cpython2 {
	return &cpython2{ticks: ticks, waiters: newWaiters(FIFO, nil), last: Nobody, woken: Nobody}
}

func (c *cpython2) Traits() Traits {
	return Traits{Ticks: c.ticks, WakeOrder: FIFO, LateSignal: Consumed}
}

func (c *cpython2) Step(in Input, out []Decision) []Decision {
	switch in.Kind {
	case Woken:
		c.waiters.leave(in.Thread, true)
		return c.grantOrPark(in, out)
	case Take:
		return c.grantOrPark(in, out)
	case Check:
		return c.check(in, out)
	case Release, Exit:
		return c.release(in, out)
	}
	panic("cpython-2: no such input")
}

func (c *cpython2) grantOrPark(in Input, out []Decision) []Decision {
	if !c.locked {
		out, d := put(out, Grant, in.Thread)
		d.Prev, d.Barged = c.last, c.waiters.underway()
		c.locked = true
		c.last = in.Thread
		return out
	}
	for int(in.Thread) >= len(c.waits) {
		c.waits = append(c.waits, 0)
	}
	c.waits[in.Thread]++
	c.waiters.queue(in.Thread, in.Now)
	return append(out, Decision{Kind: Park, Thread: in.Thread, Wait: c.waits[in.Thread]})
}

// check ends a countdown. The holder lets go whether or not somebody waits; where
// nobody does, that changes nothing, and the detour is left out.
func (c *cpython2) check(in Input, out []Decision) []Decision {
	if c.waiters.waiting() || c.waiters.underway() {
		out = append(out, Decision{Kind: Ask, Thread: in.Thread, By: Nobody})
	}
	return out
}

// arriving returns a thread that has been woken and is not there yet. It counts
// as a waiter until it has the semaphore, so that a post makes the system call of
// a wake-up for it once more. That wakes nobody; but while it lasts the lock is
// free, and this is the moment at which a waiter that is awake gets it.
func (c *cpython2) arriving() Thread {
	if c.woken == Nobody || !c.waiters.signalledTo(c.woken) {
		return Nobody
	}
	return c.woken
}

func (c *cpython2) release(in Input, out []Decision) []Decision {
	if !c.locked || c.last != in.Thread {
		panic("cpython-2: a thread lets go of the lock that has not got it")
	}
	c.locked = false
	t, _ := c.waiters.signal(in.Now)
	if t == Nobody {
		t = c.arriving()
	}
	if t != Nobody {
		c.woken = t
		out = append(out, Decision{Kind: Wake, Thread: t, Wait: c.waits[t]})
	}
	return out
}
