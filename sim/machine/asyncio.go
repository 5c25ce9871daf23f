package machine

import (
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/sim"
)

// The loop of asyncio (CPython 3.11, Lib/asyncio/base_events.py, _run_once). A turn
// selects, for no time at all if something is ready, else until the first timer;
// queues what has come; and then does what was ready, and nothing that becomes so
// meanwhile. Whatever ends a wait does not go on with the task but queues that, so a
// task that has slept goes on a turn, and a select, after its timer.

// pollGrain is what a time-out of epoll_wait is rounded up to, in ns: it takes whole
// milliseconds (Lib/selectors.py, EpollSelector.select).
const pollGrain = int64(1e6)

// asyncioTurn does the next handle of a turn, or begins a turn.
func (m *machine) asyncioTurn(t *thread) bool {
	l := t.loop
	if l.batch == 0 {
		t.nap = l.timeout(m.now, t.sched.goes)
		return m.releases(t, trace.IO, selecting)
	}
	l.batch--
	h := l.ready.pop()
	t.carry += m.costs.AsyncioStep
	switch h.kind {
	case resolve:
		l.ready.push(handle{step, h.task})
	case drain:
		l.signals = 0
		return m.releases(t, trace.IO, draining)
	case step:
		m.enters(t, h.task)
		return true
	}
	m.jump(t)
	return true
}

// timeout returns for how long a loop may sleep in select; -1: until it is woken.
func (l *eventLoop) timeout(now int64, exact bool) int64 {
	_, at := l.timers.First()
	switch {
	case l.ready.len() > 0 || at <= now:
		return 0
	case at == sim.Never:
		return -1
	case exact:
		return at - now
	}
	return (at - now + pollGrain - 1) / pollGrain * pollGrain
}

// selected ends the select of a loop: what has come is queued, and the turn is what
// is ready now.
func (l *eventLoop) selected(now int64) {
	if l.signals > 0 {
		l.ready.push(handle{kind: drain})
	}
	l.due(now, resolve)
	l.batch = l.ready.len()
}

// sleepsInLoop is await asyncio.sleep.
func (m *machine) sleepsInLoop(t *thread, ns int64) bool {
	l := t.loop
	t.planned += ns
	if ns <= 0 {
		l.tasks[l.current].since = m.now
		l.ready.push(handle{step, l.current})
		return m.suspends(t)
	}
	l.timers.Set(int(l.current), m.now+ns)
	return m.suspendsFor(t, ns)
}
