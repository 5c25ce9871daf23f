package machine

import (
	"fmt"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/ossched"
)

// This file drives the lock policy as package gil does: one input at a time, each
// decision carried out and recorded. What is the mutex there is the order of
// events here.

// lock is that of one interpreter.
type lock struct {
	policy    policy.Policy
	traits    policy.Traits
	free      bool // there is none
	number    int32
	members   []int32 // its threads, by their number under this lock
	decisions []policy.Decision
	settle    settling
	hold      int64
	afterWait Spread // all three of this lock's interval

	seq       int64
	mutex     int32   // who has the inner mutex for longer than an act; -1: nobody
	contend   []int32 // who have come for it meanwhile, in that order
	holder    int32   // took it last, by number; -1: nobody yet
	held      bool
	waiters   int // threads that want it and have not got it
	countdown int64
	clerk     *trace.Lane // records what the policy's timer does
}

// addLock makes the lock of one more interpreter.
func (m *machine) addLock() (*lock, error) {
	in := &m.program.Interpreter
	name, params := in.Lock, in.Params
	if m.config.Native {
		name, params = "none", nil
	}
	p, err := policy.New(name, params)
	if err != nil {
		return nil, fmt.Errorf("sim: %w", err)
	}
	t := p.Traits()
	l := &lock{traits: t, settle: m.costs.settlingAt(t.Interval), hold: m.costs.askHoldAt(t.Interval), afterWait: m.costs.afterWaitAt(t.Interval), free: t.None, number: int32(len(m.locks)), mutex: -1, holder: -1, countdown: int64(t.Ticks)}
	l.policy = policy.WithSettle(p, func(num policy.Thread) int64 { return m.awakeOf(m.member(l, int32(num))) })
	l.clerk = trace.NewLane(-1, nil, m.config.Keep)
	m.locks = append(m.locks, l)
	return l, nil
}

// takes asks for the lock; once the thread has it, it goes on with then.
func (m *machine) takes(t *thread, then phase) bool {
	t.then = then
	if t.lock.free {
		t.phase = then
		t.lane.To(trace.Run, m.now)
		m.hasBegun(t)
		return true
	}
	if m.contends(t) {
		return true
	}
	in := policy.Input{Kind: policy.Take, Thread: policy.Thread(t.num), Now: m.now}
	park := t.lock.step(m, t, in)
	if park == nil {
		return true
	}
	t.lock.record(m, t, trace.Ask, t.lock.holder, 0)
	t.lane.To(trace.WaitGIL, m.now)
	if t.lock.waiters++; t.lock.waiters == 1 {
		m.armCountdown(t.lock)
	}
	return m.queue(t, park)
}

// contends reports whether a thread that comes for the inner mutex of its lock finds it
// taken. It then goes to sleep, unless the mutex is free before that, and comes again.
func (m *machine) contends(t *thread) bool {
	l := t.lock
	if l.mutex < 0 {
		t.inner.passes = len(l.contend) > 0
		return false
	}
	if t.phase == begin {
		t.phase = take // it is no new thread any more when it is woken
	}
	l.contend = append(l.contend, t.id)
	t.detour, t.left = contending, m.costs.FallAsleep
	return true
}

// owns has a thread keep the inner mutex for as long as it has to do something under it,
// whatever becomes of its CPU meanwhile. What else it has to do comes after that.
func (m *machine) owns(t *thread) {
	in := &t.inner
	in.left, in.carry = t.left, t.carry
	t.detour, t.left, t.carry, in.under = owning, in.under, 0, 0
	t.lock.mutex = t.id
}

// unlocks gives the inner mutex up.
func (m *machine) unlocks(t *thread) {
	in := &t.inner
	t.lock.mutex = -1
	t.detour, t.left = straight, in.left
	t.carry += in.carry
	in.left, in.carry = 0, 0
	m.callsNext(t)
}

// callsNext ends the sleep of the one who has come first for the inner mutex, which t has had.
func (m *machine) callsNext(t *thread) {
	t.inner.passes = false
	l := t.lock
	if len(l.contend) == 0 {
		return
	}
	next := &m.threads[l.contend[0]]
	l.contend = append(l.contend[:0], l.contend[1:]...)
	if next.detour != contending {
		m.wake(next, t)
		return
	}
	next.detour = straight
	t.carry += m.costs.SystemCall
	m.stirs(next)
}

// queue makes a thread wait until it is woken or its wait is over. On its way to sleep
// it is awake, and on its CPU.
func (m *machine) queue(t *thread, park *policy.Decision) bool {
	t.lock.record(m, t, trace.Wait, -1, int64(park.Wait))
	hold := m.holdOf(t)
	t.inner.under += hold
	t.left = m.awakeOf(t) - hold
	t.wait, t.phase, t.late = park.Wait, queueing, false
	if park.Timeout > 0 {
		m.setTimer(t, park.Timeout)
	}
	return true
}

// sleepsOn takes a thread that waits for the lock off its CPU.
func (m *machine) sleepsOn(t *thread) bool {
	if t.roused {
		m.movesTimer(t)
	}
	t.roused, t.dreams = false, true
	return m.falls(t)
}

// awake reports whether a thread that waits for the lock or shakes hands goes on without being woken. One that has begun
// to fall asleep does not.
func (t *thread) awake() bool { return (t.on || t.queued) && t.detour != falling }

// back reports whether a thread comes from a wait for the lock.
func (t *thread) back() bool { return t.phase == woken || t.phase == timedOut }

// stirs lets a thread that is still awake go on.
func (m *machine) stirs(t *thread) {
	if t.detour == owning {
		t.inner.left = 0
		return
	}
	burst := t.burst
	if burst {
		m.clearBurst(t)
		t.at = max(t.at, m.now)
	}
	t.left = 0
	if burst {
		m.setBurst(t)
	}
}

// waitEnds tells the policy that a wait was ended by a wake or its time-out.
func (m *machine) waitEnds(t *thread) bool {
	t.roused = false
	if m.contends(t) {
		return true
	}
	in := policy.Input{Kind: policy.Woken, Thread: policy.Thread(t.num), Now: m.now, Wait: t.wait}
	kind := trace.Woken
	if t.phase == timedOut && !(t.late && t.lock.traits.LateSignal == policy.Consumed) {
		in.Kind, kind = policy.TimedOut, trace.TimedOut
	}
	t.lock.record(m, t, kind, -1, int64(t.wait))
	if park := t.lock.step(m, t, in); park != nil {
		t.lane.To(trace.WaitGIL, m.now)
		return m.queue(t, park)
	}
	t.lock.waiters--
	return true
}

// releases lets the lock go and puts the thread into state into; then it goes on
// with after. With a request pending it may have to wait first until another
// thread has the lock. Others see when it lets go, so what it has done so far comes before.
func (m *machine) releases(t *thread, into trace.State, after phase) bool {
	t.into, t.after = into, after
	if t.lock.free {
		return m.hasLet(t)
	}
	t.phase = letting
	return true
}

// hasLet makes a thread go on without the lock.
func (m *machine) hasLet(t *thread) bool {
	t.lane.To(t.into, m.now)
	if t.phase = t.after; t.phase == doze {
		t.carry += m.costs.SystemCall
	}
	return true
}

// letsGo is the release itself.
func (m *machine) letsGo(t *thread, why policy.Why) bool {
	if m.contends(t) {
		return true
	}
	t.raised = false
	t.carry += m.costs.releaseHalf()
	if why == policy.Asked {
		t.lock.record(m, t, trace.Forced, -1, 0)
	} else {
		t.lock.record(m, t, trace.Release, -1, 0)
	}
	t.lock.held, t.forced, t.let = false, why == policy.Asked, m.now
	shake := t.lock.step(m, t, policy.Input{Kind: policy.Release, Why: why, Thread: policy.Thread(t.num), Now: m.now})
	if shake == nil {
		return m.hasLet(t)
	}
	t.lock.record(m, t, trace.Shake, -1, int64(shake.Wait))
	t.lane.To(trace.WaitGIL, m.now)
	t.wait, t.phase = shake.Wait, shaking
	t.left = m.costs.FallAsleep
	return true
}

// shaken ends the wait of a thread that let go on request.
func (m *machine) shaken(t *thread) bool {
	t.lock.record(m, t, trace.Shaken, -1, int64(t.wait))
	t.lock.step(m, t, policy.Input{Kind: policy.Woken, Thread: policy.Thread(t.num), Now: m.now, Wait: t.wait})
	return m.hasLet(t)
}

// lastRelease lets the lock go for good.
func (m *machine) lastRelease(t *thread) {
	if t.lock == nil || !t.lock.held || t.lock.holder != t.num {
		return
	}
	t.raised = false
	t.lock.record(m, t, trace.Release, -1, 0)
	t.lock.held = false
	t.lock.step(m, t, policy.Input{Kind: policy.Exit, Thread: policy.Thread(t.num), Now: m.now})
	t.inner = inner{} // it is gone: nobody finds the mutex taken
}

// giveWay answers a request: the thread lets the lock go, and goes on with its
// work when it has it again.
func (m *machine) giveWay(t *thread) bool {
	t.then, t.into, t.after = resume, trace.WaitGIL, take
	return m.letsGo(t, policy.Asked)
}

// lockStep gives the policy one input and carries out what it decides on behalf of
// t, nil for the policy's own timer. A Park or Shake of t is returned for the
// caller to do.
func (l *lock) step(m *machine, t *thread, in policy.Input) (park *policy.Decision) {
	l.decisions = l.policy.Step(in, l.decisions[:0])
	for i := range l.decisions {
		d := &l.decisions[i]
		switch d.Kind {
		case policy.Grant:
			m.granted(t, d)
		case policy.Park, policy.Shake:
			park = d
		case policy.Wake:
			l.record(m, t, trace.Handoff, int32(d.Thread), int64(d.Wait))
			l.wakes(m, m.member(l, int32(d.Thread)), t)
		case policy.Rouse:
			m.rouses(m.member(l, int32(d.Thread)), t)
		case policy.Ask:
			if d.By != policy.Nobody {
				l.record(m, t, trace.Request, int32(d.Thread), 0)
			}
			m.raise(m.member(l, int32(d.Thread)))
		case policy.ArmTimer:
			m.at(m.now+d.Timeout, evLock, l.number, 0)
		}
	}
	return park
}

func (m *machine) granted(t *thread, d *policy.Decision) {
	barged := int64(0)
	if d.Barged {
		barged = 1
	}
	t.lock.record(m, t, trace.Take, int32(d.Prev), barged)
	t.lock.holder, t.lock.held = t.num, true
	t.lane.To(trace.Run, m.now)
	t.carry += m.costs.takeHalf()
	if t.back() {
		t.carry += t.lock.afterWait.Draw(&t.chance)
	}
	t.phase = t.then
	m.hasBegun(t)
}

// hasBegun lets the thread go on that has started this one and waits until it has
// the lock.
func (m *machine) hasBegun(t *thread) {
	if t.parent < 0 {
		return
	}
	if p := &m.threads[t.parent]; p.phase == joining {
		m.wake(p, t)
	}
	t.parent = -1
}

// wakes has by, unless that is nil, the policy's timer, end the wait of w: under the inner
// mutex where the policy wants that. One that is on its way to sleep is not queued.
func (l *lock) wakes(m *machine, w, by *thread) {
	if by == nil {
		m.wakeWaiter(w, nil)
		return
	}
	before, slept := by.carry, !w.on && !w.queued
	m.wakeWaiter(w, by)
	if slept {
		by.carry += m.queuing()
	}
	l.calls(by, before)
}

// queuing returns what the call that has just woken a thread takes longer on the waker's own CPU: part of what a switch
// is, and long enough that whoever comes for the inner mutex meanwhile is asleep when it is free.
func (m *machine) queuing() int64 {
	if m.told {
		return 0
	}
	return m.costs.Switch
}

// calls notes that what a thread has to pay beyond before is for a call under the inner mutex, where the
// policy wants that.
func (l *lock) calls(t *thread, before int64) {
	if l.traits.WakeUnderMutex {
		t.inner.under += t.carry - before
		t.carry = before
	}
}

// rouses has by wake a sleeper that goes on waiting: the signal for which it is woken has been taken by a thread
// that was awake. That one comes for the mutex before.
func (m *machine) rouses(w, by *thread) { m.at(m.now, evRouse, w.id, by.id) }

// roused ends the sleep of one that is woken in vain. To find that takes it as long as the first of its work would, and
// what a wait costs: with what is on its way to sleep that comes near to the 16 to 20 µs that such sleepers had their CPUs next to two threads with 1 ms
// (the kernel's events, CPython 3.11 and package gil, November 2026; here half of them have it for 18 or less).
func (m *machine) roused(w, by *thread) {
	if w.phase != queueing || w.on || w.queued {
		return
	}
	w.roused, w.left = true, w.lock.afterWait.Draw(&w.chance)+m.costs.LockWait
	m.runnable(w, m.cpuFor(w.sched, by), ossched.Wakeup)
	call := m.queuing()
	if m.told {
		call += m.costs.WakeCall - m.costs.SystemCall // which it has paid with the signal
	}
	m.pays(by, call)
	if p := &by.sched.procs[by.cpu]; by.on && p.again {
		m.preempt(by.sched, by.cpu)
	}
}

// pays has a thread do something for ns before it goes on: one whose burst has not begun, or that does nothing now.
func (m *machine) pays(t *thread, ns int64) {
	if !t.burst {
		t.carry += ns
		return
	}
	m.clearBurst(t)
	t.at += ns
	m.setBurst(t)
}

// wakeUp makes a waiter go on, which another thread does; nil: a timer. One that is
// awake needs no wake-up, but the call is made: a condition variable counts signals.
func (m *machine) wakeUp(w, by *thread) {
	if !w.awake() {
		m.wake(w, by)
		return
	}
	if by != nil {
		by.carry += m.costs.SystemCall
	}
	m.stirs(w)
}

// wakeWaiter ends the wait of w, which another thread does. One whose wait has just
// timed out is on its way already; one that was woken before stays so.
func (m *machine) wakeWaiter(w, by *thread) {
	switch w.phase {
	case queueing:
		m.stopTimer(w)
		w.phase = woken
		m.wakeUp(w, by)
	case shaking:
		w.phase = shaken
		m.wakeUp(w, by)
	case timedOut:
		if m.amongSleepers(w) {
			w.phase = woken
		} else {
			w.late = true
		}
		if by != nil {
			by.carry += m.costs.SystemCall
		}
	default:
		if by != nil {
			by.carry += m.costs.WakeCall
		}
	}
}

// amongSleepers reports whether a thread whose wait has timed out can still be woken, which it then counts as. Linux takes it
// out of its futex's queue when it runs (futex_wait: "If we were woken (and unqueued), we succeeded, whatever"), and one that is not in that queue yet finds
// the signal. The other wake order is taken for that of macOS, which takes it out as its timer ends (thread_timer_expire, clear_wait).
func (m *machine) amongSleepers(t *thread) bool {
	return t.lock.traits.WakeOrder == policy.Glibc236 && (!t.up || m.now < t.at)
}

// member returns the thread of a number under a lock.
func (m *machine) member(l *lock, num int32) *thread { return &m.threads[l.members[num]] }

// record numbers an event of the lock; t is nil for the policy's timer.
func (l *lock) record(m *machine, t *thread, k trace.Kind, other int32, arg int64) {
	l.seq++
	lane := l.clerk
	if t != nil {
		lane = t.lane
	}
	lane.Lock(l.seq, m.now, k, other, arg)
}

// releaseHalf and takeHalf are the two parts of ReleaseTake.
func (c *Costs) releaseHalf() int64 { return c.ReleaseTake / 2 }
func (c *Costs) takeHalf() int64    { return c.ReleaseTake - c.ReleaseTake/2 }

// WayBack is the part of LockWait that comes after a sleep.
func (c *Costs) WayBack() int64 { return c.LockWait - c.LockWait/2 }
