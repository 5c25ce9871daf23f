package machine

import (
	"github.com/fibsim/fibsim/gil/trace"
)

// The server of the talk (github.com/dabeaz/concurrencylive, aserver.py): one thread, a
// deque of tasks that can go on, and select only when that is empty. A task yields
// before each call on a socket, so that even one that is ready costs a trip through
// select. Where a pool computes, a task waits for a future, which the manager's thread
// puts back into the deque; a byte through a pair of sockets ends the select, and a
// task of its own reads it.

// The tasks of the server's loop: one that accepts, one that reads what futures
// write, and one for each connection.
const (
	talkListener = iota
	talkMonitor
	talkConns
)

var (
	listenCode  = []op{{kind: talkWait}, {kind: talkAccept}, {kind: talkAccepted}, {kind: opAgain}}
	monitorCode = []op{{kind: talkWait}, {kind: talkDrain}, {kind: opAgain}}
	talkCode    = []op{{kind: talkWait}, {kind: talkRecv}, {kind: opRequest}, {kind: talkWrite}, {kind: opSend}, {kind: opAgain}}
)

// loadTalk makes the thread of the server's loop and its tasks. Those of connections
// come to the deque when they are accepted.
func (m *machine) loadTalk() error {
	l := &eventLoop{style: talkLoop, current: -1}
	l.home = strand{group: &group{name: serverGroup, code: homeCode}, conn: -1, job: -1}
	t := m.thread(m.locks[0], l.home.group, 0, unseen())
	t.strand, t.loop = l.home, l
	l.thread = t.id
	m.startTimer(t, 0)

	m.talkTask(l, listenCode, -1)
	m.talkTask(l, monitorCode, -1)
	l.ready.push(handle{step, talkListener})
	l.ready.push(handle{step, talkMonitor})
	n := 0
	for i := range m.program.Clients {
		c := &m.program.Clients[i]
		code := talkCode
		if m.program.Server.Model.Pooled() {
			submit, err := m.requestJob(c)
			if err != nil {
				return err
			}
			code = append(append(append([]op(nil), talkCode[:2]...), submit...), talkCode[3:]...)
		}
		for range c.Count {
			m.talkTask(l, code, int32(n))
			l.tasks[len(l.tasks)-1].number = m.numberTask(serverGroup, n+1)
			m.conns[n].server = t.id
			n++
		}
	}
	l.live = len(l.tasks)
	return nil
}

func (m *machine) talkTask(l *eventLoop, code []op, conn int32) {
	k := task{worker: conn + 1, number: -1, meter: unseen()}
	k.strand = m.strand(&group{name: serverGroup, code: code})
	k.conn = conn
	l.tasks = append(l.tasks, k)
}

// talkTurn takes the leftmost task, and selects only where there is none.
func (m *machine) talkTurn(t *thread) bool {
	l := t.loop
	if l.ready.len() == 0 {
		t.nap = -1
		return m.releases(t, trace.IO, selecting)
	}
	t.carry += m.costs.YieldStep
	m.enters(t, l.ready.pop().task)
	return true
}

// talks begins an operation of a task of the server's loop.
func (m *machine) talks(t *thread, o *op) bool {
	l := t.loop
	switch o.kind {
	case talkWait:
		l.receivers = append(l.receivers, l.current)
		return m.suspends(t)
	case talkWrite:
		l.tasks[l.current].since = m.now // a socket always takes another reply
		l.senders = append(l.senders, l.current)
		return m.suspends(t)
	case talkAccept:
		return m.releases(t, trace.IO, accepting)
	case talkAccepted:
		l.tasks[talkConns+int32(m.accepted)].since = m.now
		l.ready.push(handle{step, talkConns + int32(m.accepted)})
		m.accepted++
	case talkRecv:
		return m.releases(t, trace.IO, receiving)
	case talkDrain:
		l.signals = 0
		return m.releases(t, trace.IO, draining)
	default:
		panic("machine: an operation of no thread")
	}
	return true
}

// canReceive reports whether what a task waits to receive is there.
func (m *machine) canReceive(l *eventLoop, k int32) bool {
	switch k {
	case talkListener:
		return m.accepted < len(m.conns)
	case talkMonitor:
		return l.signals > 0
	}
	return m.conns[k-talkConns].requests > 0
}

// canTalk reports whether a select of the server's loop returns at once.
func (m *machine) canTalk(l *eventLoop) bool {
	if len(l.senders) > 0 { // a socket always takes another reply
		return true
	}
	for _, k := range l.receivers {
		if m.canReceive(l, k) {
			return true
		}
	}
	return false
}

// talkSelected queues the tasks that a select has found able to go on: those that
// receive, then those that send.
func (m *machine) talkSelected(l *eventLoop) {
	waiting := l.receivers[:0]
	for _, k := range l.receivers {
		if m.canReceive(l, k) {
			l.tasks[k].since = m.now
			l.ready.push(handle{step, k})
		} else {
			waiting = append(waiting, k)
		}
	}
	l.receivers = waiting
	for _, k := range l.senders {
		l.ready.push(handle{step, k})
	}
	l.senders = l.senders[:0]
}
