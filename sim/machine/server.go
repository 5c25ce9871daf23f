package machine

import (
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// The threaded server: one thread accepts and starts a thread for each connection.
// Around accept, recv and send the lock is let go. An iteration of a server's
// thread lasts from the return of recv to the return of send.

// serverGroup names the threads of a server in a log: number 0 accepts, the others
// serve a connection each.
const serverGroup = "server"

// The loops of the server's threads.
var (
	acceptLoop = []op{{kind: opAccept}, {kind: opStart}, {kind: opAgain}}
	serveLoop  = []op{{kind: opRecv}, {kind: opFib}, {kind: opSend}, {kind: opAgain}}
)

// serves begins an operation of a server's thread.
func (m *machine) serves(t *thread, o *op) bool {
	switch o.kind {
	case opAccept:
		if t.seq == int64(len(m.conns)) {
			return m.releases(t, policy.Blocking, trace.IO, idling)
		}
		return m.releases(t, policy.Blocking, trace.IO, accepting)
	case opStart:
		if m.config.Native {
			t.carry += m.costs.GoSwitch
		} else {
			t.carry += m.costs.ThreadStart
		}
		return m.releases(t, policy.Blocking, trace.IO, starting)
	case opRecv:
		return m.releases(t, policy.Blocking, trace.IO, receiving)
	case opSend:
		return m.releases(t, policy.Blocking, trace.IO, sending)
	case opAgain:
		t.pc = 0
		return true
	}
	panic("machine: an operation of no thread")
}

// actOnSocket does what a thread does next that has to do with a connection.
func (m *machine) actOnSocket(t *thread) bool {
	switch t.phase {
	case accepting:
		t.left, t.phase, t.then = m.costs.Accept, take, fetch
	case starting:
		return m.starts(t)
	case joining:
		t.phase, t.then = take, fetch
	case idling:
		return m.block(t)
	case receiving:
		return m.receives(t, &m.conns[t.conn].requests, received)
	case received:
		t.lane.Begin(t.seq, m.now, m.now)
		t.phase, t.then = take, fetch
	case sending:
		m.sends(t, reply, sent)
	case sent:
		t.lane.End(m.now, 0, "")
		m.serverRow(t)
		t.seq++
		t.phase, t.then = take, fetch
	default:
		return m.actAsClient(t)
	}
	return true
}

// starts makes the thread of the next connection run. The one that starts it waits
// until it has the lock, as CPython's Thread.start does; a goroutine goes on.
func (m *machine) starts(t *thread) bool {
	child := &m.threads[m.conns[t.seq].server]
	t.seq++
	t.phase, t.then = take, fetch
	if m.config.Native {
		m.wake(child, t)
		return true
	}
	child.parent = t.id
	t.phase = joining
	m.wake(child, t)
	return m.block(t)
}
