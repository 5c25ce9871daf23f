package live

import (
	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// gilServer is the threaded server under the interpreter lock: one thread accepts
// and starts a thread for each connection. Around accept, recv and send the lock
// is let go.
type gilServer struct {
	*sockets
	rt     *gil.Runtime
	window trace.Window
}

// startGILServer listens on the server's address and accepts on a thread of rt. The
// server runs until Close; then its threads end, for which rt.Wait waits.
func startGILServer(rt *gil.Runtime, p *workloads.Program, pad kernel.Pad) (*gilServer, error) {
	var l listener
	var err error
	if rt.Park() == gil.ParkGoroutine {
		l, err = listenNet(p.Server.Address)
	} else {
		l, err = listenRaw(p.Server.Address, backlog(p))
	}
	if err != nil {
		return nil, err
	}
	s := &gilServer{sockets: newSockets(l, pad), rt: rt, window: window(p)}
	rt.Go(workerName(serverGroup, 0), s.run)
	return s, nil
}

// run accepts until the server is shut.
func (s *gilServer) run(t *gil.Thread) {
	if !s.claimListener() {
		return
	}
	defer s.listener.close()
	for n := 1; s.acceptOne(t, n); n++ {
	}
}

// acceptOne accepts the next connection and starts its thread. It returns false
// when there is none any more.
func (s *gilServer) acceptOne(t *gil.Thread, n int) bool {
	var c *serverConnection
	handed := false
	defer func() {
		// An abort leaves here by a panic.
		if c != nil && !handed && c.claim() {
			s.release(c)
		}
	}()
	t.Blocking(func() { c = s.accept() })
	if c == nil {
		return false
	}
	t.Go(workerName(serverGroup, n), func(t *gil.Thread) {
		if c.claim() {
			defer s.release(c)
			s.serve(t, c)
		}
	})
	handed = true
	return true
}

// serve answers the requests of one connection until it ends.
func (s *gilServer) serve(t *gil.Thread, c *serverConnection) {
	lane := t.Lane()
	if lane.Meter() != nil {
		lane.Use(serverMeter(s.window))
	}
	// Made once: these run for every request.
	recv := func() { c.recv(lane, t.Now) }
	send := func() { c.send(lane, t.Now) }
	fib := func(n int) uint64 { return kernel.Fib(t.Breaker(), n, &c.pad) }
	if s.rt.Ticks() > 0 {
		fib = func(n int) uint64 { return kernel.FibTicks(t, n, &c.pad) }
	}
	for {
		t.Blocking(recv)
		for !c.over && c.framer.ready() {
			c.answer(fib)
			t.Blocking(send)
		}
		if c.over {
			return
		}
	}
}
