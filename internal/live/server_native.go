package live

import (
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// nativeServer is the threaded server as Go programs have it: package net, and a
// goroutine for each connection.
type nativeServer struct {
	*sockets
	run    *nativeRun
	window trace.Window
}

// startNativeServer listens on the server's address and accepts on a goroutine of
// r. The server runs until Close; then its goroutines end.
func startNativeServer(r *nativeRun, p *workloads.Program, pad kernel.Pad) (*nativeServer, error) {
	l, err := listenNet(p.Server.Address)
	if err != nil {
		return nil, err
	}
	s := &nativeServer{sockets: newSockets(l, pad), run: r, window: window(p)}
	w := s.worker(0)
	r.spawn(w.lane, func() {
		w.lane.To(trace.Run, w.now())
		s.accepting(w)
	})
	return s, nil
}

func (s *nativeServer) worker(id int) *goroutine {
	return s.run.worker(serverGroup, id, serverMeter(s.window), tools{pad: s.pad})
}

// accepting starts a goroutine for each connection until the server is shut.
func (s *nativeServer) accepting(w *goroutine) {
	if !s.claimListener() {
		return
	}
	defer s.listener.close()
	for n := 1; ; n++ {
		w.lane.To(trace.IO, w.now())
		c := s.accept()
		w.lane.To(trace.Run, w.now())
		if c == nil {
			return
		}
		conn := s.worker(n)
		s.run.spawn(conn.lane, func() {
			defer s.release(c)
			conn.lane.To(trace.Run, conn.now())
			s.serve(conn, c)
		})
	}
}

// serve answers the requests of one connection until it ends.
func (s *nativeServer) serve(w *goroutine, c *serverConnection) {
	fib := func(n int) uint64 { return kernel.Fib(w.breaker, n, &c.pad) }
	for {
		w.lane.To(trace.IO, w.now())
		c.recv(w.lane, w.now)
		w.lane.To(trace.Run, w.now())
		for !c.over && c.framer.ready() {
			c.answer(fib)
			w.lane.To(trace.IO, w.now())
			c.send(w.lane, w.now)
			w.lane.To(trace.Run, w.now())
		}
		if c.over {
			return
		}
	}
}
