package machine

// Linux lets the timer of an ordinary thread end up to 50 µs late (its timer slack), so that
// it need not interrupt its CPU for each (kernel/time/hrtimer.c, __hrtimer_run_queues): an
// interrupt comes when the slack of a timer is over, and ends with it all others of that CPU
// that are due by then. So threads that sleep as long, and began within that, wake together
// from then on.
//
// Left out: that a timer which is set later, and ends earlier, ends those with it that were set
// before; that the others are on their own again when the thread whose slack it was no longer
// waits; and ticks, which end timers, too.

// alarm is such an interrupt that is to come.
type alarm struct {
	at     int64 // when
	ends   int64 // when the threads that it wakes go on
	more   int64 // how much later they do where their CPU sleeps until then
	thread int32 // the last of them that was set
}

// alarms are those of one CPU, each at a place that its time gives, among those of the next
// alarmPlaces times the slack. Where two have one place, the one that was set first is
// forgotten: timers that are set later do not end with it.
type alarms []alarm

const alarmPlaces = 256

func (a alarms) place(at, slack int64) *alarm { return &a[at/slack%alarmPlaces] }

// timerRange returns how much of a timer's lateness the kernel can give away: no more than nine of ten
// timers have. Those that are earlier have ended with another, of some other program.
func (c *Costs) timerRange() int64 { return min(c.TimerRange, c.TimerSlack.P10) }

// timerWake returns what of a timer's lateness comes after its interrupt where the CPU has slept. It is no more
// than nine of ten timers are late beyond what the kernel gives away, so that these stay as late as they were
// measured.
func (c *Costs) timerWake() int64 { return min(c.TimerWake, c.TimerSlack.P10-c.timerRange()) }

// TimerSlackOf returns how much later a sleep or a timed wait of ns ends on an idle CPU: TimerSlack up to 1 ms,
// TimerSlackLong from 5 ms on, and evenly between them.
func (c *Costs) TimerSlackOf(ns int64) Spread {
	if c.TimerSlackLong == (Spread{}) {
		return c.TimerSlack
	}
	short, long := c.TimerSlack.quantiles(), c.TimerSlackLong.quantiles()
	var q [len(short)]int64
	for i := range q {
		q[i] = between(short[i], long[i], ns-int64(ShortInterval), int64(MiddleInterval-ShortInterval))
	}
	return Spread{q[0], q[1], q[2], q[3], q[4], q[5]}
}

// toldBusy reports whether it is known how late timers are on a CPU that computes, and not only all in all.
func (c *Costs) toldBusy() bool { return c.timerRange() > 0 && c.TimerWake > 0 }

// alarmFor returns when a thread goes on whose timer is due at a time: late ns after
// that, unless the timer ends with another. Where it is known what waking a CPU takes, more is what of that comes
// only if the CPU sleeps then: on one that is busy, a timer is as late as its slack, and as its interrupt takes there. (In C, sleeps of 0.2 to 5 ms on a
// virtual machine with 2 CPUs, Linux 6.18, November 2026: nine of ten ended 58 to 69 µs late next to a thread that
// computed, however long they were, and 66 to 97 µs late up to 2 ms, 75 to 134 with 5 ms, where none did.) The thread is on its CPU.
func (m *machine) alarmFor(t *thread, due, late int64) (ends, more int64) {
	slack, wake := m.costs.timerRange(), m.costs.timerWake()
	late = max(slack, late-wake)
	if m.costs.toldBusy() {
		late, more = slack, late-slack
	}
	if slack == 0 {
		return m.costs.onGrid(due + late), more
	}
	p := &t.sched.procs[t.cpu]
	if p.alarms == nil {
		p.alarms = make(alarms, alarmPlaces)
	}
	for _, at := range [...]int64{due, due + slack} {
		if a := p.alarms.place(at, slack); a.at >= due && a.at <= due+slack && m.comes(a) {
			a.thread = t.id
			return a.ends, a.more
		}
	}
	a := alarm{at: due + slack, ends: m.costs.onGrid(due + late), more: more, thread: t.id}
	*p.alarms.place(a.at, slack) = a
	return a.ends, a.more
}

// comes reports whether an alarm still does: its thread waits for it.
func (m *machine) comes(a *alarm) bool {
	t := &m.threads[a.thread]
	return !t.timer.None() && t.timerAt == a.ends
}
