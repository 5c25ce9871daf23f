package live

import "github.com/fibsim/fibsim/gil"

// The plainest server: one thread accepts a connection, serves it until it ends, and
// accepts the next one. A second client is connected by the kernel, and hangs. Several
// such threads on one socket are what each process of prefork has.

// sequential is the thread.
func (s *gilServer) sequential(t *gil.Thread) {
	a := s.attendant(t)
	for s.serveNext(t, a) {
	}
}

// serveNext serves the next connection. It returns false when there is none any more.
func (s *gilServer) serveNext(t *gil.Thread, a *attendant) bool {
	var c *serverConnection
	t.Blocking(func() { c = s.accept() })
	if c == nil {
		return false
	}
	defer s.release(c)
	s.serve(t, c, a)
	return true
}

// sequential is the same on a goroutine.
func (s *nativeServer) sequential(w *goroutine) {
	a := s.attendant(w)
	for s.serveNext(w, a) {
	}
}

func (s *nativeServer) serveNext(w *goroutine, a *attendant) bool {
	c := s.acceptNext(w)
	if c == nil {
		return false
	}
	defer s.release(c)
	s.serve(w, c, a)
	return true
}
