package live

import (
	"errors"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// nativeServer is a server as Go programs have it: package net, and goroutines.
type nativeServer struct {
	*premises
	run  *nativeRun
	pool *nativePool // computes the replies; nil: the goroutine that serves does
}

// startNativeServer lets a server accept on goroutines of r. It runs until Close; then
// its goroutines end. It owns the premises from then on, also when it returns an
// error.
func startNativeServer(r *nativeRun, premises *premises) (*nativeServer, error) {
	s := &nativeServer{premises: premises, run: r}
	if s.crew != nil {
		s.pool = newNativePool(s.crew)
	}
	switch m := s.plan.program.Server.Model; m {
	case workloads.Threads, workloads.Processes, workloads.Interpreters:
		s.spawn(0, s.accepting) // without locks, interpreters are all one
	case workloads.Sequential:
		s.spawn(0, s.sequential)
	case workloads.Coroutines, workloads.CoroutinesProcesses:
		s.spawn(0, s.loop)
	case workloads.Prefork:
		s.also = func() error { s.abortForks(r.aborted.Load()); return nil }
		s.forks.begin(r.epoch)
	default:
		err := errors.Join(unknownModel(m), s.Close())
		_, more := s.settle()
		return nil, errors.Join(err, more)
	}
	return s, nil
}

// spawn starts a goroutine that accepts.
func (s *nativeServer) spawn(id int, f func(*goroutine)) {
	w := s.worker(id)
	s.run.spawn(w, func() {
		w.lane.To(trace.Run, w.now())
		f(w)
	})
}

func (s *nativeServer) worker(id int) *goroutine {
	return s.run.worker(serverGroup, id, serverMeter(s.window()), tools{pad: s.pad})
}

func (s *nativeServer) attendant(w *goroutine) *attendant {
	return &attendant{lane: w.lane, now: w.now}
}

// compute returns what computes the replies of a connection that w serves.
func (s *nativeServer) compute(w *goroutine, c *serverConnection) compute {
	if s.pool != nil {
		stream := new(workloads.Stream)
		return func(n int) (uint64, string) { return answerOf(s.pool.do(w, fibTask(n), stream)) }
	}
	return func(n int) (uint64, string) { return kernel.Fib(w.breaker, n, &c.pad), "" }
}

// serve answers the requests of one connection until it ends.
func (s *nativeServer) serve(w *goroutine, c *serverConnection, a *attendant) {
	fib := s.compute(w, c)
	for {
		w.lane.To(trace.IO, w.now())
		c.recv(a)
		w.lane.To(trace.Run, w.now())
		for !c.over && c.framer.ready() {
			c.answer(fib)
			w.lane.To(trace.IO, w.now())
			c.send(a)
			w.lane.To(trace.Run, w.now())
		}
		if c.over {
			return
		}
	}
}
