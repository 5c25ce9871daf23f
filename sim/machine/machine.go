package machine

import (
	"math"
	"time"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/sim"
	"github.com/fibsim/fibsim/workloads"
)

// machine is one run.
type machine struct {
	program *workloads.Program
	config  Config
	costs   *Costs

	q      *sim.Queue
	bursts perCPU
	ticks  perCPU
	now    int64
	told   bool // the last wake-up was of another CPU, which had to be told
	hash   sim.Hash
	events int64
	failed error // why the run cannot go on

	os    *sched  // the kernel's
	gos   *sched  // Go's; nil: there are no goroutines
	locks []*lock // of the interpreters; the first is that of the program's process
	go_   goroutines

	again int // CPUs and Ps whose task is to be preempted as soon as it has acted

	tasks    []trace.Thread // of the loops, where a log is kept
	numbered int32          // tasks so far
	threads  []thread       // of the program and the server, and last those of the clients
	groups   []trace.GroupReport
	loops    []int32 // counters of the loops of all threads
	conns    []conn
	accepted int // connections, where threads take them one after the other

	userLocks []userLock
	queues    []userQueue
	pools     []pool
	jobs      []job
	spare     []int32 // jobs that are over
	values    []trace.Value
	scripts   scripts

	pace  int64 // of a call of fib, in ps
	asks  int64 // number of events at which Run asks whether to stop
	limit int64 // nothing happens after it
	end   int64 // nothing starts any more from then on
	alive int   // threads of the program and clients that have not ended
	acts  int64 // since the time last advanced
	most  int64 // acts at one time that are no sign of a standstill
}

// grace is how long iterations that are under way at the end of the window may
// take to finish: that of the measured backends.
const grace = 10 * time.Second

// stopEvery is after how many events Run asks whether it is to stop.
const stopEvery = 4096

// Run runs a program on a machine and reports what the gil backend, or with Native
// the native one, would. What it reports depends on the program, the machine and
// its costs alone.
//
// Stop, which may be nil, is asked every few thousand events whether to give up;
// then the report is what there is and the error ErrStopped, or ErrTooLong where
// Config.Most is why. Run fails on a machine or a program that makes no sense or
// that it cannot model.
func Run(p *workloads.Program, c Config, stop func() bool) (*trace.Report, error) {
	m, err := newMachine(p, c)
	if err != nil {
		return nil, err
	}
	err = m.run(stop)
	if m.failed != nil {
		return nil, m.failed
	}
	return m.report(), err
}

// newMachine makes all that a run consists of, at time 0.
func newMachine(p *workloads.Program, c Config) (*machine, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	m := &machine{scripts: scripts{most: mostSteps}, program: p, config: c, costs: c.Costs, q: sim.NewQueue(), end: p.End(), asks: stopEvery, limit: math.MaxInt64}
	if !p.UntilDone {
		m.limit = m.end + int64(grace)
	}
	return m, m.load()
}

func (m *machine) run(stop func() bool) error {
	for m.alive > 0 && m.failed == nil {
		e, ok := m.next()
		if !ok {
			m.failed = m.stuck()
			return nil
		}
		if e.Time > m.limit {
			return nil
		}
		m.happens(e)
		m.happen(e)
		if m.events >= m.asks {
			m.asks += stopEvery
			switch {
			case stop != nil && stop():
				return ErrStopped
			case m.config.Most > 0 && m.events >= m.config.Most:
				return ErrTooLong
			}
		}
	}
	return nil
}

// happens notes an event, which is the next in their order.
func (m *machine) happens(e sim.Event) {
	if e.Time > m.now {
		m.now, m.acts = e.Time, 0
	}
	m.events++
	m.hash.Event(e)
	if m.config.Observe != nil {
		m.config.Observe(e)
	}
}

func (m *machine) happen(e sim.Event) {
	switch e.Kind.Number() {
	case evBurst:
		t := &m.threads[e.ID]
		t.burst, t.left = false, 0
		m.advance(t)
	case evTimer:
		t := &m.threads[e.ID]
		t.timer = sim.Handle{}
		m.timerEnds(t)
	case evArrive:
		m.arrive(e.ID, e.Arg)
	case evPick:
		m.comesToLife(e.ID)
	case evResched:
		if p := &m.os.procs[e.ID]; p.gen == uint32(e.Arg) && p.cur >= 0 {
			m.preempt(m.os, e.ID)
		}
	case evPoll:
		m.pollEnds()
	case evSysmon:
		m.sysmonPolls()
	case evBalance:
		m.balance(m.os)
	case evTick:
		m.tick(m.os, e.ID)
	case evGoTick:
		m.tick(m.gos, e.ID)
	case evLock:
		m.locks[e.ID].step(m, nil, policy.Input{Kind: policy.Timer, Thread: policy.Nobody, Now: m.now})
	case evRouse:
		m.roused(&m.threads[e.ID], &m.threads[e.Arg])
	}
}
