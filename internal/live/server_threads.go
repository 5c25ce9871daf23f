package live

import (
	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
)

// The threaded server: one thread accepts, and starts a thread for each connection.
// Where replies come from a pool of processes, that thread waits for them; where there
// are several interpreters, it belongs to the next of them in turn.

// accepting is the thread that accepts until the server is shut.
func (s *gilServer) accepting(t *gil.Thread) {
	if s.pool != nil {
		defer s.pool.release()
	}
	for n := 1; s.acceptOne(t, n); n++ {
	}
}

// acceptOne accepts the next connection and starts its thread. It returns false
// when there is none any more.
func (s *gilServer) acceptOne(t *gil.Thread, n int) bool {
	var c *serverConnection
	t.Blocking(func() { c = s.accept() })
	if c == nil {
		return false
	}
	if s.pool != nil {
		s.pool.hold(1)
	}
	serve := func(t *gil.Thread) {
		defer s.end(c)
		s.serve(t, c, s.attendant(t))
	}
	if rt := s.runtime[(n-1)%len(s.runtime)]; rt == s.rt {
		t.Go(workerName(serverGroup, n), serve)
	} else {
		rt.Go(workerName(serverGroup, n), serve)
	}
	return true
}

// end ends a connection that had a thread.
func (s *gilServer) end(c *serverConnection) {
	s.release(c)
	if s.pool != nil {
		s.pool.release()
	}
}

// accepting starts a goroutine for each connection until the server is shut.
func (s *nativeServer) accepting(w *goroutine) {
	for n := 1; ; n++ {
		c := s.acceptNext(w)
		if c == nil {
			return
		}
		conn := s.worker(n)
		s.run.spawn(conn, func() {
			defer s.release(c)
			conn.lane.To(trace.Run, conn.now())
			s.serve(conn, c, s.attendant(conn))
		})
	}
}

// acceptNext accepts the next connection; nil when there is none any more.
func (s *nativeServer) acceptNext(w *goroutine) *serverConnection {
	w.lane.To(trace.IO, w.now())
	c := s.accept()
	w.lane.To(trace.Run, w.now())
	return c
}
