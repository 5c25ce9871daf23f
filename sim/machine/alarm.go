package machine

// Linux lets the timer of an ordinary thread end up to 50 µs late (its timer slack), so that
// it need not interrupt its CPU for each (kernel/time/hrtimer.c, __hrtimer_run_queues): an
// interrupt comes when the slack of a timer is over, and ends with it all others of that CPU
// that are due by then. So threads that sleep as long, and began within that, wake together
// from then on.

// alarm is such an interrupt that is to come.
type alarm struct {
	at     int64 // when
	fires  int64 // when the threads that it wakes go on
	thread int32 // one that it wakes
}

// alarms are those of one CPU, by their time. Two are never closer than the slack, so each
// has a place of its own among those of the next alarmPlaces times the slack. Of two that
// are farther apart, and have the same place, the earlier is forgotten: timers that are set
// later do not end with it.
type alarms []alarm

const alarmPlaces = 256

func (a alarms) place(at, slack int64) *alarm { return &a[at/slack%alarmPlaces] }

// fires returns when a thread goes on whose timer is due after ns nanoseconds, and goes on
// late ns after that unless the timer ends with another. The thread is on its CPU.
func (m *machine) fires(t *thread, ns, late int64) int64 {
	slack, due := m.costs.TimerRange, m.now+ns
	if slack == 0 {
		return due + late
	}
	p := &t.sched.procs[t.cpu]
	if p.alarms == nil {
		p.alarms = make(alarms, alarmPlaces)
	}
	for _, at := range [...]int64{due, due + slack} {
		if a := p.alarms.place(at, slack); a.at >= due && a.at <= due+slack && m.comes(a) {
			a.thread = t.id
			return max(due, a.fires)
		}
	}
	a := alarm{at: due + slack, fires: due + late, thread: t.id}
	*p.alarms.place(a.at, slack) = a
	return a.fires
}

// comes reports whether an alarm still does: its thread waits for it.
func (m *machine) comes(a *alarm) bool {
	t := &m.threads[a.thread]
	return t.timer != 0 && t.fires == a.fires
}
