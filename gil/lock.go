package gil

import (
	"time"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// This file drives the policy: one input at a time under the parker's mutex,
// each decision carried out and recorded. A thread's own lane takes the events
// that it causes; the sequence number, given under the mutex, is what orders
// them across threads.

// take returns when the thread has the lock.
func (t *Thread) take() {
	rt := t.rt
	if rt.free {
		t.holds = true
		t.lane.To(trace.Run, rt.Now())
		t.stopIfAborting()
		return
	}
	rt.parker.lock()
	t.compete()
	rt.parker.unlock()
	t.wakeOthers()
	t.stopIfAborting()
}

// compete asks for the lock until it is granted. The mutex is held.
func (t *Thread) compete() {
	t.catchUp()
	now := t.rt.Now()
	if q := t.rt.quick; q != nil {
		if prev, ok := q.QuickTake(t.id); ok {
			t.has(prev, 0, now)
			return
		}
	}
	t.waitForGrant(t.ask(now))
}

// ask gives the policy a Take. Who has to wait is one of the waiters from now on.
func (t *Thread) ask(now int64) (park *policy.Decision) {
	t.awaits = policy.Input{Kind: policy.Take, Thread: t.id, Now: now}
	if park = t.step(t.awaits); park != nil {
		t.record(trace.Ask, now, t.rt.holder, 0)
		t.lane.To(trace.WaitGIL, now)
		t.rt.waiters.Add(1)
	}
	return park
}

// begins records a wait for the lock, and returns for how long it may last.
func (t *Thread) begins(park *policy.Decision) (timeout int64) {
	t.awaits.Wait = park.Wait
	t.record(trace.Wait, t.awaits.Now, -1, int64(park.Wait))
	return park.Timeout
}

// ends gives the policy the end of that wait. Another wait may follow.
func (t *Thread) ends(how policy.InputKind, now int64) (park *policy.Decision) {
	t.awaits.Kind, t.awaits.Now = how, now
	t.record(waitEnds[how], now, -1, int64(t.awaits.Wait))
	if park = t.step(t.awaits); park == nil {
		t.rt.waiters.Add(-1)
	}
	return park
}

var waitEnds = [...]trace.Kind{policy.Woken: trace.Woken, policy.TimedOut: trace.TimedOut}

// waitForGrant waits, as it is told, until it has the lock. The mutex is held, but not
// throughout.
func (t *Thread) waitForGrant(park *policy.Decision) {
	for park != nil {
		timeout := t.begins(park)
		if host := t.rt.host; host != nil {
			t.asks.raiseAny()
			t.asks = nil
			park = t.settle(host.waitAny(&t.seat, timeout))
		} else {
			how := t.wait(timeout)
			park = t.ends(how, t.rt.Now())
		}
	}
}

// settle is for who comes from waits with the host. Another one may have to follow.
func (t *Thread) settle(end hostEnd) (park *policy.Decision) {
	t.rt.parker.lock()
	t.catchUp()
	if end != granted {
		return t.tell(policy.InputKind(end), t.rt.Now())
	}
	if !t.holds {
		t.steps = true
		panic("gil: the host gave the lock to a thread to which the policy does not grant it")
	}
	return nil
}

// tell gives the policy an input that comes from waits with the host.
func (t *Thread) tell(input policy.InputKind, now int64) (park *policy.Decision) {
	if input == policy.Take {
		t.shaken(now)
		return t.ask(now)
	}
	return t.ends(input, now)
}

// catchUp gives the policy what the host has noted, on behalf of threads that wait there or
// are about to come for the mutex. It is the first thing to do under that.
func (t *Thread) catchUp() {
	if n := t.rt.noted; n != nil && *n > 0 {
		t.tellNotes()
	}
}

func (t *Thread) tellNotes() {
	rt := t.rt
	for _, n := range rt.host.notes() {
		w := rt.threads[n.thread]
		t.steps = true // a panic of the policy would be this thread's
		if park := w.tell(policy.InputKind(n.input), n.at-rt.epoch); park != nil {
			w.begins(park)
			w.asks = nil // is raised already
		}
		t.steps = false
	}
}

// wait parks the thread until the policy wakes it, and says how that ended: Woken or
// TimedOut. Wakes that are owed to others go out first. The mutex is held, but not
// throughout.
func (t *Thread) wait(timeout int64) policy.InputKind {
	t.payWakes()
	timedOut := t.rt.parker.wait(&t.seat, timeout, t.asks)
	t.asks = nil
	late := timedOut && t.seat.marked
	t.seat.marked = false
	if timedOut && !(late && t.rt.traits.LateSignal == policy.Consumed) {
		return policy.TimedOut
	}
	return policy.Woken
}

// payWakes sends the wakes that are owed to others, in the middle of what needs the mutex.
func (t *Thread) payWakes() {
	if len(t.wakes) > 0 {
		t.rt.parker.unlock()
		t.wakeOthers()
		t.rt.parker.lock()
	}
}

// release lets the lock go and puts the thread into state s.
func (t *Thread) release(why policy.Why, s trace.State) {
	rt := t.rt
	t.stopIfAborting()
	if rt.free {
		t.holds = false
		t.lane.To(s, rt.Now())
		return
	}
	rt.lockToRelease()
	now, shakes := t.letGo(policy.Release, why)
	if shakes {
		now = t.shake()
	}
	t.lane.To(s, now)
	rt.parker.unlock()
	t.wakeOthers()
}

// letGo gives the policy a Release or Exit, and says whether the thread is to shake
// hands now. The mutex is held.
func (t *Thread) letGo(kind policy.InputKind, why policy.Why) (now int64, shakes bool) {
	rt := t.rt
	t.catchUp()
	now = rt.Now()
	t.holds = false
	t.breaker.Lower()
	if rt.host != nil {
		rt.host.letGo()
	}
	if why == policy.Asked {
		t.record(trace.Forced, now, -1, 0)
	} else {
		t.record(trace.Release, now, -1, 0)
	}
	if kind == policy.Release && rt.quick != nil && rt.quick.QuickRelease(t.id) {
		return now, false
	}
	shake := t.step(policy.Input{Kind: kind, Why: why, Thread: t.id, Now: now})
	if shake == nil {
		return now, false
	}
	t.awaits.Wait = shake.Wait
	t.record(trace.Shake, now, -1, int64(shake.Wait))
	t.lane.To(trace.WaitGIL, now)
	return now, true
}

// shake waits until another thread has taken the lock, and returns the time.
func (t *Thread) shake() (now int64) {
	if host := t.rt.host; host != nil {
		host.shake(&t.seat, 0)
		t.rt.parker.lock()
	} else {
		t.wait(0)
	}
	t.catchUp()
	now = t.rt.Now()
	t.shaken(now)
	return now
}

// shaken tells the policy that another thread has taken the lock.
func (t *Thread) shaken(now int64) {
	t.record(trace.Shaken, now, -1, int64(t.awaits.Wait))
	t.step(policy.Input{Kind: policy.Woken, Thread: t.id, Now: now, Wait: t.awaits.Wait})
}

// lockToRelease takes the mutex for a release. Where the host chooses who wakes,
// every release signals, so the signal is sent before anything else is done: what
// the policy and the recorders do takes longer than a waiter needs to fall
// asleep, and CPython has nothing between its mutex and its signal. A thread that is
// interrupted comes here by a way of its own, see urgent. Nothing keeps either way warm:
// CPython's is cold, too, after an interval of computing, and how much slower that makes
// it decides races.
func (rt *Runtime) lockToRelease() {
	if rt.host != nil {
		rt.host.lockAndWakeAny()
	} else {
		rt.parker.lock()
	}
}

// giveWay answers a request: it lets the lock go, and takes it back when others
// have had it. The mutex is held, and free when it returns.
func (t *Thread) giveWay() {
	rt := t.rt
	now, shakes := t.letGo(policy.Release, policy.Asked)
	t.lane.To(trace.WaitGIL, now)
	if shakes && rt.host != nil {
		t.waitForGrant(t.settle(rt.host.shake(&t.seat, rt.traits.Interval)))
	} else {
		if shakes {
			t.shake()
		}
		// A signal that is sent after the mutex must not wait for the mutex: the
		// thread that it reaches is to race for the lock.
		t.payWakes()
		t.compete()
	}
	rt.parker.unlock()
	t.wakeOthers()
	t.stopIfAborting()
}

// check tells the policy that the holder has run its ticks.
func (t *Thread) check(ticks int) {
	rt := t.rt
	rt.parker.lock()
	t.step(policy.Input{Kind: policy.Check, Thread: t.id, Now: rt.Now(), Ticks: ticks})
	rt.parker.unlock()
	t.wakeOthers()
	t.breaker.Check()
}

// exit ends the thread: it lets go for good if it has the lock.
func (t *Thread) exit() {
	rt := t.rt
	if t.holds && !rt.free {
		rt.lockToRelease()
		now, _ := t.letGo(policy.Exit, policy.Blocking)
		t.lane.To(trace.Done, now)
		rt.parker.unlock()
		t.wakeOthers()
	}
	t.holds = false
	t.lane.To(trace.Done, rt.Now())
}

// step gives the policy one input and carries out what it decides. A Park or a
// Shake of this thread is returned for the caller to do; it is valid until the
// next step. The mutex is held.
//
// A thread that asks for the lock and parks raises the holder's flag as the last
// thing that it does here: the parker does it, so that the holder comes for the mutex
// when the thread is on its way to give it up and to sleep. Under CPython the two are about
// as long as each other. When the holder is first it sleeps on the mutex, and its signal
// comes when nobody can steal it any more; a flag that was raised a microsecond earlier
// would have that always.
func (t *Thread) step(in policy.Input) (park *policy.Decision) {
	rt := t.rt
	t.steps = true
	rt.decisions = rt.policy.Step(in, rt.decisions[:0])
	t.steps = false
	for i := range rt.decisions {
		d := &rt.decisions[i]
		switch d.Kind {
		case policy.Grant:
			t.granted(d, in.Now)
		case policy.Park, policy.Shake:
			park = d
		case policy.Wake:
			t.record(trace.Handoff, in.Now, max(int32(d.Thread), -1), int64(d.Wait))
			t.wakeThread(d.Thread)
		case policy.Ask:
			if d.By != policy.Nobody {
				t.record(trace.Request, in.Now, int32(d.Thread), 0)
			}
			t.asks = &rt.threads[d.Thread].breaker
		case policy.ArmTimer:
			rt.arm(d.Timeout)
		}
	}
	if park == nil {
		t.asks.raiseAny()
		t.asks = nil
	}
	return park
}

func (t *Thread) granted(d *policy.Decision, now int64) {
	barged := int64(0)
	if d.Barged {
		barged = 1
	}
	t.has(d.Prev, barged, now)
}

// has notes that the thread has the lock, which prev had before.
func (t *Thread) has(prev policy.Thread, barged, now int64) {
	t.holds = true
	t.rt.holder = int32(t.id)
	if t.rt.host != nil {
		t.rt.host.taken(&t.seat)
	}
	t.record(trace.Take, now, int32(prev), barged)
	t.lane.To(trace.Run, now)
}

// wakeThread wakes a waiter, now or once the mutex is free, as the policy wants.
func (t *Thread) wakeThread(w policy.Thread) {
	rt := t.rt
	if rt.host != nil {
		if w != policy.Anyone { // lockToRelease has sent that signal
			rt.host.wakeShaker()
		}
		return
	}
	s := &rt.threads[w].seat
	s.marked = true
	rt.parker.mark(s)
	if rt.traits.WakeUnderMutex {
		rt.parker.wake(s)
	} else {
		t.wakes = append(t.wakes, s)
	}
}

// wakeOthers sends the wakes that had to wait for the mutex to be free.
func (t *Thread) wakeOthers() {
	if len(t.wakes) == 0 {
		return // nearly always
	}
	t.sendWakes()
}

// sendWakes is kept out of wakeOthers, so that the look at the length can be part
// of its callers.
//
//go:noinline
func (t *Thread) sendWakes() {
	for _, s := range t.wakes {
		t.rt.parker.wake(s)
	}
	t.wakes = t.wakes[:0]
}

// record numbers an event of the lock. The mutex is held.
func (t *Thread) record(k trace.Kind, now int64, other int32, arg int64) {
	t.rt.seq++
	t.lane.Lock(t.rt.seq, now, k, other, arg)
}

// stopIfAborting ends the thread when the runtime is being aborted.
func (t *Thread) stopIfAborting() {
	if t.rt.aborting.Load() {
		panic(ErrAborted)
	}
}

// arm gives the policy its Timer input after ns nanoseconds.
func (rt *Runtime) arm(ns int64) {
	rt.timer = time.AfterFunc(time.Duration(ns), func() {
		// Close, which destroys the parker, waits for a timer that has gone off.
		rt.mu.Lock()
		defer rt.mu.Unlock()
		if rt.closed {
			return
		}
		rt.locked(func() {
			rt.clerk.step(policy.Input{Kind: policy.Timer, Thread: policy.Nobody, Now: rt.Now()})
		})
		rt.clerk.wakeOthers()
	})
}
