package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

// grace is how long iterations that are under way at the end of the window may
// take to finish.
const grace = 10 * time.Second

// GIL is the backend that runs a program under an emulated interpreter lock.
type GIL struct {
	calibrator *Calibrator
	commands   Commands
}

// NewGIL returns the gil backend.
func NewGIL(c *Calibrator, commands Commands) *GIL { return &GIL{calibrator: c, commands: commands} }

// Name returns gil.
func (*GIL) Name() string { return "gil" }

// Evidence returns measured.
func (*GIL) Evidence() string { return "measured" }

// Run runs p once.
func (b *GIL) Run(ctx context.Context, p *workloads.Program, o session.Options) (*trace.Report, error) {
	lock, err := policy.New(p.Interpreter.Lock, p.Interpreter.Params)
	if err != nil {
		return nil, err
	}
	tools, err := b.calibrator.tools(p.Interpreter.Pace, lock.Traits().Ticks > 0)
	if err != nil {
		return nil, err
	}
	defer quietMemory(p.Workers())()
	material, err := newMaterial(p)
	if err != nil {
		return nil, err
	}
	defer material.close()
	if len(material.scripts) > 0 {
		defer limitMemory()()
	}
	crews, err := startCrews(ctx, p, b.commands.Worker, tools, false)
	if err != nil {
		return nil, err
	}
	defer crews.close()
	clients, err := startClients(ctx, p, b.commands.Client)
	if err != nil {
		return nil, err
	}
	defer clients.Stop()
	house, err := openServer(ctx, &serverPlan{program: p, tools: tools, commands: b.commands})
	if err != nil {
		return nil, err
	}
	defer house.leave()

	room, leave := eventRoom(o)
	defer leave()
	rt, err := gil.New(lock, gil.Options{
		Park:     gil.Park(p.Interpreter.Park),
		Epoch:    gil.Monotonic() + int64(lead(p)),
		Window:   window(p),
		Keep:     o.Events,
		Room:     room,
		Unlocked: unlocked(p, lock.Traits().None),
	})
	if err != nil {
		return nil, err
	}
	defer rt.Close()
	return b.run(ctx, rt, p, tools, material, crews, house, clients, o)
}

func (b *GIL) run(ctx context.Context, rt *gil.Runtime, p *workloads.Program, tools tools, m *material, crews crews, house *premises, clients *Clients, o session.Options) (*trace.Report, error) {
	var server *gilServer
	var err error
	// Whatever ends the run leaves no thread behind to use what Close gives back.
	shared := newGILShared(rt, p, m)
	defer func() {
		abandon(rt, server)
		shared.close()
	}()
	if err := shared.startPools(rt, p, crews); err != nil {
		return nil, err
	}
	if p.Server != nil {
		if server, err = startGILServer(rt, house); err != nil {
			return nil, err
		}
		if err := clients.begin(ctx, server.addr(), rt.Epoch()); err != nil {
			return nil, err
		}
	}
	report := &trace.Report{Window: window(p), States: true, Lock: !rt.Traits().None}
	delays := watchDelays()
	values := newValueLog(o)
	report.Groups = startThreads(rt, p, tools, shared)
	tasks, err := startLoops(rt, p, tools, shared, values)
	if err != nil {
		return nil, err
	}
	report.Groups = append(report.Groups, tasks...)
	if late := rt.Now(); late > 0 {
		report.Warnings = append(report.Warnings, lateStart(time.Duration(late)))
	}
	var rows []ClientRows
	var clientErr error
	if server != nil {
		rows, clientErr = clients.Wait(ctx)
		clientErr = errors.Join(clientErr, server.Close())
	}
	if clientErr != nil {
		rt.Abort() // its figures are lost; the threads need not go on to the end
	}
	waitErr := shared.waits.settle(finish(ctx, rt, p, shared.waits, house, report), report)
	if server != nil {
		peak, err := server.settle()
		report.PeakMemory, report.Others = peak, server.logs()
		clientErr = errors.Join(clientErr, err)
	}
	report.Facts = gilFacts(rt, p, tools, delays)
	report.Warnings = append(report.Warnings, paceMissed(tools)...)
	if server != nil && clientErr == nil {
		addClients(report, p, rows, server.samples())
	}
	values.report(report)
	if p.UntilDone {
		report.EndWithLast()
	}
	// What an interrupted run did until then is told, too: its threads have ended.
	if o.Events && (waitErr == nil || ctx.Err() != nil) {
		report.Log = keptLog(rt)
		report.Log.Tasks = tasksOf(p)
		report.Warnings = append(report.Warnings, report.Log.CutWarnings()...)
	}
	shared.close()
	report.PeakMemory += peakMemory() + clients.PeakMemory() + crews.peakMemory()
	if clientErr != nil && errors.Is(waitErr, gil.ErrAborted) {
		waitErr = nil // that was us; what the clients say is why
	}
	return report, errors.Join(clientErr, waitErr)
}

// startThreads makes the threads of all groups. Each sleeps until its group is
// let go, so that all stand ready at time 0.
func startThreads(rt *gil.Runtime, p *workloads.Program, tools tools, shared *gilShared) []trace.GroupReport {
	var groups []trace.GroupReport
	workers := 0
	end := p.End()
	for i := range p.Threads {
		g := &p.Threads[i]
		pools := poolsOf(g.Body)
		report := trace.GroupReport{Name: g.Name}
		for id := range g.Count {
			m := meterOf(p, g.Samples, g.Count)
			report.Workers = append(report.Workers, m)
			me := waiter{order: workers, group: g.Name}
			workers++
			rt.Go(workerName(g.Name, id), func(t *gil.Thread) {
				defer shared.waits.exit()
				defer shared.release(pools)
				t.Lane().Use(m)
				t.Blocking(func() { t.SleepUntil(rt.Epoch() + int64(g.Start)) })
				w := newThread(t, tools)
				w.shared, w.me = shared, me
				iterate(g, id, p.Seed, end, t.Lane(), t.PerfCounter, w)
			})
		}
		groups = append(groups, report)
	}
	return groups
}

func lateStart(late time.Duration) trace.Warning {
	return trace.Warning{
		Code:    "late-start",
		Message: fmt.Sprintf("the last thread was made %v after time 0", late.Round(time.Millisecond)),
		Hint:    "the host is very busy; run again when it is idle, or make the warm-up longer",
	}
}

// finish waits for the threads and the server processes: without limit for a run that
// goes on until all is done, otherwise until the grace is over, or nobody is left who
// could go on.
func finish(ctx context.Context, rt *gil.Runtime, p *workloads.Program, ws *waits, house *premises, report *trace.Report) error {
	limited, cancel := ctx, context.CancelFunc(func() {})
	if !p.UntilDone {
		left := p.End() - rt.Now()
		timer := time.AfterFunc(time.Duration(left), ws.arm)
		defer timer.Stop()
		limited, cancel = context.WithTimeout(ctx, time.Duration(left)+grace)
	}
	defer cancel()
	err := rt.Wait(limited)
	if house.awaitForks(limited, rt.Aborting()) {
		err = cmp.Or(err, limited.Err())
	}
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		report.Warnings = append(report.Warnings, cutOff())
		return nil
	}
	return err
}

// abandon ends what is left of a run: nothing, when it went well.
func abandon(rt *gil.Runtime, s *gilServer) {
	rt.Abort()
	if s != nil {
		s.Close()
	}
	_ = rt.Wait(context.Background()) // it was aborted, which is no news
	if s != nil {
		_, _ = s.settle()
	}
}

func cutOff() trace.Warning {
	return trace.Warning{
		Code:    "cut-off",
		Message: fmt.Sprintf("iterations were still under way %v after the window and were cut off", grace),
		Hint:    "their group is slower than its figures say; make the duration several times as long as one iteration",
	}
}

// lead is the time between the making of the runtime and time 0: all threads
// must stand ready and all clients be connected by then.
func lead(p *workloads.Program) time.Duration {
	d := 50*time.Millisecond + time.Duration(p.Workers())*200*time.Microsecond
	if p.Server != nil {
		d += 200*time.Millisecond + time.Duration(p.Workers())*2*time.Millisecond
	}
	return d
}

// unlocked returns how many threads may compute without the lock at once.
func unlocked(p *workloads.Program, noLock bool) int {
	n := 0
	for i := range p.Threads {
		if noLock || releases(p.Threads[i].Body) {
			n += p.Threads[i].Count
		}
	}
	n += p.Loops() // whatever their tasks do
	if noLock {
		for i := range p.Clients {
			n += p.Clients[i].Count
		}
	}
	return n
}

func releases(body []workloads.Op) bool {
	for i := range body {
		switch body[i].Kind {
		case workloads.OpNoGILSpin, workloads.OpNoGILHash, workloads.OpRead:
			return true
		case workloads.OpLoop:
			if releases(body[i].Body) {
				return true
			}
		}
	}
	return false
}

func window(p *workloads.Program) trace.Window {
	return trace.Window{Start: int64(p.Warmup), End: p.End()}
}

func meterOf(p *workloads.Program, s workloads.Sampling, workers int) *trace.Meter {
	return trace.NewMeter(window(p), int(s), max(1, trace.RowsPerSecond/workers))
}

func workerName(group string, id int) string { return fmt.Sprintf("%s-%d", group, id) }

// quietMemory keeps the garbage collector out of a run, and lets as many OS
// threads exist as the run needs. The function that it returns sets both back.
func quietMemory(threads int) (restore func()) {
	debug.FreeOSMemory()
	resetPeakMemory()
	percent := debug.SetGCPercent(-1)
	most := debug.SetMaxThreads(10_000 + 2*threads)
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMaxThreads(most)
	}
}

// limitMemory lets the garbage collector come, though quietMemory keeps it out, when
// the interpreter of scripts has made too much of it: it makes hundreds of megabytes
// in a second. It comes seldom, then, and finds little that is still in use. The
// function that it returns takes the limit away.
func limitMemory() (restore func()) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	most := debug.SetMemoryLimit(int64(m.Sys) + scriptGarbage)
	return func() { debug.SetMemoryLimit(most) }
}

// scriptGarbage is how many bytes of garbage there may be.
const scriptGarbage = 512 << 20
