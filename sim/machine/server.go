package machine

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// The server. With threads, one accepts and starts a thread for each connection; with
// processes, those have a pool compute; with interpreters, each belongs to the next of
// several interpreters in turn, of which the program's own is the first. A sequential server is one thread that accepts and
// serves until the connection ends; prefork has many such threads, in several processes
// that accept from one socket. Around accept, recv and send the lock is let go. An
// iteration of a server's thread lasts from the return of recv to the return of send.

// serverGroup names the threads of a server in a log: number 0 accepts, the others
// serve a connection each.
const serverGroup = "server"

// The loops of the server's threads.
var (
	acceptLoop = []op{{kind: opAccept}, {kind: opStart}, {kind: opAgain}}
	serveLoop  = []op{{kind: opRecv}, {kind: opFib}, {kind: opSend}, {kind: opAgain}}
	serialLoop = []op{{kind: opAccept}, {kind: opRecv}, {kind: opRequest}, {kind: opSend}, {kind: opAgain, n: 1}}
)

// loadServer makes the connections and the threads and processes that serve them.
func (m *machine) loadServer() error {
	p := m.program
	if p.Server == nil {
		if len(p.Clients) > 0 {
			return errors.New("sim: there are clients and no server")
		}
		return nil
	}
	for i := range p.Clients {
		c := &p.Clients[i]
		for range c.Count {
			m.conns = append(m.conns, conn{server: -1, workload: c, meter: m.meter(c.Samples, c.Count)})
		}
	}
	s := p.Server
	switch s.Model {
	case workloads.Threads, workloads.Processes:
		return m.loadAccepting(m.locks[:1])
	case workloads.Interpreters:
		if _, err := m.addLocks(cmp.Or(s.Workers, workloads.DefaultWorkers) - 1); err != nil {
			return err
		}
		return m.loadAccepting(m.locks)
	case workloads.Sequential:
		m.serialThread(m.locks[0], 0)
	case workloads.Prefork:
		locks, err := m.addLocks(cmp.Or(s.Workers, workloads.DefaultWorkers))
		if err != nil {
			return err
		}
		// The processes come to the socket side by side, a thread of each at a time.
		for j := range m.threadsOf(s) {
			for i, l := range locks {
				t := m.serialThread(l, i*m.threadsOf(s)+j)
				t.process = -l.number
			}
		}
	case workloads.Coroutines, workloads.CoroutinesProcesses:
		return m.loadTalk()
	default:
		return fmt.Errorf("sim: server.model %s cannot be simulated", s.Model)
	}
	return nil
}

// threadsOf returns how many threads each process of prefork has.
func (m *machine) threadsOf(s *workloads.Server) int {
	return cmp.Or(s.Threads, workloads.DefaultThreads)
}

func (m *machine) addLocks(n int) ([]*lock, error) {
	for range n {
		if _, err := m.addLock(); err != nil {
			return nil, err
		}
	}
	return m.locks[len(m.locks)-n:], nil
}

// loadAccepting makes the thread that accepts and, not yet started, those that serve
// a connection each, under these locks in turn.
func (m *machine) loadAccepting(locks []*lock) error {
	t := m.thread(m.locks[0], &group{name: serverGroup, code: acceptLoop}, 0, unseen())
	m.startTimer(t, 0)
	n := 0
	for i := range m.program.Clients {
		c := &m.program.Clients[i]
		g := &group{name: serverGroup, code: append([]op(nil), serveLoop...)}
		g.code[1].n = workloads.FibCalls(c.Request)
		if m.program.Server.Model.Pooled() {
			submit, err := m.requestJob(c)
			if err != nil {
				return err
			}
			g.code = slices.Replace(g.code, 1, 2, submit...)
		}
		for range c.Count {
			t := m.thread(locks[n%len(locks)], g, n+1, unseen())
			t.conn = int32(n)
			m.conns[n].server = t.id
			n++
		}
	}
	return nil
}

// requestJob has the server's pool compute what a client asks for.
func (m *machine) requestJob(c *workloads.Client) ([]op, error) {
	ref := int32(len(m.pools) - 1)
	entry, err := m.job(&m.pools[ref], []workloads.Op{{Kind: workloads.OpFib, N: c.Request}})
	return submitCode(ref, entry), err
}

// serialThread makes a thread that serves one connection after the other.
func (m *machine) serialThread(l *lock, number int) *thread {
	t := m.thread(l, &group{name: serverGroup, code: serialLoop, serial: true, process: l.number > 0}, number, unseen())
	m.startTimer(t, 0)
	return t
}

// serves begins an operation of a server's thread.
func (m *machine) serves(t *thread, o *op) bool {
	switch o.kind {
	case opAccept:
		if t.group.serial {
			return m.releases(t, trace.IO, accepting)
		}
		if t.seq == int64(len(m.conns)) {
			return m.releases(t, trace.IO, idling)
		}
		return m.releases(t, trace.IO, accepting)
	case opStart:
		if m.config.Native {
			t.carry += m.costs.GoSwitch
		} else {
			t.carry += m.costs.ThreadStart
		}
		return m.releases(t, trace.IO, starting)
	case opRequest:
		t.carry += m.costs.Request
		calls := workloads.FibCalls(m.conns[t.conn].workload.Request)
		m.compute(t, work{kind: fib, total: fibTime(calls, m.pace), calls: calls})
		return true
	case opRecv:
		return m.releases(t, trace.IO, receiving)
	case opSend:
		return m.releases(t, trace.IO, sending)
	case opAgain:
		t.pc = int32(o.n)
		return true
	}
	return m.talks(t, o)
}

// actOnSocket does what a thread does next that has to do with a connection.
func (m *machine) actOnSocket(t *thread) bool {
	switch t.phase {
	case accepting:
		if t.group.serial && !m.accepts(t) {
			return m.block(t)
		}
		t.left, t.phase, t.then = m.costs.Accept, take, fetch
	case starting:
		return m.starts(t)
	case joining:
		t.phase, t.then = take, fetch
	case idling:
		return m.block(t)
	case receiving:
		if c := &m.conns[t.conn]; c.closed && c.requests == 0 {
			t.left, t.phase, t.then = m.costs.Recv, take, fetch
			t.conn, t.pc = -1, 0
			return true
		}
		return m.receives(t, &m.conns[t.conn].requests, received)
	case received:
		if t.loop != nil {
			m.taskBegins(t)
		} else {
			t.lane.Begin(t.seq, m.now, m.now)
		}
		t.phase, t.then = take, fetch
	case sending:
		m.sends(t, reply, sent)
	case sent:
		if t.loop != nil {
			m.taskEnds(t)
			m.serverRow(t, &t.loop.tasks[t.loop.current].row)
		} else {
			t.lane.End(m.now, 0, "")
			m.serverRow(t, t.lane.Sample())
		}
		t.seq++
		t.phase, t.then = take, fetch
	default:
		return m.actAsClient(t)
	}
	return true
}

// accepts gives a thread the next connection. False: nobody wants one any more.
func (m *machine) accepts(t *thread) bool {
	if m.accepted == len(m.conns) {
		return false
	}
	t.conn = int32(m.accepted)
	m.conns[m.accepted].server = t.id
	m.accepted++
	return true
}

// hangsUp ends a client. A thread that serves one connection after the other goes on
// with the next.
func (m *machine) hangsUp(t *thread, c *conn) bool {
	if c.server < 0 {
		c.closed = true
	} else if s := &m.threads[c.server]; s.group.serial {
		c.closed = true
		m.deliver(s, t, receiving)
	}
	return m.exits(t)
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
