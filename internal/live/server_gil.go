package live

import (
	"context"
	"errors"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// gilServer is a server under the interpreter lock. Around accept, recv and send the
// lock is let go.
type gilServer struct {
	*premises
	rt      *gil.Runtime
	pool    *gilPool       // computes the replies; nil: the thread that serves does
	runtime []*gil.Runtime // where connections are served, in turn; the first is rt
}

// startGILServer lets a server accept on threads of rt. It runs until Close; then its
// threads end, for which rt.Wait waits. It owns the premises from then on, also when
// it returns an error.
func startGILServer(rt *gil.Runtime, premises *premises) (*gilServer, error) {
	s := &gilServer{premises: premises, rt: rt, runtime: []*gil.Runtime{rt}}
	if s.crew != nil {
		pool, err := newGILPool(rt, s.crew, 1)
		if err != nil {
			return nil, errors.Join(err, s.abandon())
		}
		s.pool = pool
		s.also = func() error { pool.close(); return nil }
	}
	switch m := s.plan.program.Server.Model; m {
	case workloads.Threads, workloads.Processes:
		rt.Go(workerName(serverGroup, 0), s.accepting)
	case workloads.Interpreters:
		if err := s.interpreters(); err != nil {
			return nil, errors.Join(err, s.abandon())
		}
		rt.Go(workerName(serverGroup, 0), s.accepting)
	case workloads.Sequential:
		rt.Go(workerName(serverGroup, 0), s.sequential)
	case workloads.Coroutines, workloads.CoroutinesProcesses:
		rt.Go(workerName(serverGroup, 0), s.loop)
	case workloads.Prefork:
		s.also = func() error { s.abortForks(rt.Aborting()); return nil }
		s.forks.begin(rt.Epoch())
	default:
		return nil, errors.Join(unknownModel(m), s.abandon())
	}
	return s, nil
}

// abandon ends a server that has not begun.
func (s *gilServer) abandon() error {
	s.rt.Abort()
	err := s.Close()
	_ = s.rt.Wait(context.Background()) // it was aborted, which is no news
	_, more := s.settle()
	return errors.Join(err, more)
}

// wait waits for the threads of all interpreters, and aborts them when ctx ends, which is
// no error. The first one accepts: when its threads have ended, no other gets a new one.
func (s *gilServer) wait(ctx context.Context) error {
	switch err := s.rt.Wait(ctx); {
	case errors.Is(err, gil.ErrAborted), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return nil
	case err != nil:
		return err
	}
	for _, rt := range s.runtime[1:] {
		_ = rt.Wait(ctx) // settle says how they ended
	}
	return nil
}

// interpreters makes the interpreters beside the first one. Each has a lock of its
// own, so that as many threads compute at once.
func (s *gilServer) interpreters() error {
	p := s.plan.program
	s.also = s.endInterpreters
	for range p.Server.Workers - 1 {
		lock, err := policy.New(p.Interpreter.Lock, p.Interpreter.Params)
		if err != nil {
			return err
		}
		rt, err := gil.New(lock, gil.Options{
			Park: s.rt.Park(), Epoch: s.rt.Epoch(), Window: s.window(), Keep: s.rt.Keeps(), Room: s.rt.Room(), Forget: s.plan.forget,
			Unlocked: unlocked(p, lock.Traits().None) + p.Server.Workers - 1,
		})
		if err != nil {
			return err
		}
		s.runtime = append(s.runtime, rt)
	}
	return nil
}

// endInterpreters waits for the threads of all interpreters but the first, whose own
// have ended.
func (s *gilServer) endInterpreters() error {
	var failed error
	for _, rt := range s.runtime[1:] {
		if s.rt.Aborting() {
			rt.Abort()
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err := rt.Wait(ctx)
		cancel()
		if !errors.Is(err, gil.ErrAborted) && !errors.Is(err, context.DeadlineExceeded) {
			failed = errors.Join(failed, err)
		}
		rt.Close()
	}
	return failed
}

// logs returns what the locks of the other interpreters did. All is settled.
func (s *gilServer) logs() []*trace.Log {
	var logs []*trace.Log
	for _, rt := range s.runtime[1:] {
		logs = append(logs, keptLog(rt))
	}
	return logs
}

// attendant returns the recorder of a thread.
func (s *gilServer) attendant(t *gil.Thread) *attendant {
	lane := t.Lane()
	if lane.Meter() != nil {
		lane.Use(serverMeter(s.window()))
	}
	return &attendant{lane: lane, now: t.Now}
}

// compute returns what computes the replies of a connection that t serves.
func (s *gilServer) compute(t *gil.Thread, c *serverConnection) compute {
	switch {
	case s.pool != nil:
		stream := new(workloads.Stream)
		return func(n int) (uint64, string) { return answerOf(s.pool.do(t, fibTask(n), stream)) }
	case t.Runtime().Ticks() > 0:
		return func(n int) (uint64, string) { return kernel.FibTicks(t, n, &c.pad), "" }
	}
	return func(n int) (uint64, string) { return kernel.Fib(t.Breaker(), n, &c.pad), "" }
}

// serve answers the requests of one connection until it ends.
func (s *gilServer) serve(t *gil.Thread, c *serverConnection, a *attendant) {
	// Made once: these run for every request.
	recv := func() { c.recv(a) }
	send := func() { c.send(a) }
	fib := s.compute(t, c)
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
