package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// serverPlan says what a server is to be.
type serverPlan struct {
	program  *workloads.Program
	tools    tools
	commands Commands
	limits   ServerLimits
	native   bool
	forget   bool // no rows are kept of the requests, and no threads that have ended
}

// mostBacklog is what Linux grants at most, unless it was told otherwise
// (net.core.somaxconn since 5.4).
const mostBacklog = 4096

// backlog is how many connections may wait to be accepted. Where more come at once, the
// kernel has them try again after a second, and then after longer.
func (p *serverPlan) backlog() int {
	return max(backlog(p.program), min(p.limits.MaxConnections, mostBacklog))
}

// raw reports whether sockets are descriptors that the kernel blocks on.
func (p *serverPlan) raw() bool {
	return !p.native && gil.Park(p.program.Interpreter.Park) != gil.ParkGoroutine
}

// runtime returns an interpreter for the server.
func (p *serverPlan) runtime(epoch int64) (*gil.Runtime, error) {
	i := &p.program.Interpreter
	lock, err := policy.New(i.Lock, i.Params)
	if err != nil {
		return nil, err
	}
	return gil.New(lock, gil.Options{
		Park: gil.Park(i.Park), Epoch: epoch, Window: window(p.program),
		Unlocked: unlocked(p.program, lock.Traits().None), Forget: p.forget,
	})
}

// premises are what a server has before its first thread: the socket that it listens
// on, and the processes of its model. They have an owner, who calls settle when all
// threads of the server have ended, or when there never were any.
type premises struct {
	*sockets
	plan  *serverPlan
	crew  *crew  // worker processes of a pool; or nil
	forks *forks // server processes; or nil
	// Of the loop of coroutines; nil: there is none. Others may wake it as long as they live.
	poller *poller

	// What a model has to end beside them; or nil.
	also func() error

	settling sync.Once
	peak     int64
	ended    error
}

// openPremises listens, and starts the processes that the model needs. When it returns
// an error it has left nothing behind.
func openPremises(ctx context.Context, plan *serverPlan) (*premises, error) {
	p := plan.program
	l, err := plan.listen()
	if err != nil {
		return nil, err
	}
	s := &premises{sockets: newSockets(l, plan), plan: plan}
	switch {
	case p.Server.Model.Pooled():
		s.crew, err = startPool(ctx, p, serverGroup, p.Server.Workers, plan.commands.Worker, plan.tools, plan.native)
	case p.Server.Model == workloads.Prefork:
		s.forks, err = startForks(ctx, plan, l)
	}
	if err != nil {
		_ = s.Close() // of a server that nobody has used
		_, _ = s.settle()
		return nil, err
	}
	return s, nil
}

// openServer opens the premises of the server of a program; nil where it has none.
func openServer(ctx context.Context, plan *serverPlan) (*premises, error) {
	if plan.program.Server == nil {
		return nil, nil
	}
	return openPremises(ctx, plan)
}

// leave gives back everything, whether a server has begun or not. All threads of one
// must have ended.
func (s *premises) leave() {
	if s != nil {
		_ = s.Close() // whoever ran the server has asked before
		_, _ = s.settle()
	}
}

func (p *serverPlan) listen() (listener, error) {
	address, backlog := p.program.Server.Address, p.backlog()
	switch p.program.Server.Model {
	case workloads.Coroutines, workloads.CoroutinesProcesses:
		return listenPolled(address, backlog)
	}
	if p.raw() {
		return listenRaw(address, backlog)
	}
	return listenNet(address)
}

// Close ends the server, its processes too.
func (s *premises) Close() error {
	err := s.sockets.Close()
	if s.forks != nil {
		err = errors.Join(err, s.forks.stop())
	}
	return err
}

// drain lets what is being answered end, in the processes too.
func (s *premises) drain() {
	s.sockets.drain()
	if s.forks != nil {
		_ = s.forks.stop() // whose error comes at the end
	}
}

// abortForks ends what the server processes compute, where the threads of the run have
// been aborted.
func (s *premises) abortForks(aborted bool) {
	if aborted {
		s.forks.abort()
	}
}

// awaitForks waits for the server processes, if there are any, until ctx ends; then, or
// where the run has been aborted, they give up what they compute, which it reports.
func (s *premises) awaitForks(ctx context.Context, aborted bool) (gaveUp bool) {
	if s == nil || s.forks == nil {
		return false
	}
	s.abortForks(aborted)
	_ = s.forks.await(ctx) // settle returns its error
	return s.forks.wasAborted()
}

// settle ends what is not threads, and adds up the peak memory of the processes. It
// may be called more than once.
func (s *premises) settle() (peak int64, err error) {
	s.settling.Do(func() {
		if s.also != nil {
			s.ended = s.also()
		}
		if s.crew != nil {
			s.crew.close()
			s.peak += s.crew.peakMemory()
		}
		if s.forks != nil {
			peak, err := s.forks.settle(s.rows)
			s.peak += peak
			s.ended = errors.Join(s.ended, err)
		}
		if s.poller != nil {
			s.poller.close()
		}
		s.free()
	})
	return s.peak, s.ended
}

// counts returns what the server and its processes have done so far.
func (s *premises) counts() ServerCounts {
	c := s.sockets.counts()
	if s.forks != nil {
		c.add(s.forks.counts())
	}
	return c
}

// losses returns which server processes have died since it was called before.
func (s *premises) losses() []error {
	if s.forks == nil {
		return nil
	}
	return s.forks.takeLosses()
}

func (l ServerLimits) maxFib() int { return cmp.Or(l.MaxFib, maxFib) }

// window is that of the server's meters.
func (s *premises) window() trace.Window { return window(s.plan.program) }

// fibTask is a task of one call of fib.
func fibTask(n int) []workloads.Op { return []workloads.Op{{Kind: workloads.OpFib, N: n}} }

// answerOf returns what a worker process has computed.
func answerOf(r *result) (value uint64, problem string) { return r.value, r.problem }

func unknownModel(m workloads.Model) error {
	return fmt.Errorf("server.model: %s is unknown; there are %v", m, workloads.Models())
}
