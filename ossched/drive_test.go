package ossched

import (
	"container/heap"
	"fmt"
	"strings"
	"testing"
)

// A machine of no cost at all: CPUs that switch in no time, in virtual time. It
// runs scripts of bursts and sleeps under a policy, checks that the policy keeps
// its side of the contract, and says what became of each task.

const ms = 1_000_000 // ns

// script is what one task does.
type script struct {
	attr   Attr
	start  int64
	bursts []int64 // CPU time of each burst, in ns; the task ends after the last
	sleeps []int64 // after each burst, cyclically; 0, as without any, is a yield, and less waits for a peer
	loop   bool    // begin again after the last burst
	peer   Task    // whom it wakes at the end of each burst, if wakes
	wakes  bool
	asleep bool // at the start: it begins when its peer wakes it
}

// outcome is what became of one task.
type outcome struct {
	arrived, first, end int64 // arrival, first time on a CPU, end; -1: not yet
	ran                 int64
	waits               []int64 // from each time it became runnable by waking to running
	forced              int     // times it was preempted in favour of another
	cpus                map[CPU]bool
}

func (o *outcome) response() int64   { return o.first - o.arrived }
func (o *outcome) turnaround() int64 { return o.end - o.arrived }

// segment is an uninterrupted time of one task on one CPU.
type segment struct {
	cpu      CPU
	task     Task
	from, to int64
}

type eventKind uint8

// In the order in which they are told at equal times.
const (
	burstEnds eventKind = iota
	becomesRunnable
	balances
	ticks
)

type event struct {
	at   int64
	kind eventKind
	id   int32
	gen  int // of the CPU's task, or of its next tick: an event of an older generation is void
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	a, b := e[i], e[j]
	if a.at != b.at {
		return a.at < b.at
	}
	if a.kind != b.kind {
		return a.kind < b.kind
	}
	return a.id < b.id
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	*e = (*e)[:last]
	return x
}

type driver struct {
	t       testing.TB
	p       Policy
	c       Config
	phase   int64 // of the ticks of CPU 0; those of CPU i come i*stagger later
	stagger int64
	every   bool // deliver each tick, not only those from Next on
	check   func(d *driver)
	keep    bool // segments

	now      int64
	events   events
	tasks    []driven
	cpus     []drivenCPU
	segments []segment
	switches int // from one task to another one, or to itself after a sleep
	waiting  int
	alive    int
	wasted   int64 // ns in which a CPU idled while a task waited, times CPUs
	last     int64
}

type driven struct {
	script
	outcome
	burst int
	left  int64
	ready int64 // since when it waits
	woken bool
	state phase
	token bool // it was woken before it slept
}

type drivenCPU struct {
	cur   Task
	prev  Task
	since int64
	gen   int
	plans int
	// how many segments, and the index of the latest
	segments, segment int
	ticked            int64 // time of the last tick, of a policy with ticks
}

func newDriver(t testing.TB, name string, c Config, scripts ...script) *driver {
	t.Helper()
	if c.CPUs == 0 {
		c.CPUs = 1
	}
	if c.Tick == 0 {
		c.Tick = 4 * ms
	}
	p, err := New(name, c)
	if err != nil {
		t.Fatal(err)
	}
	d := &driver{t: t, p: p, c: c, keep: true}
	for i, s := range scripts {
		p.Add(Task(i), s.attr)
		d.tasks = append(d.tasks, driven{script: s, outcome: outcome{first: -1, end: -1, cpus: map[CPU]bool{}}, state: away})
		d.alive++
		if !s.asleep {
			d.push(event{at: s.start, kind: becomesRunnable, id: int32(i)})
		}
	}
	for i := range c.CPUs {
		d.cpus = append(d.cpus, drivenCPU{cur: NoTask, prev: NoTask, ticked: -1})
		if every := p.Traits().BalanceEvery; every > 0 {
			d.push(event{at: every, kind: balances, id: int32(i)})
		}
	}
	return d
}

func (d *driver) push(e event) { heap.Push(&d.events, e) }

// run goes on until the time, or until all tasks have ended.
func (d *driver) run(until int64) *driver {
	d.t.Helper()
	for len(d.events) > 0 && d.alive > 0 && d.events[0].at <= until {
		e := heap.Pop(&d.events).(event)
		if e.at < d.now {
			d.t.Fatalf("an event at %d after %d", e.at, d.now)
		}
		d.account(e.at)
		d.now = e.at
		switch e.kind {
		case burstEnds:
			d.burstEnds(e)
		case becomesRunnable:
			d.resched(d.wake(Task(e.id), NoCPU))
		case balances:
			d.balance(CPU(e.id))
		case ticks:
			d.tick(e)
		}
		if d.check != nil {
			d.check(d)
		}
	}
	if d.alive > 0 {
		d.account(until)
		d.now = until
		for c := range d.cpus {
			if d.cpus[c].cur != NoTask {
				d.stop(CPU(c))
				d.cpus[c].since = until
			}
		}
	}
	return d
}

// account adds up the time in which a CPU idled while a task waited.
func (d *driver) account(now int64) {
	idle := 0
	for c := range d.cpus {
		if d.cpus[c].cur == NoTask {
			idle++
		}
	}
	d.wasted += int64(min(idle, d.waiting)) * (now - d.last)
	d.last = now
}

// wake makes a task runnable and returns the CPU to reschedule.
func (d *driver) wake(t Task, waker CPU) CPU {
	x := &d.tasks[t]
	why := Wakeup
	if x.first < 0 {
		why = Created
		x.arrived = d.now
	}
	x.left = x.bursts[x.burst]
	if e, ok := d.p.(Expecter); ok {
		e.Expect(t, x.left)
	}
	if x.state != away {
		d.t.Fatalf("task %d wakes in state %d", t, x.state)
	}
	x.state, x.ready, x.woken = queued, d.now, true
	d.waiting++
	c := d.p.Place(t, waker, d.now)
	if c < 0 || int(c) >= len(d.cpus) {
		d.t.Fatalf("placed on CPU %d", c)
	}
	r := d.p.Enqueue(c, t, d.now, why)
	if r != c && c != waker {
		d.plan(c)
	}
	return r
}

// resched makes a CPU choose again.
func (d *driver) resched(c CPU) {
	if c == NoCPU {
		return
	}
	if d.cpus[c].cur != NoTask {
		d.put(c, Preempted)
	}
	d.pick(c)
}

// stop accounts for the time that the task of c has run.
func (d *driver) stop(c CPU) *driven {
	q := &d.cpus[c]
	x := &d.tasks[q.cur]
	ran := d.now - q.since
	x.left -= ran
	x.ran += ran
	if x.left < 0 {
		d.t.Fatalf("task %d overran by %d", q.cur, -x.left)
	}
	if d.keep && ran > 0 {
		d.record(segment{c, q.cur, q.since, d.now})
	}
	return x
}

// record appends to a task's latest segment on the CPU, or begins a new one.
func (d *driver) record(s segment) {
	q := &d.cpus[s.cpu]
	if q.segments > 0 {
		if last := &d.segments[q.segment]; last.task == s.task && last.to == s.from {
			last.to = s.to
			return
		}
	}
	q.segments++
	q.segment = len(d.segments)
	d.segments = append(d.segments, s)
}

func (d *driver) put(c CPU, why Why) {
	q := &d.cpus[c]
	x := d.stop(c)
	switch why {
	case Preempted, Yielded:
		x.state, x.ready, x.woken = queued, d.now, false
		d.waiting++
	case Blocked:
		x.state = away
	case Exited:
		x.state = gone
		x.end = d.now
		d.alive--
	}
	q.prev, q.cur = q.cur, NoTask
	q.gen++
	d.p.Put(c, d.now, why)
}

func (d *driver) pick(c CPU) {
	q := &d.cpus[c]
	t := d.p.Pick(c, d.now)
	if t == NoTask {
		return
	}
	x := &d.tasks[t]
	if x.state != queued {
		d.t.Fatalf("picked task %d, which is in state %d", t, x.state)
	}
	if q.prev != t || x.woken {
		d.switches++
		if q.prev != NoTask && q.prev != t && d.tasks[q.prev].state == queued {
			d.tasks[q.prev].forced++
		}
	}
	if x.woken {
		x.waits = append(x.waits, d.now-x.ready)
	}
	x.state, x.woken = running, false
	x.cpus[c] = true
	d.waiting--
	if x.first < 0 {
		x.first = d.now
	}
	q.cur, q.since = t, d.now
	q.gen++
	d.push(event{at: d.now + x.left, kind: burstEnds, id: int32(c), gen: q.gen})
	d.plan(c)
}

// plan makes an event of what Next says; the one before is dropped when it comes.
func (d *driver) plan(c CPU) {
	q := &d.cpus[c]
	if q.cur == NoTask {
		return
	}
	at := d.p.Next(c, d.now)
	q.plans++
	if at < d.now {
		d.t.Fatalf("Next gave %d at %d", at, d.now)
	}
	if d.p.Traits().Ticked {
		if d.every {
			at = d.now
		}
		if at == Never {
			return
		}
		phase := d.phase + int64(c)*d.stagger
		at = phase + (at-phase+d.c.Tick-1)/d.c.Tick*d.c.Tick
		if at <= q.ticked {
			at = q.ticked + d.c.Tick
		}
	}
	if d.every && !d.p.Traits().Ticked {
		at = min(at, d.now+d.c.Tick/7)
	}
	if at != Never {
		d.push(event{at: at, kind: ticks, id: int32(c), gen: q.plans})
	}
}

func (d *driver) tick(e event) {
	c := CPU(e.id)
	q := &d.cpus[c]
	if q.cur == NoTask || e.at == q.ticked || e.gen != q.plans {
		return
	}
	if d.p.Traits().Ticked {
		q.ticked = e.at
	}
	before := d.p.Next(c, d.now)
	if d.p.Tick(c, d.now) {
		if before > d.now {
			d.t.Fatalf("at %d Next gave %d, but Tick reschedules", d.now, before)
		}
		d.resched(c)
		return
	}
	d.plan(c)
}

func (d *driver) balance(c CPU) {
	d.push(event{at: d.now + d.p.Traits().BalanceEvery, kind: balances, id: int32(c)})
	if !d.p.Balance(c, d.now) {
		return
	}
	if d.cpus[c].cur == NoTask {
		d.pick(c)
	} else {
		d.plan(c)
	}
}

func (d *driver) burstEnds(e event) {
	c := CPU(e.id)
	q := &d.cpus[c]
	if e.gen != q.gen {
		return
	}
	t := q.cur
	x := &d.tasks[t]
	sleep := int64(0)
	if n := len(x.sleeps); n > 0 {
		sleep = x.sleeps[x.burst%n]
	}
	x.burst++
	if x.loop && x.burst == len(x.bursts) {
		x.burst = 0
	}
	woken := NoCPU
	if x.wakes {
		woken = d.signal(x.peer, c)
	}
	switch {
	case x.burst == len(x.bursts):
		d.put(c, Exited)
	case sleep == 0 || sleep < 0 && x.token:
		x.token = false
		d.put(c, Yielded)
		x.left = x.bursts[x.burst]
	default:
		d.put(c, Blocked)
		if sleep > 0 {
			d.push(event{at: d.now + sleep, kind: becomesRunnable, id: int32(t)})
		}
	}
	d.pick(c)
	if woken != c {
		d.resched(woken) // another CPU takes longer to hear of it than this one to switch
	}
}

// signal wakes a task from a CPU, and returns the CPU to reschedule. A task that
// does not sleep will not the next time.
func (d *driver) signal(t Task, waker CPU) CPU {
	if d.tasks[t].state != away {
		d.tasks[t].token = true
		return NoCPU
	}
	return d.wake(t, waker)
}

// hog runs for ever.
func hog(nice int) script {
	return script{attr: Attr{Nice: nice}, bursts: []int64{Never / 4}}
}

// job arrives and runs once.
func job(start, demand int64) script { return script{start: start, bursts: []int64{demand}} }

// periodic runs and sleeps for ever.
func periodic(run, sleep int64) script {
	return script{bursts: []int64{run}, sleeps: []int64{sleep}, loop: true}
}

func (d *driver) String() string {
	var out strings.Builder
	for _, s := range d.segments {
		fmt.Fprintf(&out, "cpu %d task %d %d-%d\n", s.cpu, s.task, s.from, s.to)
	}
	return out.String()
}
