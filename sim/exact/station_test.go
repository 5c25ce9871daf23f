package exact

import (
	"testing"

	"github.com/fibsim/fibsim/ossched"
	"github.com/fibsim/fibsim/sim"
)

// station serves customers on CPUs that switch in no time, in the order that a
// policy decides. A customer computes, and sleeps and comes back, or leaves.
type station struct {
	q       *sim.Queue
	p       ossched.Policy
	expects ossched.Expecter // nil: the policy does not want to know demand
	ticked  bool
	tick    int64
	patient bool // a customer in service is never interrupted

	cpus      []server
	customers []customer

	// ended is called when a customer has computed for as long as it wanted: more is
	// what it does next, a sleep and another time; without, it leaves.
	ended func(s *station, t ossched.Task) (sleep, demand int64, more bool)
	// woke, which may be nil, is told how long a customer waited after it had come.
	woke func(t ossched.Task, wait int64)

	now      int64
	last     int64 // time of the last event
	present  int64 // customers that have come and not left, sleepers not counted
	waiting  int64
	area     int64 // ∫ present dt
	busy     int64 // ∫ CPUs with a customer dt
	wasted   int64 // ∫ idle CPUs while a customer waits dt
	switches int64
}

type customer struct {
	came   int64 // the last time
	left   int64 // of what it wants to compute
	ran    int64 // in all
	fresh  bool  // has not been served since it came
	before bool  // it has been here before
}

type server struct {
	cur    ossched.Task
	since  int64
	next   sim.Handle
	ticked int64
}

// The kinds of event, in the order in which a policy wants to hear of them.
const (
	serviceEnds sim.Kind = iota * (1 + sim.Prio) // ID: a CPU
	comes                                        // ID: a customer
	ticks                                        // ID: a CPU
)

func newStation(t testing.TB, policy string, c ossched.Config) *station {
	t.Helper()
	p, err := ossched.New(policy, c)
	if err != nil {
		t.Fatal(err)
	}
	s := &station{q: sim.NewQueue(), p: p, ticked: p.Traits().Ticked, tick: c.Tick}
	s.expects, _ = p.(ossched.Expecter)
	for range c.CPUs {
		s.cpus = append(s.cpus, server{cur: ossched.NoTask, ticked: -1})
	}
	s.ended = func(*station, ossched.Task) (int64, int64, bool) { return 0, 0, false }
	return s
}

// arrives makes a customer known that will come at a time.
func (s *station) arrives(at, demand int64, a ossched.Attr) ossched.Task {
	t := ossched.Task(len(s.customers))
	s.p.Add(t, a)
	s.customers = append(s.customers, customer{left: demand})
	s.q.Schedule(sim.Event{Time: at, Kind: comes, ID: int32(t)})
	return t
}

// step lets the next thing happen. It reports false if nothing is left.
func (s *station) step() bool {
	e, ok := s.q.Next()
	if !ok {
		return false
	}
	s.account(e.Time)
	switch e.Kind {
	case serviceEnds:
		s.serviceEnds(ossched.CPU(e.ID))
	case comes:
		s.comes(ossched.Task(e.ID))
	case ticks:
		s.ticks(ossched.CPU(e.ID))
	}
	return true
}

func (s *station) account(now int64) {
	d := now - s.last
	busy := int64(0)
	for c := range s.cpus {
		if s.cpus[c].cur != ossched.NoTask {
			busy++
		}
	}
	s.area += d * s.present
	s.busy += d * busy
	s.wasted += d * min(s.waiting, int64(len(s.cpus))-busy)
	s.now, s.last = now, now
}

func (s *station) comes(t ossched.Task) {
	x := &s.customers[t]
	why := ossched.Created
	if x.before {
		why = ossched.Wakeup
	}
	x.came, x.fresh, x.before = s.now, true, true
	s.present++
	s.waiting++
	if s.expects != nil {
		s.expects.Expect(t, x.left)
	}
	c := s.p.Place(t, ossched.NoCPU, s.now)
	r := s.p.Enqueue(c, t, s.now, why)
	if s.cpus[c].cur != ossched.NoTask && r != c {
		s.plan(c)
	}
	switch {
	case r == ossched.NoCPU:
	case s.cpus[r].cur == ossched.NoTask:
		s.pick(r)
	case !s.patient:
		s.preempt(r)
	}
}

func (s *station) ticks(c ossched.CPU) {
	s.cpus[c].next, s.cpus[c].ticked = sim.Handle{}, s.now
	if s.p.Tick(c, s.now) && !s.patient {
		s.preempt(c)
		return
	}
	s.plan(c)
}

func (s *station) preempt(c ossched.CPU) {
	s.stop(c)
	s.waiting++
	s.cpus[c].cur = ossched.NoTask
	s.p.Put(c, s.now, ossched.Preempted)
	s.pick(c)
}

// stop accounts for the time that the customer of c has been served.
func (s *station) stop(c ossched.CPU) {
	v := &s.cpus[c]
	x := &s.customers[v.cur]
	x.left -= s.now - v.since
	x.ran += s.now - v.since
	v.since = s.now
}

func (s *station) pick(c ossched.CPU) {
	t := s.p.Pick(c, s.now)
	v := &s.cpus[c]
	if t == ossched.NoTask {
		s.q.Cancel(v.next)
		v.next = sim.Handle{}
		return
	}
	s.waiting--
	s.switches++
	if x := &s.customers[t]; x.fresh {
		x.fresh = false
		if s.woke != nil {
			s.woke(t, s.now-x.came)
		}
	}
	v.cur, v.since = t, s.now
	s.plan(c)
}

// plan schedules what comes first on a busy CPU: the end of the service, or the time
// at which the policy wants to look.
func (s *station) plan(c ossched.CPU) {
	v := &s.cpus[c]
	end := v.since + s.customers[v.cur].left
	e := sim.Event{Time: end, Kind: serviceEnds, ID: int32(c)}
	if at := s.looks(c); at < end {
		e.Time, e.Kind = at, ticks
	}
	s.q.Cancel(v.next)
	v.next = s.q.Schedule(e)
}

// looks returns when the policy wants to look at a busy CPU.
func (s *station) looks(c ossched.CPU) int64 {
	at := s.p.Next(c, s.now)
	if !s.ticked || at == ossched.Never {
		return at
	}
	at = (at + s.tick - 1) / s.tick * s.tick
	if ticked := s.cpus[c].ticked; at <= ticked {
		at = ticked + s.tick
	}
	return at
}

func (s *station) serviceEnds(c ossched.CPU) {
	v := &s.cpus[c]
	t := v.cur
	s.stop(c)
	v.cur, v.next = ossched.NoTask, sim.Handle{}
	s.present--
	sleep, demand, more := s.ended(s, t)
	if more {
		s.customers[t].left = demand
		s.p.Put(c, s.now, ossched.Blocked)
		s.q.Schedule(sim.Event{Time: s.now + sleep, Kind: comes, ID: int32(t)})
	} else {
		s.p.Put(c, s.now, ossched.Exited)
	}
	s.pick(c)
}
