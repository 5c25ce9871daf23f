package machine

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/ossched"
	"github.com/fibsim/fibsim/workloads"
)

// load makes everything that a run consists of. Threads of the server come first,
// then those of the program, then the clients.
func (m *machine) load() error {
	if m.config.Costs.Interpreter != nil && !m.config.Native {
		m.costs = m.config.Costs.interpreted()
	}
	if err := m.setPace(); err != nil {
		return err
	}
	if _, err := m.addLock(); err != nil {
		return err
	}
	if err := m.schedulers(); err != nil {
		return err
	}
	if m.gos != nil {
		m.loadPs()
	}
	slots := len(m.os.procs)
	if m.gos != nil {
		slots += len(m.gos.procs)
	}
	m.bursts, m.ticks = newPerCPU(slots), newPerCPU(slots)
	m.loadShared()
	m.threads = make([]thread, 0, m.threadCount())
	m.most = 1<<20 + 64*int64(cap(m.threads))
	if err := m.loadServer(); err != nil {
		return err
	}
	for i := range m.program.Threads {
		if err := m.loadGroup(&m.program.Threads[i]); err != nil {
			return err
		}
	}
	if err := m.loadTasks(); err != nil {
		return err
	}
	if err := m.loadPools(); err != nil {
		return err
	}
	m.loadClients()
	return nil
}

// interpreted returns the costs with those of the interpreter in their places.
func (c *Costs) interpreted() *Costs {
	out, i := *c, c.Interpreter
	out.ReleaseTake, out.Send, out.Recv, out.Request = i.ReleaseTake, i.Send, i.Recv, i.Request
	out.UserLock, out.QueueItem, out.YieldStep, out.AsyncioStep, out.ScriptStep = i.UserLock, i.QueueItem, i.YieldStep, i.AsyncioStep, i.ScriptStep
	return &out
}

// setPace finds out what a call of fib costs.
func (m *machine) setPace() error {
	pace := m.program.Interpreter.Pace
	ns := pace.NS
	switch pace.Mode {
	case workloads.PaceNative:
		ns = m.costs.FibCall
	case workloads.PacePython:
		if m.config.Costs.Interpreter == nil {
			return errors.New("pace: python needs an interpreter: costs that were measured with one, or a number")
		}
		ns = m.config.Costs.Interpreter.FibCall
	}
	if !(ns >= 0 && ns <= 1e9) {
		return fmt.Errorf("pace: must be from 0 to 1e9 ns, got %g", ns)
	}
	m.pace = int64(float64(float64(ns*1000)*(1+float64(float64(m.costs.Wobble)/1e6))) + 0.5)
	return nil
}

func (m *machine) threadCount() int {
	n := 0
	for i := range m.program.Threads {
		n += m.program.Threads[i].Count
	}
	for i := range m.program.Clients {
		n += 2 * m.program.Clients[i].Count
	}
	if s := m.program.Server; s != nil && s.Model == workloads.Prefork {
		n += cmp.Or(s.Workers, workloads.DefaultWorkers) * m.threadsOf(s)
	}
	for i := range m.pools {
		n += 2 + m.pools[i].workers
	}
	return n + 1 + len(loopNames)
}

// loadPs makes the kernel's thread of each P. They begin idle.
func (m *machine) loadPs() {
	m.go_.due = make([][]int32, len(m.gos.procs))
	m.go_.chance = workloads.NewStream(m.program.Seed, "", 0, m.config.purpose("costs"))
	for i := range m.gos.procs {
		p := &m.gos.procs[i]
		p.task, p.parked = m.os.add(int32(-1-i), ossched.Attr{}), true
	}
}

// thread makes a thread of the interpreter that has a lock, or a goroutine.
func (m *machine) thread(l *lock, g *group, worker int, meter *trace.Meter) *thread {
	t := m.addThread(g, worker)
	t.lock, t.num = l, int32(len(l.members))
	l.members = append(l.members, t.id)
	t.lane = trace.NewLane(t.num, meter, m.config.Keep)
	if t.sched = m.os; m.gos != nil && !g.process {
		t.sched = m.gos
		t.cpu = t.id % int32(len(m.gos.procs))
	}
	t.task = t.sched.add(t.id, g.attr)
	t.strand = m.strand(g)
	return t
}

// strand returns the begin of a body.
func (m *machine) strand(g *group) strand {
	s := strand{group: g, loops: int32(len(m.loops)), conn: -1, job: -1}
	for range g.depth {
		m.loops = append(m.loops, 0)
	}
	return s
}

func (m *machine) addThread(g *group, worker int) *thread {
	id := int32(len(m.threads))
	m.threads = append(m.threads, thread{
		strand: strand{group: g, conn: -1, job: -1}, id: id, worker: int32(worker), cpu: -1, parent: -1, was: trace.Done,
		chance: workloads.NewStream(m.program.Seed, g.name, worker, m.config.purpose("costs")),
	})
	return &m.threads[id]
}

func (m *machine) loadGroup(w *workloads.Group) error {
	g := &group{name: w.Name, times: int64(w.Times), counts: true}
	g.attr = ossched.Attr{Nice: w.Sched.Nice, Priority: w.Sched.Priority, Slice: int64(w.Sched.Slice)}
	if err := m.compile(g, w.Body, ofThread); err != nil {
		return err
	}
	report := trace.GroupReport{Name: w.Name, Workers: make([]*trace.Meter, 0, w.Count)}
	for id := range w.Count {
		meter := m.meter(w.Samples, w.Count)
		report.Workers = append(report.Workers, meter)
		t := m.thread(m.locks[0], g, id, meter)
		t.body = workloads.NewStream(m.program.Seed, w.Name, id, "body")
		// It sleeps until its group is let go.
		start := int64(w.Start)
		if !t.sched.goes {
			start += m.costs.TimerSlack.Draw(&t.chance)
		}
		m.startTimer(t, start)
		m.alive++
	}
	m.groups = append(m.groups, report)
	return nil
}

func (m *machine) meter(s workloads.Sampling, workers int) *trace.Meter {
	return trace.NewMeter(m.window(), int(s), max(1, trace.RowsPerSecond/workers))
}

// unseen returns a meter for a thread whose figures nobody asks for: a lane would not
// look at states without one. Nothing lies in its window.
func unseen() *trace.Meter {
	return trace.NewMeter(trace.Window{Start: math.MinInt64, End: math.MinInt64}, int(workloads.SampleNone), 0)
}

func (m *machine) window() trace.Window {
	return trace.Window{Start: int64(m.program.Warmup), End: m.end}
}

// loadClients makes a thread of the kernel for each connection. All connections
// wait to be accepted at time 0.
func (m *machine) loadClients() {
	n, process := 0, int32(0)
	for i := range m.program.Clients {
		w := &m.program.Clients[i]
		report := trace.GroupReport{Name: w.Name, Client: true}
		g := &group{name: w.Name, counts: true}
		next := 0 // the first connection of the next process
		shard := 0
		for worker := range w.Count {
			if worker == next {
				_, next = w.ConnectionsOf(shard)
				shard++
				process++
			}
			c := &m.conns[n]
			t := m.addThread(g, worker)
			t.sched, t.conn, t.phase = m.os, int32(n), clientNext
			t.task = m.os.add(t.id, ossched.Attr{})
			c.client = t.id
			if w.Rate > 0 {
				c.arrivals = workloads.NewArrivalTimes(m.program.Seed, w.Name, worker, w.Rate, w.Arrivals)
			}
			t.process = process
			report.Workers = append(report.Workers, c.meter)
			m.startTimer(t, m.costs.TimerSlack.Draw(&t.chance))
			m.alive++
			n++
		}
		m.groups = append(m.groups, report)
	}
}
