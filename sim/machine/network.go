package machine

import (
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// conn is one connection between a client and the server. Each has at most one
// request under way.
type conn struct {
	server, client int32 // threads; no server before it is accepted: -1
	requests       int32 // that have come to the server and have not been received
	replies        int32

	workload *workloads.Client
	meter    *trace.Meter
	arrivals workloads.ArrivalTimes // of an open loop
	intended int64                  // of the request under way
	start    int64
	seq      int64 // of the client
	closed   bool  // the client has hung up, and the server has to see it
	unsent   int64 // arrivals that waited when the run was over

	// The row of a request is complete when both sides have ended theirs, in
	// whatever order.
	clientRow, serverRow trace.Sample
	hasClient, hasServer bool
}

// What an evArrive brings.
const (
	request = int32(iota)
	reply
)

// sends begins to send; what is sent arrives before the call returns, or after it.
func (m *machine) sends(t *thread, what int32, next phase) {
	m.at(m.now+m.costs.Loopback, evArrive, t.conn, what)
	t.left, t.phase = m.costsOf(t).Send, next
}

// costsOf returns the costs of a thread. A client is a process of its own: what an
// interpreter adds to a system call is no cost of it.
func (m *machine) costsOf(t *thread) *Costs {
	if t.lane == nil {
		return m.config.Costs
	}
	return m.costs
}

// receives receives what is there, or waits for it.
func (m *machine) receives(t *thread, there *int32, next phase) bool {
	if *there == 0 {
		if t.sched.goes {
			return m.block(t) // netReady has it pay
		}
		return m.blockAfter(t, m.costs.Message)
	}
	*there--
	t.left, t.phase = m.costsOf(t).Recv, next
	return true
}

// arrive brings a request to the server or a reply to the client.
func (m *machine) arrive(id, what int32) {
	c := &m.conns[id]
	if what == reply {
		c.replies++
		m.deliver(&m.threads[c.client], &m.threads[c.server], clientSent)
		return
	}
	c.requests++
	switch {
	case c.server < 0: // nobody has accepted it yet
	case m.threads[c.server].loop != nil:
		m.poke(&m.threads[c.server], &m.threads[c.client])
	default:
		m.deliver(&m.threads[c.server], &m.threads[c.client], receiving)
	}
}

// deliver wakes a thread that waits for what a sender has sent. The sender pays beside
// Send, which is what a send costs that wakes nobody: see tells.
func (m *machine) deliver(t, sender *thread, waiting phase) {
	if t.phase != waiting || t.on || t.queued {
		return
	}
	if t.sched.goes {
		m.netReady(t, sender)
		return
	}
	m.runnable(t, m.cpuFor(t.sched, sender), t.why())
	m.tells(sender)
}

// tells has the sender of a message pay for what it woke, if that is on another CPU, which it
// had to tell. A kernel likes to run the receiver where the sender runs: then nobody is told, and that
// is how it was where a wake-up by message took less time than any of an idle CPU.
func (m *machine) tells(sender *thread) {
	if m.told {
		sender.carry += m.costs.WakeCall
	}
}

// serverRow notes what the server's thread did for a request.
func (m *machine) serverRow(t *thread, s *trace.Sample) {
	c := &m.conns[t.conn]
	c.serverRow, c.hasServer = *s, true
	c.complete()
}

// clientEnds notes that a client has its reply.
func (m *machine) clientEnds(c *conn) {
	c.clientRow = trace.Sample{Seq: c.seq, Intended: c.intended, Start: c.start, End: m.now}
	c.hasClient = true
	c.seq++
	c.complete()
}

// complete folds a request that both sides are done with.
func (c *conn) complete() {
	if !c.hasClient || !c.hasServer {
		return
	}
	c.hasClient, c.hasServer = false, false
	join(&c.clientRow, &c.serverRow)
	c.meter.Add(&c.clientRow)
}

// join gives a client's sample the states of the server's thread. They run to the
// return of send, which may come after the client has the reply: what lies beyond
// the client's end is cut off from the time in send, as the measured backends do.
func join(s, r *trace.Sample) {
	s.Run, s.WaitGIL, s.NoGIL, s.Blocked, s.Ready, s.Counts = r.Run, r.WaitGIL, r.NoGIL, r.Blocked, r.Ready, r.Counts
	over := s.Run + s.WaitGIL + s.NoGIL + s.Blocked + s.Ready - s.Latency()
	for _, state := range [...]*int64{&s.Blocked, &s.Ready, &s.WaitGIL, &s.Run, &s.NoGIL} {
		if over <= 0 {
			return
		}
		cut := min(over, *state)
		*state -= cut
		over -= cut
	}
}
