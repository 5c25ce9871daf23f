package policy

import "time"

// The timed-request lock of CPython 3.2 and later (Python/ceval_gil.c, before
// 3.8 Python/ceval_gil.h): take_gil, drop_gil.
//
// The holder runs on as long as nobody wants the lock. A thread that finds it
// taken waits for one switch interval. When the interval ends and the lock has
// not changed hands meanwhile, the waiter asks the holder to let go, and waits
// again. The holder sees the request at its next checkpoint, lets go, wakes one
// waiter, and does not go on before another thread has the lock: a forced
// switch cannot hand the lock back to the thread that was forced.
//
// What makes it favour CPU-bound work is that each wait, restarted for whatever
// reason, is a full interval, and that the clock runs in the waiter: a thread
// that blocks often pays an interval each time it comes back.

// settleTime is for how long a thread that has queued on glibc's condition variable
// takes a signal itself: the way out of the mutex and into futex(2). It is an
// estimate, not a measurement: with cold caches the same C code needed 0.3 to 1.5 µs
// from an eval breaker to the mutex on Linux 6.18, which is a way of like length.
const settleTime = 1000

func settles(Thread) int64 { return settleTime }

func init() {
	register(&Spec{
		Name:   "cpython-3",
		Title:  "CPython 3.2 and later: a waiter asks for the lock after a switch interval",
		Source: "CPython, Python/ceval_gil.c (3.2 to 3.14)",
		Params: []Param{
			{Name: "switch_interval", Kind: DurationParam, Default: 5 * time.Millisecond, Min: time.Microsecond, Max: 100 * time.Second,
				Doc: "how long a waiter waits, without a change of holder, before it asks"},
			{Name: "wake_order", Kind: ChoiceParam, Default: string(Glibc236), Choices: []string{string(Glibc236), string(FIFO)},
				Doc: "who is woken; parking by pthread has the host's own rule instead"},
		},
		New: func(v Values) Policy {
			return newCPython3(v.Duration("switch_interval"), WakeOrder(v.Choice("wake_order")))
		},
	})
}

type cpython3 struct {
	interval int64
	waiters  *waiters
	rouses   bool // tells who is woken in vain

	locked   bool
	last     Thread // took the lock last, or is letting it go
	switches uint64 // times that a thread took it after another had it
	request  bool
	shaker   Thread // let go on request and waits until another has taken it
	threads  []waiter
}

// waiter is what the lock knows of one thread.
type waiter struct {
	wait uint64 // number of its latest wait
	seen uint64 // switches when that wait began
}

func newCPython3(interval int64, order WakeOrder) *cpython3 {
	return &cpython3{interval: interval, waiters: newWaiters(order, settles), last: Nobody, shaker: Nobody}
}

// WithHostOrder returns the same lock for a driver whose own primitive chooses
// who wakes, where the policy has a choice of wake order at all.
func WithHostOrder(p Policy) Policy {
	if c, ok := p.(*cpython3); ok {
		return newCPython3(c.interval, HostOrder)
	}
	return p
}

// WithSettle returns the same lock where a thread that queues on the condition variable
// takes a signal there for as many ns as settle says then: for a driver that knows its host.
// Only a wake order that depends on it changes. The lock then tells, too, which sleeper is woken for a signal
// that is taken before. It must not have been used.
func WithSettle(p Policy, settle func(Thread) int64) Policy {
	if c, ok := p.(*cpython3); ok {
		settled := newCPython3(c.interval, c.waiters.order)
		settled.waiters.settle, settled.rouses = settle, true
		return settled
	}
	return p
}

func (c *cpython3) Traits() Traits {
	return Traits{
		WakeUnderMutex: true, WakeOrder: c.waiters.order, LateSignal: PassedOn,
		Interval: c.interval, Ahead: true, Shakes: true,
	}
}

func (c *cpython3) Step(in Input, out []Decision) []Decision {
	switch in.Kind {
	case Take:
		return c.grantOrPark(in, out)
	case Woken:
		if in.Thread == c.shaker || c.threads[in.Thread].wait != in.Wait {
			return out // the shake is over; there is nothing to decide
		}
		c.waiters.leave(in.Thread, true)
		return c.grantOrPark(in, out)
	case TimedOut:
		return c.timedOut(in, out)
	case Release:
		return c.release(in, out)
	case Exit:
		return c.exit(in, out)
	}
	panic("cpython-3: no such input")
}

// QuickTake is grant where no woken thread is overtaken and none shakes hands.
func (c *cpython3) QuickTake(t Thread) (prev Thread, ok bool) {
	if c.locked || c.shaker != Nobody || c.waiters.underway() {
		return Nobody, false
	}
	prev = c.last
	c.hold(t)
	return prev, true
}

// QuickRelease is release where nobody is to be woken and nobody asked. A host that
// chooses whom to wake is told of every release.
func (c *cpython3) QuickRelease(t Thread) (ok bool) {
	if c.request || c.waiters.order == HostOrder || c.waiters.waiting() {
		return false
	}
	c.mustHold(t)
	c.locked = false
	return true
}

func (c *cpython3) grantOrPark(in Input, out []Decision) []Decision {
	if c.locked {
		return c.park(in, out)
	}
	return c.grant(in.Thread, out)
}

// park begins a wait: a full interval, whatever came before, and a fresh look at
// the number of switches.
func (c *cpython3) park(in Input, out []Decision) []Decision {
	w := c.thread(in.Thread)
	w.wait++
	w.seen = c.switches
	c.waiters.queue(in.Thread, in.Now)
	out, d := put(out, Park, in.Thread)
	d.Timeout, d.Wait = c.interval, w.wait
	return out
}

// grant gives the lock to t, which wipes any request, whoever made it.
func (c *cpython3) grant(t Thread, out []Decision) []Decision {
	out, d := put(out, Grant, t)
	d.Prev, d.Barged = c.last, c.waiters.underway()
	c.hold(t)
	if c.shaker != Nobody {
		out, d = put(out, Wake, c.shaker)
		d.Wait = c.threads[c.shaker].wait
		c.threads[c.shaker].wait++
		c.shaker = Nobody
	}
	return out
}

func (c *cpython3) hold(t Thread) {
	c.locked = true
	if c.last != t {
		c.last = t
		c.switches++
	}
	c.request = false
}

func (c *cpython3) timedOut(in Input, out []Decision) []Decision {
	seen := c.threads[in.Thread].seen
	if c.waiters.leave(in.Thread, false) {
		out = c.wake(in.Now, out)
	}
	if c.locked && c.switches == seen {
		c.request = true
		out = append(out, Decision{Kind: Ask, Thread: c.last, By: in.Thread})
	}
	return c.grantOrPark(in, out)
}

// release lets go, for whatever reason: a request that is pending makes the
// thread shake hands also when it let go for reasons of its own.
func (c *cpython3) release(in Input, out []Decision) []Decision {
	c.mustHold(in.Thread)
	c.locked = false
	out = c.wake(in.Now, out)
	if c.request {
		c.request = false
		c.shaker = in.Thread
		w := c.thread(in.Thread)
		w.wait++
		out = append(out, Decision{Kind: Shake, Thread: in.Thread, Wait: w.wait})
	}
	return out
}

// exit is the last release of a thread: it never shakes hands.
func (c *cpython3) exit(in Input, out []Decision) []Decision {
	c.mustHold(in.Thread)
	c.locked = false
	c.request = false
	return c.wake(in.Now, out)
}

func (c *cpython3) wake(now int64, out []Decision) []Decision {
	switch t, vain := c.waiters.signal(now); t {
	case Nobody:
	case Anyone:
		out, _ = put(out, Wake, Anyone)
	default:
		var d *Decision
		out, d = put(out, Wake, t)
		d.Wait = c.threads[t].wait
		if vain != Nobody && c.rouses {
			out, d = put(out, Rouse, vain)
			d.Wait = c.threads[vain].wait
		}
	}
	return out
}

func (c *cpython3) mustHold(t Thread) {
	if !c.locked || c.last != t {
		panic("cpython-3: a thread lets go of the lock that has not got it")
	}
}

func (c *cpython3) thread(t Thread) *waiter {
	for int(t) >= len(c.threads) {
		c.threads = append(c.threads, waiter{})
	}
	return &c.threads[t]
}
