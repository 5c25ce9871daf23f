package locktest

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// Plan says what a run is like. Times are in nanoseconds.
type Plan struct {
	Threads int
	Steps   int // things that happen in all
	Seed    uint64
	Grain   int64 // times are multiples of it; a coarse one makes for many ties
	Compute int64 // most that a thread computes at a stretch, with the lock
	Block   int64 // most that it blocks, without
	Latency int64 // most that a woken thread takes to get there
	Look    int64 // between two checkpoints, or two ticks
	Meter   func(thread int) *trace.Meter
}

// Outcome is what a run reported.
type Outcome struct {
	Log    *trace.Log
	Meters []*trace.Meter
	Inputs []policy.Input // as the policy got them
}

// Run drives p through a random schedule. It panics when p breaks the contract
// between policy and driver, and when no thread can go on.
func Run(p policy.Policy, plan Plan) Outcome {
	d := &driver{policy: p, traits: p.Traits(), plan: plan, timer: never, holder: -1}
	d.random = rand.New(rand.NewPCG(plan.Seed, 1))
	d.clerk = trace.NewLane(-1, nil, true)
	for i := range plan.Threads {
		var m *trace.Meter
		if plan.Meter != nil {
			m = plan.Meter(i)
		}
		d.threads = append(d.threads, &thread{id: policy.Thread(i), lane: trace.NewLane(int32(i), m, true), at: d.upTo(plan.Block), countdown: d.traits.Ticks})
	}
	for range plan.Steps {
		if !d.next() {
			break
		}
	}
	return d.outcome()
}

// never is later than anything.
const never = math.MaxInt64

type phase uint8

const (
	away    phase = iota // without the lock, until at
	running              // with the lock; looks at its flag at the time at
	parked               // until at, which is the end of its patience, or its arrival
	shaking              // until at, its arrival
	ended
)

type thread struct {
	id       policy.Thread
	lane     *trace.Lane
	phase    phase
	at       int64
	flag     bool
	stint    int64 // running: how long it still computes
	wait     uint64
	marked   bool // its wait is over
	timedOut bool // its patience is
	asked    bool // shaking: wants the lock back at once
	blocks   trace.State
	seq      int64
	open     bool
	planned  int64

	countdown int
}

type driver struct {
	policy  policy.Policy
	traits  policy.Traits
	plan    Plan
	random  *rand.Rand
	threads []*thread
	clerk   *trace.Lane
	now     int64
	timer   int64
	seq     int64
	holder  int32
	inputs  []policy.Input
}

// upTo returns a random time, in grains, up to most.
func (d *driver) upTo(most int64) int64 {
	return d.random.Int64N(most/d.plan.Grain+1) * d.plan.Grain
}

// next lets the earliest thing happen, a random one of those that are due at the
// same time, and reports whether there was one.
func (d *driver) next() bool {
	due, ties := (*thread)(nil), 0
	first := d.timer
	if first != never {
		ties = 1
	}
	for _, t := range d.threads {
		if t.at > first || t.at == never {
			continue
		}
		if t.at < first {
			first, ties = t.at, 0
		}
		if ties++; d.random.IntN(ties) == 0 {
			due = t
		}
	}
	switch {
	case ties == 0 && d.alive():
		panic("locktest: no thread can go on")
	case ties == 0:
		return false
	}
	d.now = first
	if due == nil || due.at > first {
		d.timer = never
		d.step(nil, policy.Input{Kind: policy.Timer, Thread: policy.Nobody})
		return true
	}
	d.act(due)
	return true
}

func (d *driver) alive() bool {
	for _, t := range d.threads {
		if t.phase != ended {
			return true
		}
	}
	return false
}

func (d *driver) act(t *thread) {
	switch t.phase {
	case away:
		d.compete(t)
	case running:
		d.run(t)
	case parked:
		d.arrive(t)
	case shaking:
		d.shaken(t)
	}
}

// compete asks for the lock.
func (d *driver) compete(t *thread) {
	if d.step(t, policy.Input{Kind: policy.Take, Thread: t.id}) {
		return
	}
	d.record(t.lane, trace.Ask, d.holder, 0)
	t.lane.To(trace.WaitGIL, d.now)
	d.record(t.lane, trace.Wait, -1, int64(t.wait))
}

// arrive ends a wait, or its patience: then the thread is on its way, and a wake
// that is sent meanwhile comes too late.
func (d *driver) arrive(t *thread) {
	if !t.marked && !t.timedOut {
		t.timedOut = true
		t.at = d.now + d.upTo(d.plan.Latency)
		return
	}
	in := policy.Input{Kind: policy.Woken, Thread: t.id, Wait: t.wait}
	event := trace.Woken
	if late := t.timedOut && t.marked; t.timedOut && !(late && d.traits.LateSignal == policy.Consumed) {
		in.Kind, event = policy.TimedOut, trace.TimedOut
	}
	d.record(t.lane, event, -1, int64(t.wait))
	if !d.step(t, in) {
		d.record(t.lane, trace.Wait, -1, int64(t.wait))
	}
}

// run is a checkpoint of the holder.
func (d *driver) run(t *thread) {
	switch {
	case d.tick(t):
	case t.flag:
		d.letGo(t, policy.Input{Kind: policy.Release, Why: policy.Asked, Thread: t.id})
	case t.stint > 0:
		t.at = d.now + max(d.plan.Grain, min(t.stint, d.plan.Look))
		t.stint -= t.at - d.now
	default:
		d.block(t)
	}
}

// tick counts down, where the lock wants that, and reports whether it gave the
// policy a look.
func (d *driver) tick(t *thread) bool {
	if d.traits.Ticks == 0 || t.flag {
		return false
	}
	if t.countdown--; t.countdown >= 0 {
		return false
	}
	t.countdown = d.traits.Ticks
	d.step(t, policy.Input{Kind: policy.Check, Thread: t.id, Ticks: d.traits.Ticks})
	return true // it looks at its flag at once: at has not moved
}

// block ends an iteration and begins the next one with a blocking call, or ends
// the thread.
func (d *driver) block(t *thread) {
	if t.open {
		t.open = false
		t.lane.End(d.now, t.planned, "")
	}
	if d.random.IntN(200) == 0 {
		d.letGo(t, policy.Input{Kind: policy.Exit, Thread: t.id})
		return
	}
	t.lane.Begin(t.seq, d.now, d.now)
	t.seq++
	t.open = true
	t.blocks = [...]trace.State{trace.Sleep, trace.IO, trace.NoGIL}[d.random.IntN(3)]
	d.letGo(t, policy.Input{Kind: policy.Release, Thread: t.id})
}

func (d *driver) letGo(t *thread, in policy.Input) {
	t.flag = false
	t.asked = in.Kind == policy.Release && in.Why == policy.Asked
	if t.asked {
		d.record(t.lane, trace.Forced, -1, 0)
	} else {
		d.record(t.lane, trace.Release, -1, 0)
	}
	t.phase = away
	d.step(t, in)
	if t.phase == shaking {
		d.record(t.lane, trace.Shake, -1, int64(t.wait))
		t.lane.To(trace.WaitGIL, d.now)
		return
	}
	d.goOn(t, in.Kind == policy.Exit)
}

// goOn is what comes after a release.
func (d *driver) goOn(t *thread, exit bool) {
	switch {
	case exit:
		t.phase, t.at = ended, never
		t.lane.To(trace.Done, d.now)
	case t.asked:
		t.lane.To(trace.WaitGIL, d.now)
		d.compete(t)
	default:
		t.phase = away
		t.lane.To(t.blocks, d.now)
		t.planned = d.upTo(d.plan.Block)
		t.at = d.now + t.planned
	}
}

func (d *driver) shaken(t *thread) {
	d.record(t.lane, trace.Shaken, -1, int64(t.wait))
	t.marked = false
	d.step(t, policy.Input{Kind: policy.Woken, Thread: t.id, Wait: t.wait})
	d.goOn(t, false)
}

// step gives the policy one input, carries out what it decides, and reports
// whether t was granted the lock. Who wants the lock gets exactly one answer.
func (d *driver) step(t *thread, in policy.Input) (granted bool) {
	in.Now = d.now
	d.inputs = append(d.inputs, in)
	lane := d.clerk
	wants := in.Kind == policy.Take || in.Kind == policy.TimedOut || in.Kind == policy.Woken && t.phase != shaking
	if t != nil {
		lane = t.lane
	}
	answers := 0
	for _, o := range d.policy.Step(in, nil) {
		switch o.Kind {
		case policy.Grant, policy.Park:
			if answers++; o.Thread != in.Thread {
				panic(fmt.Sprintf("locktest: input of thread %d, answer to thread %d", in.Thread, o.Thread))
			}
			if granted = o.Kind == policy.Grant; granted {
				d.granted(t, &o)
			} else {
				t.park(&o, d.now)
			}
		case policy.Shake:
			t.phase, t.wait, t.at, t.marked = shaking, o.Wait, never, false
		case policy.Wake:
			d.record(lane, trace.Handoff, max(int32(o.Thread), -1), int64(o.Wait))
			d.wake(o.Thread)
		case policy.Ask:
			if o.By != policy.Nobody {
				d.record(lane, trace.Request, int32(o.Thread), 0)
			}
			d.threads[o.Thread].flag = true
		case policy.ArmTimer:
			d.timer = d.now + o.Timeout
		}
	}
	if wants != (answers == 1) {
		panic(fmt.Sprintf("locktest: %d answers to input %d of thread %d", answers, in.Kind, in.Thread))
	}
	return granted
}

func (t *thread) park(o *policy.Decision, now int64) {
	t.phase, t.wait, t.at = parked, o.Wait, never
	t.marked, t.timedOut = false, false
	if o.Timeout > 0 {
		t.at = now + o.Timeout
	}
}

func (d *driver) granted(t *thread, o *policy.Decision) {
	barged := int64(0)
	if o.Barged {
		barged = 1
	}
	d.record(t.lane, trace.Take, int32(o.Prev), barged)
	t.lane.To(trace.Run, d.now)
	d.holder = int32(t.id)
	t.phase, t.marked, t.timedOut = running, false, false
	if t.stint == 0 {
		t.stint = d.upTo(d.plan.Compute)
	}
	t.at = d.now + max(d.plan.Grain, min(t.stint, d.plan.Look))
	t.stint = max(0, t.stint-(t.at-d.now))
}

// wake sends a thread on its way, unless its patience did so before.
func (d *driver) wake(id policy.Thread) {
	if id == policy.Anyone {
		if id = d.anyone(); id == policy.Nobody {
			return
		}
	}
	t := d.threads[id]
	if t.marked {
		return // it is on its way already
	}
	t.marked = true
	if !t.timedOut {
		t.at = d.now + d.upTo(d.plan.Latency)
	}
}

// anyone is the choice of a host whose primitive wakes waiters as it likes.
func (d *driver) anyone() policy.Thread {
	choice, n := policy.Nobody, 0
	for _, t := range d.threads {
		if t.phase == parked && !t.marked && !t.timedOut {
			if n++; d.random.IntN(n) == 0 {
				choice = t.id
			}
		}
	}
	return choice
}

func (d *driver) record(l *trace.Lane, k trace.Kind, other int32, arg int64) {
	d.seq++
	thread := int32(-1)
	for _, t := range d.threads {
		if t.lane == l {
			thread = int32(t.id)
		}
	}
	l.Record(trace.Event{Seq: d.seq, Time: d.now, Kind: k, Thread: thread, Other: other, Arg: arg})
}

func (d *driver) outcome() Outcome {
	out := Outcome{Inputs: d.inputs}
	var names []trace.Thread
	var lanes []*trace.Lane
	for i, t := range d.threads {
		names = append(names, trace.Thread{Group: "t", Worker: i})
		lanes = append(lanes, t.lane)
		out.Meters = append(out.Meters, t.lane.Meter())
	}
	out.Log = trace.NewLog(names, append(lanes, d.clerk))
	out.Log.Rules = Rules(d.traits)
	return out
}

// Rules returns what a lock of these traits declares.
func Rules(t policy.Traits) trace.Rules {
	return trace.Rules{
		Lock: !t.None, WakeOrder: string(t.WakeOrder), Interval: t.Interval,
		Countdown: t.Ticks > 0, Shakes: t.Shakes,
	}
}
