package machine

import (
	"github.com/fibsim/fibsim/ossched"
	"github.com/fibsim/fibsim/sim"
	"github.com/fibsim/fibsim/workloads"
)

// waker is who makes a task runnable: a CPU (or P) whose task does it just now, or
// one of those below.
type waker int32

const (
	byTimer waker = -1 // a timer
	byOther waker = -2 // somebody who is not on a CPU any more
)

// cpu returns the waker as a scheduler knows it.
func (w waker) cpu() ossched.CPU { return ossched.CPU(max(w, byTimer)) }

// wake makes a thread runnable that is blocked. Waker is the thread whose act it
// is, which pays for the call; nil: a timer's.
func (m *machine) wake(t, waker *thread) {
	by := byTimer
	if waker != nil {
		by = m.cpuFor(t.sched, waker)
	}
	m.runnable(t, by, t.why())
	switch {
	case waker == nil || t.sched.goes:
	case m.told:
		waker.carry += m.costs.WakeCall
	default: // what is left of it is in the switch
		waker.carry += m.costs.SystemCall
	}
}

// cpuFor returns the CPU, or where goroutines are woken the P, that a thread runs
// on, as the scheduler of the woken one has to know it.
func (m *machine) cpuFor(s *sched, t *thread) waker {
	switch {
	case !t.on:
		return byOther
	case t.sched == s:
		return waker(t.cpu)
	case t.sched.goes: // a goroutine wakes a task of the kernel
		return waker(m.gos.procs[t.cpu].cpu)
	}
	return byOther
}

// runnable queues a thread that is New or woken.
func (m *machine) runnable(t *thread, by waker, why ossched.Why) {
	s := t.sched
	if s.expects != nil {
		s.expects.Expect(t.task, m.demand(t))
	}
	if t.detour == falling { // it has a CPU, or waits for one: it does not sleep
		t.detour, t.dreams, m.told = straight, false, false
		return
	}
	t.queued, t.coming = true, false
	idle := &m.costs.WakeIdle
	if t.receives() {
		idle = &m.costs.WakeMessage
	}
	if !m.enqueue(s, t.task, by, why, idle, &t.chance, t.id) {
		if t.dreams {
			t.carry += m.costs.WayBack()
		}
		if by == byTimer {
			m.interrupts(t)
		}
		m.ready(t)
	}
	t.dreams = false
}

// enqueue queues a task and sees to it that a CPU looks at it. It returns true when
// that is a CPU which is idle now and will come to life for this task; idle is what
// that takes if it has become so only now. Told says afterwards whether another CPU had to
// be told.
func (m *machine) enqueue(s *sched, task ossched.Task, by waker, why ossched.Why, idle *Spread, chance *workloads.Stream, id int32) bool {
	m.told = false
	c := s.policy.Place(task, by.cpu(), m.now)
	if by >= 0 && int32(by) != int32(c) && s.procs[c].cur >= 0 && !s.goes && m.isFirst(s, int32(c), chance) {
		c = s.policy.Place(task, by.cpu(), m.now)
	}
	s.waiting++
	r := s.policy.Enqueue(c, task, m.now, why)
	if s.procs[c].cur >= 0 {
		m.retick(s, int32(c))
	}
	m.arm(s)
	if r == ossched.NoCPU {
		return false
	}
	p := &s.procs[r]
	switch {
	case s.goes:
		return m.kickP(int32(r), by)
	case p.cur < 0:
		return m.wakeCPU(p, int32(r), by, idle, chance, id)
	case int32(r) == int32(by):
		m.asked(p, true)
	case by == byTimer:
		m.at(m.now, evResched, int32(r), int32(p.gen))
	default:
		m.told = true
		m.at(m.now+m.costs.WakeBusy.Draw(chance), evResched, int32(r), int32(p.gen))
	}
	return false
}

// isFirst has the thread of a CPU be asleep that is about to: a wake-up from another CPU comes later, as a rule. Where it
// does not, the woken thread runs behind one that stays in the CPU's queue, is preempted when that is woken
// in its turn, and may then be runnable for an interval. (CPython 3.11 and the lock of package gil next to two threads with 1 and 5 ms: it
// did not in 8 % of 3,784 cases, by the kernel's events, which delay the waker by part of a microsecond. With none recorded a poller had been
// runnable for so long at 5 % of the requests, of the lock of package gil with 1 ms, which is what a quarter makes here.
// A virtual machine with 2 CPUs, Linux 6.18, November 2026.)
//
// It reports whether that thread has been asleep already when the kernel looked for a CPU, so that it is to look again. In half
// of the cases it is: under the lock of package gil on that machine, whose kernel packs (ossched), a poller that had last been on the
// CPU of who asked came to the holder's CPU in 0.29 to 0.43 of 119 to 222 cases, which were 1,465 in all, next to two threads with 5 and next
// to two and to four with 20 ms. Here it would in 0.04 if that thread were always seen.
func (m *machine) isFirst(s *sched, c int32, chance *workloads.Stream) (before bool) {
	const (
		all       = 4 // of so many wake-ups
		overtakes = 1 // come before it is asleep
		seen      = 1 // and come later, but see it on its CPU
	)
	t := m.threadOf(s, s.procs[c].cur)
	if t == nil || t.detour != falling && t.detour != contending {
		return false
	}
	late := chance.Uint64() % all
	if late < overtakes {
		return false
	}
	m.clearBurst(t)
	rest := max(t.at, m.now) + t.left - m.now
	t.left, t.detour = 0, straight
	m.blockAfter(t, rest)
	return late >= overtakes+seen
}

// wakeCPU brings an idle CPU to life for a thread; what it takes depends on how
// deep the CPU sleeps. Timers end late by the time that theirs takes, so for them
// it has passed, unless their own CPU was busy and they come to another.
func (m *machine) wakeCPU(p *proc, c int32, by waker, idle *Spread, chance *workloads.Stream, id int32) bool {
	if p.waking {
		return false
	}
	latency := int64(0)
	if by != byTimer {
		if m.now-p.idle > m.costs.IdlePoll {
			idle = &m.costs.WakeDeep
		}
		latency = idle.Draw(chance)
		m.told = latency >= m.costs.WakeIdle.Min
	}
	if by == byTimer || m.told { // else it runs where the waker does
		latency += max(0, m.stallsUntil(p, chance)-m.now)
	}
	p.waking, p.coming, p.cold = true, id, 0
	if by == byTimer && id >= 0 {
		p.cold = m.threads[id].cold
		latency += m.threads[id].more
	}
	m.at(m.now+latency, evPick, c, 0)
	return true
}

// comesToLife lets a CPU that was idle choose its task.
func (m *machine) comesToLife(c int32) {
	p := &m.os.procs[c]
	id := p.coming
	p.waking, p.coming = false, -1
	if p.cur < 0 {
		m.pick(m.os, c, 0, p.cold)
	}
	if id >= 0 && m.threads[id].queued {
		m.ready(&m.threads[id]) // the CPU chose another one
	}
}

// timerEnds ends the sleep of a thread, or its wait for the lock.
func (m *machine) timerEnds(t *thread) {
	if t.sched.goes {
		m.timerDue(t)
		return
	}
	if t.phase == queueing && t.awake() {
		t.phase, t.up = timedOut, t.on
		m.stirs(t)
		return
	}
	if t.more > 0 {
		if p := &t.sched.procs[t.cpu]; p.cur < 0 && !p.waking {
			cold := t.cold // the CPU still has to come to life
			m.startTimer(t, m.costs.onGrid(m.now+t.more))
			t.cold = cold
			return
		}
	}
	if t.cpu >= 0 {
		if until := m.stallsUntil(&t.sched.procs[t.cpu], &t.chance); until > m.now {
			m.startTimer(t, until)
			return
		}
	}
	if t.phase == queueing {
		t.phase, t.up = timedOut, t.on
	}
	m.runnable(t, byTimer, t.why())
}

// interrupts has a thread pay for the interrupt of its timer, which has come to a CPU that computes. Of those that
// it wakes at once, one does.
func (m *machine) interrupts(t *thread) {
	if t.cpu < 0 || t.hot == 0 {
		return
	}
	if p := &t.sched.procs[t.cpu]; p.cur >= 0 && p.rang != m.now {
		p.rang = m.now
		t.carry += t.hot
	}
}

// why returns whether a thread becomes runnable for the first time.
func (t *thread) why() ossched.Why {
	if t.cpu < 0 || t.phase == begin {
		return ossched.Created
	}
	return ossched.Wakeup
}

// receives reports whether a thread that is woken is so by a message.
func (t *thread) receives() bool {
	return t.phase == receiving || t.phase == clientSent || t.phase == selecting && t.talks()
}

// sleepFor blocks a thread for ns nanoseconds and what a timer adds. That takes the CPU
// as long as a wait for the lock, which is a sleep too; a goroutine leaves it to its P.
func (m *machine) sleepFor(t *thread, ns int64) bool {
	m.setTimer(t, ns)
	if t.sched.goes {
		return m.block(t)
	}
	t.dreams = true
	return m.falls(t)
}

// setTimer makes timerEnds come after ns nanoseconds and what a timer adds; for a
// goroutine the Go runtime sees to that.
func (m *machine) setTimer(t *thread, ns int64) {
	if t.sched.goes {
		m.startTimer(t, m.now+ns)
		return
	}
	slack, hot := m.costs.TimerSlackOf(ns), int64(0)
	t.due, t.lag = m.now+ns, slack.Draw(&t.chance)
	if m.costs.toldBusy() {
		hot = max(0, m.costs.TimerBusy.Draw(&t.chance)-m.costs.timerRange())
	}
	m.alarms(t, hot)
}

// alarms makes timerEnds come for the time that the timer of a thread is set for, by an interrupt of the CPU where the thread is.
func (m *machine) alarms(t *thread, hot int64) {
	ends, more := m.alarmFor(t, t.due, t.lag)
	m.startTimer(t, ends)
	t.cold, t.more, t.hot = m.costs.timerWake(), more, hot
}

// movesTimer sets the timer of a thread anew, for the time that it was set for, on the CPU where the thread is now: a
// sleeper that is woken and sleeps on sets another one. One whose interrupt has come stays as it is.
func (m *machine) movesTimer(t *thread) {
	if t.timer.None() || m.now >= t.due+m.costs.timerRange() {
		return
	}
	was := t.timer
	m.alarms(t, t.hot) // may be by the interrupt that it has
	m.q.Cancel(was)
}

// startTimer makes timerEnds come at a time.
func (m *machine) startTimer(t *thread, at int64) {
	t.timer, t.timerAt, t.cold, t.more, t.hot = m.at(at, evTimer, t.id, 0), at, 0, 0, 0
}

// stopTimer makes it not come.
func (m *machine) stopTimer(t *thread) {
	m.q.Cancel(t.timer)
	t.timer = sim.Handle{}
}

// onGrid returns when a timer ends that is due at a time: not before it.
func (c *Costs) onGrid(due int64) int64 {
	if over := due % max(c.TimerGrid, 1); over > 0 {
		return due - over + c.TimerGrid
	}
	return due
}
