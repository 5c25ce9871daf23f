package live

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

// Native is the backend that runs a program as plain goroutines: no lock, the
// netpoller, GOMAXPROCS and the garbage collector as Go sets them.
type Native struct {
	calibrator *Calibrator
	commands   Commands
}

// NewNative returns the native backend.
func NewNative(c *Calibrator, commands Commands) *Native {
	return &Native{calibrator: c, commands: commands}
}

// Name returns native.
func (*Native) Name() string { return "native" }

// Evidence returns measured.
func (*Native) Evidence() string { return "measured" }

// Run runs p once.
func (b *Native) Run(ctx context.Context, p *workloads.Program, o session.Options) (*trace.Report, error) {
	tools, err := b.calibrator.tools(p.Interpreter.Pace, false)
	if err != nil {
		return nil, err
	}
	material, err := newMaterial(p)
	if err != nil {
		return nil, err
	}
	defer material.close()
	crews, err := startCrews(ctx, p, b.commands.Worker, tools, true)
	if err != nil {
		return nil, err
	}
	defer crews.close()
	resetPeakMemory()
	clients, err := startClients(ctx, p, b.commands.Client)
	if err != nil {
		return nil, err
	}
	defer clients.Stop()
	house, err := openServer(ctx, &serverPlan{program: p, tools: tools, commands: b.commands, native: true})
	if err != nil {
		return nil, err
	}
	defer house.leave()
	room, leave := eventRoom(o)
	defer leave()
	run := &nativeRun{epoch: gil.Monotonic() + int64(lead(p)), keep: o.Events, room: room, values: newValueLog(o), stopped: make(chan struct{})}
	run.shared = newNativeShared(run, p, material, crews)
	stop := context.AfterFunc(ctx, run.abort)
	defer stop()
	return run.run(ctx, p, tools, crews, house, clients)
}

// nativeRun is one run: what its goroutines share.
type nativeRun struct {
	epoch   int64
	keep    bool
	room    *gil.Room // nil: the heap
	values  *valueLog
	stopped chan struct{} // closed by abort
	aborted atomic.Bool
	running sync.WaitGroup
	shared  *nativeShared // nil where there are no bodies, in tests
	started int           // workers

	mu       sync.Mutex
	made     int                       // goroutines, which numbers their lanes
	lanes    []*trace.Lane             // for the log
	threads  []trace.Thread            // for the log
	breakers map[*gil.Breaker]struct{} // of those that have not ended
	failure  any
}

func (r *nativeRun) now() int64 { return gil.Monotonic() - r.epoch }

func (r *nativeRun) run(ctx context.Context, p *workloads.Program, tools tools, crews crews, house *premises, clients *Clients) (*trace.Report, error) {
	var server *nativeServer
	var err error
	if p.Server != nil {
		if server, err = startNativeServer(r, house); err != nil {
			return nil, err
		}
		defer func() {
			r.abort()
			server.Close()
			r.running.Wait()
			_, _ = server.settle()
		}()
		if err := clients.begin(ctx, server.addr(), r.epoch); err != nil {
			return nil, err
		}
	}
	report := &trace.Report{Window: window(p), States: true}
	delays := watchDelays()
	for i := range p.Threads {
		report.Groups = append(report.Groups, r.start(p, &p.Threads[i], tools))
	}
	report.Groups = append(report.Groups, r.startLoops(p, tools)...)
	var rows []ClientRows
	var clientErr error
	if server != nil {
		rows, clientErr = clients.Wait(ctx)
		clientErr = errors.Join(clientErr, server.Close())
	}
	if clientErr != nil {
		r.abort() // its figures are lost; the goroutines need not go on to the end
	}
	waitErr := r.shared.waits.settle(r.finish(ctx, p, house, report), report)
	if server != nil {
		peak, err := server.settle()
		report.PeakMemory = peak
		clientErr = errors.Join(clientErr, err)
	}
	report.Facts = nativeFacts(tools, delays)
	report.Warnings = append(report.Warnings, paceMissed(tools)...)
	if server != nil && clientErr == nil {
		addClients(report, p, rows, server.samples())
	}
	r.values.report(report)
	if p.UntilDone {
		report.EndWithLast()
	}
	if r.keep && (waitErr == nil || ctx.Err() != nil) { // its goroutines have ended in any case
		report.Log = trace.NewLog(r.threads, r.lanes)
		report.Log.Tasks = tasksOf(p)
		report.Warnings = append(report.Warnings, report.Log.CutWarnings()...)
	}
	crews.close()
	report.PeakMemory += peakMemory() + clients.PeakMemory() + crews.peakMemory()
	return report, errors.Join(clientErr, waitErr)
}

// worker makes a goroutine's own things, and keeps what others need of them.
func (r *nativeRun) worker(group string, id int, m *trace.Meter, tools tools) *goroutine {
	r.mu.Lock()
	defer r.mu.Unlock()
	lane := trace.NewLane(int32(r.made), m, r.keep)
	r.made++
	w := &goroutine{lane: lane, now: r.now, stopped: r.stopped, pad: tools.pad, spins: tools.spins, aborted: &r.aborted, shared: r.shared}
	w.breaker = gil.NewBreaker(func() { panic(gil.ErrAborted) })
	if r.aborted.Load() {
		w.breaker.Raise()
	}
	if r.room != nil {
		lane.KeepIn(r.room)
	}
	if r.keep {
		r.lanes = append(r.lanes, lane)
		r.threads = append(r.threads, trace.Thread{Group: group, Worker: id})
	}
	if r.breakers == nil {
		r.breakers = map[*gil.Breaker]struct{}{}
	}
	r.breakers[w.breaker] = struct{}{}
	return w
}

func (r *nativeRun) start(p *workloads.Program, g *workloads.Group, tools tools) trace.GroupReport {
	report := trace.GroupReport{Name: g.Name}
	for id := range g.Count {
		m := meterOf(p, g.Samples, g.Count)
		report.Workers = append(report.Workers, m)
		w := r.worker(g.Name, id, m, tools)
		w.me = waiter{order: r.started, group: g.Name}
		r.started++
		r.spawn(w, func() {
			defer r.shared.waits.exit()
			w.sleepLong(time.Duration(r.epoch + int64(g.Start) - gil.Monotonic()))
			w.breaker.Check()
			w.lane.To(trace.Run, r.now())
			iterate(g, id, p.Seed, p.End(), w.lane, r.now, w)
		})
	}
	return report
}

// spawn runs f on a goroutine of the run, which is w's. An abort ends it by a panic.
func (r *nativeRun) spawn(w *goroutine, f func()) {
	r.running.Add(1)
	go func() {
		defer r.running.Done()
		defer func() {
			if v := recover(); v != nil && v != any(gil.ErrAborted) {
				r.fail(v)
			}
			w.lane.To(trace.Done, r.now())
			r.mu.Lock()
			delete(r.breakers, w.breaker)
			r.mu.Unlock()
		}()
		f()
	}()
}

func (r *nativeRun) fail(v any) {
	r.mu.Lock()
	if r.failure == nil {
		r.failure = v
	}
	r.mu.Unlock()
	r.abort()
}

// abort makes every goroutine end at its next look at its breaker.
func (r *nativeRun) abort() {
	if r.aborted.Swap(true) {
		return
	}
	close(r.stopped)
	r.mu.Lock()
	defer r.mu.Unlock()
	for b := range r.breakers {
		b.Raise()
	}
	if r.shared != nil {
		r.shared.end()
	}
}

// finish waits for the goroutines and the server processes, for at most the grace after
// the window.
func (r *nativeRun) finish(ctx context.Context, p *workloads.Program, house *premises, report *trace.Report) error {
	limited, cancel := ctx, context.CancelFunc(func() {})
	if !p.UntilDone {
		left := time.Duration(p.End() - r.now())
		arm := time.AfterFunc(left, r.shared.waits.arm)
		defer arm.Stop()
		limited, cancel = context.WithTimeout(ctx, left+grace)
	}
	defer cancel()
	stop := context.AfterFunc(limited, r.abort)
	r.running.Wait()
	stop()
	gaveUp := house.awaitForks(limited, r.aborted.Load()) || r.aborted.Load()
	if gaveUp && ctx.Err() == nil && limited.Err() != nil {
		report.Warnings = append(report.Warnings, cutOff())
	}
	if err := r.failed(); err != nil {
		return err
	}
	if gaveUp {
		return ctx.Err()
	}
	return nil
}

// failed returns the first panic of a goroutine that is no abort.
func (r *nativeRun) failed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failure != nil {
		return fmt.Errorf("native: a goroutine panicked: %v", r.failure)
	}
	return nil
}
