package machine

// The clients: one loop for each connection, a thread of the kernel on the same
// CPUs. They are outside the interpreter and know nothing of its lock.

// kernelSlack is the timer slack that the kernel gives to threads by default, in
// ns (Linux, kernel/fork.c). A client sets its own to nothing, so that its timers end with no
// others.
const kernelSlack = 50_000

func (m *machine) actAsClient(t *thread) bool {
	c := &m.conns[t.conn]
	switch t.phase {
	case clientNext:
		return m.nextRequest(t, c)
	case clientFire:
		return m.fire(t, c)
	case clientSent:
		return m.receives(t, &c.replies, clientGot)
	case clientGot:
		m.clientEnds(c)
		t.phase = clientNext
		t.carry += m.costs.Clock
		return true
	}
	panic("machine: a phase of no thread")
}

// nextRequest begins the next request: at once in a closed loop, when its time has
// come in an open one. One that would start after the end is not begun.
func (m *machine) nextRequest(t *thread, c *conn) bool {
	if c.workload.Rate == 0 {
		c.intended = m.now
		if m.now >= m.end {
			return m.hangsUp(t, c)
		}
		return m.fire(t, c)
	}
	if c.intended = c.arrivals.Next(); c.intended >= m.end {
		return m.hangsUp(t, c)
	}
	t.phase = clientFire
	if m.now >= c.intended {
		return true
	}
	slack := max(0, m.costs.TimerSlack.Draw(&t.chance)-kernelSlack)
	m.startTimer(t, m.costs.onGrid(c.intended+slack))
	return m.block(t)
}

// fire sends a request.
func (m *machine) fire(t *thread, c *conn) bool {
	if m.now >= m.end {
		for at := c.intended; at < m.end; at = c.arrivals.Next() {
			c.unsent++
		}
		return m.hangsUp(t, c)
	}
	c.start = m.now
	t.carry += m.costs.Clock
	m.sends(t, request, clientSent)
	return true
}
