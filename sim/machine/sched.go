package machine

import (
	"math"

	"github.com/fibsim/fibsim/ossched"
	"github.com/fibsim/fibsim/sim"
)

// sched drives one scheduling policy: the kernel's over CPUs, or Go's over Ps.
type sched struct {
	policy  ossched.Policy
	expects ossched.Expecter // nil: the policy does not want to know demand
	goes    bool             // tasks are goroutines, and procs are Ps
	ticked  bool
	tick    int64 // ns between two ticks
	phase   int64 // time of the first tick, below tick
	every   int64 // ns between two balances; 0: none
	armed   bool  // a balance is coming

	procs   []proc
	owners  []int32 // by task: a thread, or -1-P for the kernel's thread of a P
	waiting int     // runnable tasks without a CPU
}

// never is long before all that happens.
const never = math.MinInt64 / 2

// proc is a CPU, or a P.
type proc struct {
	cur    int32 // task; -1: none
	last   int32 // the task that ran last; -1: none yet
	memory int32 // the process whose thread ran last
	coming int32 // thread for which the CPU is being woken; -1: none
	waking bool  // is on its way out of idle
	cold   int64 // CPU time that its first thread spends on that way
	again  bool  // its task is to be preempted as soon as it has acted
	gen    uint32
	asleep bool  // has none, and has looked for one
	idle   int64 // since when
	rest   int64 // for how long it was so before it got the one that it has
	since  int64 // when it got that
	other  int64 // until when it had another than the last; never, if it had none
	rang   int64 // when a timer interrupted its task last

	stalled int64 // until when it stalls; in the past: when that was over, or found not to be

	alarms alarms // nil: none was set yet

	tick      bool       // is to come
	tickEvent sim.Handle // unless it is in a slot of ticks
	tickAt    int64
	ticked    int64 // time of the last tick

	// Of a P alone.
	task   ossched.Task // the kernel's task that runs it
	live   bool         // that has a CPU
	parked bool         // that is blocked: the P is idle
	cpu    int32        // of that task
}

func newSched(p ossched.Policy, c ossched.Config, goes bool) *sched {
	traits := p.Traits()
	s := &sched{policy: p, goes: goes, ticked: traits.Ticked, tick: c.Tick, every: traits.BalanceEvery}
	s.expects, _ = p.(ossched.Expecter)
	if c.Ties != 0 {
		s.phase = int64(c.Ties>>1) % c.Tick
	}
	s.procs = make([]proc, c.CPUs)
	for i := range s.procs {
		s.procs[i] = proc{cur: -1, asleep: true, last: -1, other: never, coming: -1, ticked: -1, task: ossched.NoTask, cpu: -1}
	}
	return s
}

// add makes a task that belongs to owner.
func (s *sched) add(owner int32, a ossched.Attr) ossched.Task {
	task := ossched.Task(len(s.owners))
	s.owners = append(s.owners, owner)
	s.policy.Add(task, a)
	return task
}

// pick gives a CPU without a task its next one. Cost is what comes before that if
// it is another than the last, and tail what the last one still has to do.
func (m *machine) pick(s *sched, c int32, cost, tail int64) {
	p := &s.procs[c]
	p.gen++
	m.asked(p, false)
	if s.goes {
		m.runTimers(c, c)
	}
	task := s.policy.Pick(ossched.CPU(c), m.now)
	if task == ossched.NoTask && s.goes && m.findRunnable(c) {
		task = s.policy.Pick(ossched.CPU(c), m.now)
	}
	if task == ossched.NoTask {
		m.goesIdle(s, c)
		return
	}
	s.waiting--
	worked := m.now // until when it has
	if p.asleep {
		worked, p.asleep = p.idle, false
	}
	p.rest, p.since = m.now-worked, m.now
	p.cur = int32(task)
	if p.last == p.cur {
		cost = 0
	} else {
		if p.last >= 0 {
			p.other = worked
		}
		p.last = p.cur
	}
	m.retick(s, c)
	if owner := s.owners[task]; owner < 0 {
		m.goLive(-1-owner, c, cost+tail+m.entersProcess(p, 0))
	} else {
		m.dispatch(&m.threads[owner], c, cost+tail)
	}
}

// entersProcess notes whose thread a CPU runs, and returns what it costs that this is
// another process than before.
func (m *machine) entersProcess(p *proc, process int32) int64 {
	if p.memory == process {
		return 0
	}
	p.memory = process
	return m.costs.SwitchProcess
}

// dispatch gives a thread its CPU. What one that comes from a wait for the lock finds cold there is in AfterWait, where
// that is known.
func (m *machine) dispatch(t *thread, c int32, cost int64) {
	if t.cpu != c && t.cpu >= 0 && !((t.back() || t.roused) && t.lock.afterWait.Max > 0) {
		cost += m.costs.CacheRefill
	}
	t.cpu = c
	m.startBurst(t, cost+m.entersProcess(&t.sched.procs[c], t.process))
}

func (m *machine) goesIdle(s *sched, c int32) {
	p := &s.procs[c]
	p.cur, p.idle, p.asleep = -1, m.now, true
	m.clearTick(s, c)
	if s.goes {
		m.park(c)
	}
}

// leave takes the task of a thread's CPU off it, and gives the CPU another.
func (m *machine) leave(t *thread, why ossched.Why) {
	m.putAndPick(t.sched, t.cpu, why, 0)
}

// putAndPick takes the task of a CPU off it, which has still so much to do there, and
// gives the CPU another.
func (m *machine) putAndPick(s *sched, c int32, why ossched.Why, tail int64) {
	s.policy.Put(ossched.CPU(c), m.now, why)
	if why == ossched.Preempted || why == ossched.Yielded {
		s.waiting++
	}
	s.procs[c].cur = -1
	m.pick(s, c, m.switchCost(s), tail)
}

func (m *machine) switchCost(s *sched) int64 {
	if s.goes {
		return m.costs.GoSwitch
	}
	return m.costs.Switch
}

// preempt takes the task of a CPU off it although it could go on. The policy may
// choose it again.
func (m *machine) preempt(s *sched, c int32) { m.stops(s, c, ossched.Preempted) }

func (m *machine) stops(s *sched, c int32, why ossched.Why) { m.stopsAfter(s, c, why, 0) }

// stopsAfter is stops for a P that has just got its CPU, after a cost that this had.
func (m *machine) stopsAfter(s *sched, c int32, why ossched.Why, cost int64) {
	task := s.procs[c].cur
	t := m.threadOf(s, task)
	if t != nil {
		t.queued = true
		m.pause(t)
	}
	if owner := s.owners[task]; owner < 0 {
		m.gos.procs[-1-owner].live = false
	}
	m.putAndPick(s, c, why, cost)
	if t != nil && !t.on {
		m.ready(t)
	}
}

// threadOf returns the thread that a task runs, which for the kernel's thread of
// a P is the goroutine that it has; nil: none.
func (m *machine) threadOf(s *sched, task int32) *thread {
	owner := s.owners[task]
	if owner >= 0 {
		return &m.threads[owner]
	}
	if g := m.gos.procs[-1-owner].cur; g >= 0 {
		return &m.threads[m.gos.owners[g]]
	}
	return nil
}

// asked notes that the task of a CPU is to be preempted, or no longer.
func (m *machine) asked(p *proc, again bool) {
	if p.again != again {
		p.again = again
		if again {
			m.again++
		} else {
			m.again--
		}
	}
}

// resched carries out what was asked of a thread's CPU while the thread acted. It
// returns true when the thread has to come back for the rest.
func (m *machine) resched(t *thread) bool {
	if m.again == 0 {
		return false
	}
	p := &t.sched.procs[t.cpu]
	if p.again {
		m.preempt(t.sched, t.cpu)
		return true
	}
	if t.sched.goes && m.os.procs[p.cpu].again {
		m.preempt(m.os, p.cpu)
		return true
	}
	return false
}

// tick tells the policy of a tick, or that the time has come that it gave.
func (m *machine) tick(s *sched, c int32) {
	p := &s.procs[c]
	p.tick, p.ticked = false, m.now
	if p.cur < 0 {
		return
	}
	if s.policy.Tick(ossched.CPU(c), m.now) {
		if s.goes && !p.live {
			m.asked(p, true) // once its thread has a CPU
			return
		}
		m.preempt(s, c)
		return
	}
	m.retick(s, c)
}

// retick asks the policy when it wants to look at a busy CPU next.
func (m *machine) retick(s *sched, c int32) {
	p := &s.procs[c]
	at := s.policy.Next(ossched.CPU(c), m.now)
	if at == ossched.Never {
		m.clearTick(s, c)
		return
	}
	at = max(at, m.now)
	if s.ticked {
		at = s.phase + (at-s.phase+s.tick-1)/s.tick*s.tick
	}
	if at <= p.ticked {
		// It has looked at this time already and changed nothing.
		at = p.ticked + 1
		if s.ticked {
			at = p.ticked + s.tick
		}
	}
	if p.tick && p.tickAt == at {
		return
	}
	m.clearTick(s, c)
	m.setTick(s, c, at)
}

// arm makes the next balance come while somebody waits for a CPU.
func (m *machine) arm(s *sched) {
	if s.every > 0 && s.waiting > 0 && !s.armed {
		s.armed = true
		m.at((m.now/s.every+1)*s.every, evBalance, 0, 0)
	}
}

func (m *machine) balance(s *sched) {
	s.armed = false
	for c := range s.procs {
		p := &s.procs[c]
		if p.cur < 0 && m.now < p.stalled {
			continue // it can look for nothing
		}
		if s.waiting == 0 || !s.policy.Balance(ossched.CPU(c), m.now) {
			continue
		}
		if p.cur >= 0 {
			m.retick(s, int32(c))
		} else if !p.waking {
			m.pick(s, int32(c), m.switchCost(s), 0)
		}
	}
	m.arm(s)
}
