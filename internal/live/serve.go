package live

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/workloads"
)

// ServeConfig says which server to run on its own.
type ServeConfig struct {
	Program    *workloads.Program // its interpreter and its server
	Native     bool               // without an interpreter lock
	Calibrator *Calibrator
	Commands   Commands
	Limits     ServerLimits

	// Started is called with host:port once connections are taken; nil: never.
	Started func(address string)
	// Progress is called four times a second, and once at the end, with what was done so
	// far; nil: never.
	Progress func(ServerCounts)
	// Lost is told of a server process that has died, before the next Progress and on its
	// goroutine; nil: nobody wants to know.
	Lost func(error)
}

// DrainLimit is how long requests that are being answered when a server is to end may
// take, before they are given up.
const DrainLimit = 10 * time.Second

// garbage is how much the heap may grow between two collections, in per cent: a server
// runs for long, and each collection disturbs the thread that has the lock.
const garbage = 400

// Serve runs a server until ctx ends. Then nothing new is accepted or received, what is
// being answered is sent, all processes are reaped, and it returns what was done, with
// no error. Its error is why a server could not begin, or ended by itself; that it lost
// some of its processes is none.
func Serve(ctx context.Context, config *ServeConfig) (ServerCounts, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(garbage))
	p := config.Program
	lock, err := policy.New(p.Interpreter.Lock, p.Interpreter.Params)
	if err != nil {
		return ServerCounts{}, err
	}
	tools, err := config.Calibrator.tools(p.Interpreter.Pace, !config.Native && lock.Traits().Ticks > 0)
	if err != nil {
		return ServerCounts{}, err
	}
	plan := &serverPlan{
		program: p, tools: tools, commands: config.Commands, limits: config.Limits,
		native: config.Native, forget: true,
	}
	house, err := openPremises(ctx, plan)
	if err != nil {
		return ServerCounts{}, err
	}
	defer house.leave()
	serve := house.serveGIL
	if config.Native {
		serve = house.serveNative
	}
	over := make(chan struct{})
	var reporting sync.WaitGroup
	reporting.Go(func() { report(house, config, over) })
	if config.Started != nil {
		config.Started(house.addr())
	}
	err = serve(ctx)
	close(over)
	reporting.Wait()
	_, more := house.settle()
	return house.counts(), joinOnce(err, more)
}

// joinOnce joins errors, each once.
func joinOnce(errs ...error) error {
	var all error
	for _, err := range errs {
		if err != nil && !errors.Is(all, err) {
			all = errors.Join(all, err)
		}
	}
	return all
}

// report says what a server does until over is closed, and once more.
func report(s *premises, config *ServeConfig, over <-chan struct{}) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for last := false; !last; {
		select {
		case <-tick.C:
		case <-over:
			last = true
		}
		for _, err := range s.losses() {
			if config.Lost != nil {
				config.Lost(err)
			}
		}
		if config.Progress != nil {
			config.Progress(s.counts())
		}
	}
}

// serveGIL serves under an interpreter lock.
func (s *premises) serveGIL(ctx context.Context) error {
	rt, err := s.plan.runtime(0)
	if err != nil {
		return err
	}
	defer rt.Close()
	server, err := startGILServer(rt, s)
	if err != nil {
		return err
	}
	defer abandon(rt, server)
	return s.untilDrained(ctx, server.wait)
}

// serveNative serves on goroutines.
func (s *premises) serveNative(ctx context.Context) error {
	r := &nativeRun{epoch: gil.Monotonic(), stopped: make(chan struct{})}
	if _, err := startNativeServer(r, s); err != nil {
		return err
	}
	return s.untilDrained(ctx, func(limit context.Context) error {
		stop := context.AfterFunc(limit, r.abort)
		defer stop()
		r.running.Wait()
		return r.failed()
	})
}

// untilDrained waits for the threads of the server, which end when ctx has ended and
// what they were at is done. Wait waits for them, and aborts them when its context
// ends.
func (s *premises) untilDrained(ctx context.Context, wait func(context.Context) error) error {
	limit, abort := context.WithCancel(context.Background())
	defer abort()
	drain := context.AfterFunc(ctx, func() {
		s.drain()
		last := time.AfterFunc(DrainLimit, func() { _ = s.Close(); abort() })
		context.AfterFunc(limit, func() { last.Stop() })
	})
	defer drain()
	err := wait(limit)
	if s.forks != nil {
		err = joinOnce(err, s.forks.await(limit))
	}
	if ctx.Err() == nil {
		return joinOnce(err, s.Close()) // it has ended by itself
	}
	return err
}
