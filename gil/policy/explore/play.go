package explore

import (
	"fmt"
	"slices"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// step is what one move led to.
type step struct {
	move      move
	input     policy.Input // not for passes and expires
	decisions []policy.Decision
	late      bool // the wait that ended had both timed out and been signalled
	shaken    bool // it was a shake that ended
	barged    bool // the lock was granted ahead of a thread that had been woken for it
	events    []trace.Event
	problem   string // what of the contract was broken
}

// grants returns who was granted the lock, or Nobody.
func (s *step) grants() policy.Thread {
	for i := range s.decisions {
		if s.decisions[i].Kind == policy.Grant {
			return s.decisions[i].Thread
		}
	}
	return policy.Nobody
}

// play makes a move, as a driver would: one input for the policy, every decision
// carried out, every event reported.
func (w *world) play(m move) (s *step) {
	s = &step{move: m}
	defer func() {
		if v := recover(); v != nil {
			s.problem = fmt.Sprintf("the policy panics: %v", v)
		}
	}()
	switch m.kind {
	case passes:
		w.now += w.config.Grain
	case expires:
		w.threads[m.thread].timedOut = true
	case takes:
		w.compete(s, m.thread)
	case arrives:
		w.arrive(s, m.thread)
	case letsGo, givesWay, exits:
		w.letGo(s, m)
	case checks:
		w.give(s, policy.Input{Kind: policy.Check, Thread: m.thread, Ticks: w.config.traits.Ticks})
	case rings:
		w.timer = never
		w.give(s, policy.Input{Kind: policy.Timer, Thread: policy.Nobody})
	}
	return s
}

func (w *world) compete(s *step, id policy.Thread) {
	holder := w.holder
	if w.give(s, policy.Input{Kind: policy.Take, Thread: id}) {
		return
	}
	w.record(s, trace.Ask, id, holder, 0)
	w.state(s, id, trace.WaitGIL)
	w.record(s, trace.Wait, id, policy.Nobody, int64(w.numbers[id]))
}

// arrive ends a wait. A signal that finds its wait timed out has the fate that
// the policy's traits say.
func (w *world) arrive(s *step, id policy.Thread) {
	t := &w.threads[id]
	in := policy.Input{Kind: policy.Woken, Thread: id, Wait: w.numbers[id]}
	if s.shaken = t.phase == shaking; s.shaken {
		w.record(s, trace.Shaken, id, policy.Nobody, int64(in.Wait))
		asked := t.asked
		w.give(s, in)
		w.goOn(s, id, asked)
		return
	}
	s.late = t.timedOut && t.marked
	event := trace.Woken
	if t.timedOut && !(s.late && w.config.traits.LateSignal == policy.Consumed) {
		in.Kind, event = policy.TimedOut, trace.TimedOut
	}
	w.record(s, event, id, policy.Nobody, int64(in.Wait))
	w.unqueue(id)
	if !w.give(s, in) {
		w.record(s, trace.Wait, id, policy.Nobody, int64(w.numbers[id]))
	}
}

func (w *world) letGo(s *step, m move) {
	in := policy.Input{Kind: policy.Release, Thread: m.thread}
	event := trace.Release
	switch m.kind {
	case givesWay:
		in.Why, event = policy.Asked, trace.Forced
	case exits:
		in.Kind = policy.Exit
	}
	w.record(s, event, m.thread, policy.Nobody, 0)
	if w.asked && w.config.traits.Shakes {
		w.dropper = m.thread
	}
	w.holder, w.asked = policy.Nobody, false
	w.threads[m.thread] = thread{phase: back, turns: w.threads[m.thread].turns, deadline: never}
	w.give(s, in)
	switch t := &w.threads[m.thread]; {
	case m.kind == exits:
		*t = thread{phase: gone, deadline: never}
		w.state(s, m.thread, trace.Done)
	case t.phase == shaking:
		t.asked = m.kind == givesWay
		w.record(s, trace.Shake, m.thread, policy.Nobody, int64(w.numbers[m.thread]))
		w.state(s, m.thread, trace.WaitGIL)
	default:
		w.goOn(s, m.thread, m.kind == givesWay)
	}
}

// goOn is what comes after a release.
func (w *world) goOn(s *step, id policy.Thread, asked bool) {
	t := &w.threads[id]
	*t = thread{phase: back, turns: t.turns, deadline: never}
	switch {
	case asked:
		w.state(s, id, trace.WaitGIL)
	case w.config.Roles[id].Away:
		t.phase = away
		w.state(s, id, trace.Sleep)
	default:
		w.state(s, id, trace.IO)
	}
}

// give gives the policy one input, carries out what it decides, and reports
// whether the lock was granted.
func (w *world) give(s *step, in policy.Input) (granted bool) {
	in.Now = w.now
	s.input = in
	s.decisions = w.lock.Step(in, nil)
	answers := 0
	for i := range s.decisions {
		d := &s.decisions[i]
		if problem := w.impossible(d); problem != "" {
			s.problem = problem
			return granted
		}
		if d.Kind == policy.Grant || d.Kind == policy.Park {
			answers++
			granted = d.Kind == policy.Grant
			if d.Thread != in.Thread {
				s.problem = "the policy answers a thread that asked nothing"
				return granted
			}
		}
		w.carryOut(s, in.Thread, d)
	}
	want := 0
	if in.Kind == policy.Take || in.Kind == policy.TimedOut || in.Kind == policy.Woken && !s.shaken {
		want = 1
	}
	if answers != want {
		s.problem = fmt.Sprintf("the policy gives %d answers, and %d are due", answers, want)
	}
	return granted
}

// impossible says why a decision cannot be carried out, if so.
func (w *world) impossible(d *policy.Decision) string {
	anyone := d.Kind == policy.Wake && d.Thread == policy.Anyone
	timer := d.Kind == policy.ArmTimer
	switch {
	case !anyone && !timer && (d.Thread < 0 || int(d.Thread) >= len(w.threads)):
		return "the policy decides about a thread that there is not"
	case d.Kind == policy.Ask && d.Thread != w.holder:
		return "the policy asks a thread that has not got the lock"
	}
	return ""
}

func (w *world) carryOut(s *step, by policy.Thread, d *policy.Decision) {
	switch d.Kind {
	case policy.Grant:
		w.granted(s, d)
	case policy.Park:
		w.park(d)
	case policy.Shake:
		t := &w.threads[d.Thread]
		*t = thread{phase: shaking, turns: t.turns, deadline: never}
		w.numbers[d.Thread] = d.Wait
	case policy.Wake:
		w.record(s, trace.Handoff, by, max(d.Thread, -1), int64(d.Wait))
		w.wake(s.move, d)
	case policy.Ask:
		if d.By != policy.Nobody {
			w.asked = true
			w.record(s, trace.Request, by, d.Thread, 0)
		}
		w.threads[d.Thread].flag = true
	case policy.ArmTimer:
		w.timer = w.now + d.Timeout
	}
}

func (w *world) granted(s *step, d *policy.Decision) {
	t := &w.threads[d.Thread]
	*t = thread{phase: holding, turns: t.turns, deadline: never}
	t.turns = min(t.turns+1, w.config.Roles[d.Thread].Turns)
	barged := int64(0)
	if d.Barged {
		barged = 1
	}
	w.record(s, trace.Take, d.Thread, d.Prev, barged)
	w.state(s, d.Thread, trace.Run)
	for i := range w.threads {
		s.barged = s.barged || w.threads[i].phase == parked && w.threads[i].marked
	}
	if w.last != d.Thread {
		for i := range w.threads {
			w.threads[i].changed = w.threads[i].phase == parked
		}
	}
	w.holder, w.last, w.dropper, w.asked = d.Thread, d.Thread, policy.Nobody, false
}

func (w *world) park(d *policy.Decision) {
	t := &w.threads[d.Thread]
	*t = thread{phase: parked, turns: t.turns, deadline: never, queued: true}
	if d.Timeout > 0 {
		t.deadline = w.now + d.Timeout
	}
	w.numbers[d.Thread] = d.Wait
	w.line = append(w.line, d.Thread)
}

// wake ends the wait that a decision names. Where it names none, the move says
// whom the host has chosen.
func (w *world) wake(m move, d *policy.Decision) {
	id := d.Thread
	if id == policy.Anyone {
		if id = m.choice; id == policy.Nobody {
			return
		}
	}
	t := &w.threads[id]
	if t.phase != parked && t.phase != shaking || d.Thread >= 0 && w.numbers[id] != d.Wait {
		return // package trace finds that
	}
	if t.queued && d.Thread >= 0 {
		w.regroup()
	}
	t.marked = true
	w.unqueue(id)
}

// regroup is what glibc does before a signal: when nobody is left in the older
// group, the newer one takes its place.
func (w *world) regroup() {
	for _, id := range w.line {
		if w.threads[id].older {
			return
		}
	}
	for _, id := range w.line {
		w.threads[id].older = true
	}
}

func (w *world) unqueue(id policy.Thread) {
	t := &w.threads[id]
	t.queued, t.older = false, false
	w.line = slices.DeleteFunc(w.line, func(o policy.Thread) bool { return o == id })
}

// record reports an event of the lock.
func (w *world) record(s *step, k trace.Kind, id, other policy.Thread, arg int64) {
	w.seq++
	s.events = append(s.events, trace.Event{
		Seq: w.seq, Time: w.now, Kind: k, Thread: int32(id), Other: int32(other), Arg: arg,
	})
}

// state reports what a thread is doing from now on, if that is new.
func (w *world) state(s *step, id policy.Thread, to trace.State) {
	if w.doing[id] == to {
		return
	}
	w.doing[id] = to
	s.events = append(s.events, trace.Event{Time: w.now, Kind: trace.StateChange, Thread: int32(id), Other: -1, Arg: int64(to)})
}
