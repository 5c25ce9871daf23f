package machine

import (
	"slices"

	"github.com/fibsim/fibsim/ossched"
	"github.com/fibsim/fibsim/workloads"
)

// goroutines is what Go's runtime knows beside its run queues: whose timers have
// come and whose sockets have data. Nobody looks at them but a P between two
// goroutines, a P that has run out of them, the network poller in which one idle P
// sleeps, and the monitor every 10 ms.
type goroutines struct {
	due     [][]int32 // by P: threads whose timer has come
	dues    int       // of all Ps
	net     []int32   // threads whose sockets have data
	since   int64     // when the poller went to sleep
	polling bool      // a poller's return is coming
	sysmon  bool      // the monitor's look is coming
	looked  int64     // when the network was looked at last
	chance  workloads.Stream
}

const (
	pollUnit   = int64(1e6)  // the poller waits whole milliseconds, at least one (runtime/netpoll_epoll.go)
	sysmonPoll = int64(10e6) // the monitor looks at the network when nobody has for so long (runtime/proc.go)
)

// goLive gives a P its CPU, after a cost that this had.
func (m *machine) goLive(pid, cpu int32, cost int64) {
	p := &m.gos.procs[pid]
	p.live, p.parked, p.cpu = true, false, cpu
	switch {
	case p.cur < 0:
		m.pick(m.gos, pid, m.costs.GoSwitch, cost)
		m.wakep(pid)
	case p.again:
		m.stopsAfter(m.gos, pid, ossched.Preempted, cost)
	default:
		m.startBurst(&m.threads[m.gos.owners[p.cur]], cost)
	}
}

// park blocks the kernel's thread of a P that has nothing to do. It sleeps in the
// network poller, whose wait begins anew.
func (m *machine) park(pid int32) {
	p := &m.gos.procs[pid]
	p.live, p.parked = false, true
	m.go_.since = m.now
	m.putAndPick(m.os, p.cpu, ossched.Blocked, 0)
}

// wakep is what a P does that was idle and has found a goroutine: if there may be
// more to find, it starts the next idle P, which will look.
func (m *machine) wakep(pid int32) {
	p := &m.gos.procs[pid]
	if p.cur < 0 || m.go_.dues == 0 && len(m.go_.net) == 0 {
		return
	}
	if next := m.idleP(); next >= 0 {
		m.startP(next, waker(p.cpu), &m.costs.WakeIdle)
	}
}

// kickP starts an idle P on behalf of another, or of a timer. It returns true if
// that P will come to life for it.
func (m *machine) kickP(pid int32, by waker) bool {
	p := &m.gos.procs[pid]
	if p.cur >= 0 || !p.parked {
		return false
	}
	if by >= 0 {
		by = waker(m.gos.procs[by].cpu)
	}
	return m.startP(pid, by, &m.costs.WakeIdle)
}

// startP makes the kernel's thread of an idle P runnable. It returns true if an
// idle CPU comes to life for it, which takes idle if it has become so only now.
func (m *machine) startP(pid int32, by waker, idle *Spread) bool {
	p := &m.gos.procs[pid]
	p.parked = false
	why := ossched.Wakeup
	if p.cpu < 0 {
		why = ossched.Created
	}
	return m.enqueue(m.os, p.task, by, why, idle, &m.go_.chance, -1)
}

// idleP returns a P that sleeps; -1: none.
func (m *machine) idleP() int32 {
	for i := range m.gos.procs {
		if m.gos.procs[i].parked {
			return int32(i)
		}
	}
	return -1
}

// findRunnable is what a P does that finds nobody to run: it looks at the timers
// of all Ps and at the network. It returns true if somebody is runnable now.
func (m *machine) findRunnable(pid int32) bool {
	g := &m.go_
	g.looked = m.now
	if g.dues == 0 && len(g.net) == 0 {
		return false
	}
	for i := range g.due {
		m.runTimers(int32(i), pid)
	}
	for _, id := range g.net {
		m.runnable(&m.threads[id], waker(pid), m.threads[id].why())
	}
	g.net = g.net[:0]
	return true
}

// runTimers makes the goroutines runnable whose timers on P of have come.
func (m *machine) runTimers(of, pid int32) {
	g := &m.go_
	if len(g.due[of]) == 0 {
		return
	}
	ids := g.due[of]
	g.dues -= len(ids)
	g.due[of] = ids[:0]
	for _, id := range ids {
		m.runnable(&m.threads[id], waker(pid), m.threads[id].why())
	}
}

// timerDue puts a goroutine whose timer has come where a P will find it. When a P
// is idle the network poller is what waits for timers: for whole milliseconds,
// counted from when it went to sleep.
func (m *machine) timerDue(t *thread) {
	g := &m.go_
	if t.coming {
		return
	}
	t.coming = true
	g.due[t.cpu] = append(g.due[t.cpu], t.id)
	g.dues++
	if m.idleP() < 0 {
		m.ready(t)
		return
	}
	if g.polling {
		return
	}
	g.polling = true
	wait := (m.now - g.since + pollUnit - 1) / pollUnit * pollUnit
	slack := int64(0)
	if wait > 0 {
		slack = m.costs.TimerSlack.Draw(&t.chance)
	}
	m.at(g.since+wait+slack, evPoll, 0, 0)
}

// pollEnds wakes an idle P for the timers that have come.
func (m *machine) pollEnds() {
	m.go_.polling = false
	if p := m.idleP(); p >= 0 && m.go_.dues > 0 {
		m.startP(p, byTimer, &m.costs.WakeIdle)
	}
}

// netReady notes that a goroutine's socket has data. An idle P sleeps in the
// network poller and comes for it; otherwise it waits for a P to run out of work,
// or for the monitor.
func (m *machine) netReady(t *thread, sender *thread) {
	g := &m.go_
	if t.coming {
		return
	}
	t.coming = true
	t.carry += m.costs.Message
	g.net = append(g.net, t.id)
	if p := m.idleP(); p >= 0 {
		m.startP(p, m.cpuFor(m.os, sender), &m.costs.WakeMessage)
		m.tells(sender)
		return
	}
	m.ready(t)
	if !g.sysmon {
		g.sysmon = true
		m.at(g.looked+sysmonPoll, evSysmon, 0, 0)
	}
}

// sysmonPolls is the monitor's look at the network.
func (m *machine) sysmonPolls() {
	g := &m.go_
	g.sysmon = false
	if len(g.net) == 0 {
		return
	}
	if m.now < g.looked+sysmonPoll {
		g.sysmon = true
		m.at(g.looked+sysmonPoll, evSysmon, 0, 0)
		return
	}
	g.looked = m.now
	ids := slices.Clone(g.net)
	g.net = g.net[:0]
	for _, id := range ids {
		m.runnable(&m.threads[id], byTimer, ossched.Wakeup)
	}
}
