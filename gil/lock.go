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
	now := t.rt.Now()
	if q := t.rt.quick; q != nil {
		if prev, ok := q.QuickTake(t.id); ok {
			t.has(prev, 0, now)
			return
		}
	}
	t.ask(policy.Input{Kind: policy.Take, Thread: t.id, Now: now})
}

// ask is compete for who may have to wait.
func (t *Thread) ask(in policy.Input) {
	rt := t.rt
	park := t.step(in)
	if park == nil {
		return
	}
	t.record(trace.Ask, in.Now, rt.holder, 0)
	t.lane.To(trace.WaitGIL, in.Now)
	rt.waiters.Add(1)
	for park != nil {
		in.Wait = park.Wait
		t.record(trace.Wait, in.Now, -1, int64(in.Wait))
		in.Kind = t.wait(park.Timeout, rt.hostOrder)
		in.Now = rt.Now()
		t.record(waitEnds[in.Kind], in.Now, -1, int64(in.Wait))
		park = t.step(in)
	}
	rt.waiters.Add(-1)
}

var waitEnds = [...]trace.Kind{policy.Woken: trace.Woken, policy.TimedOut: trace.TimedOut}

// wait parks the thread and says how that ended: Woken or TimedOut. Wakes that
// are owed to others go out first. The mutex is held, but not throughout.
func (t *Thread) wait(timeout int64, shared bool) policy.InputKind {
	p := t.rt.parker
	if len(t.wakes) > 0 {
		p.unlock()
		t.wakeOthers()
		p.lock()
	}
	timedOut := p.wait(&t.seat, timeout, shared, t.asks)
	t.asks = nil
	late := timedOut && t.seat.marked
	t.seat.marked = false
	if timedOut && !(late && t.rt.traits.LateSignal == policy.Consumed) {
		return policy.TimedOut
	}
	return policy.Woken
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
	t.letGo(policy.Release, why, s)
	rt.parker.unlock()
	t.wakeOthers()
}

// letGo gives the policy a Release or Exit, and shakes hands if it says so. The
// mutex is held.
func (t *Thread) letGo(kind policy.InputKind, why policy.Why, s trace.State) {
	rt := t.rt
	now := rt.Now()
	t.holds = false
	t.breaker.Lower()
	if why == policy.Asked {
		t.record(trace.Forced, now, -1, 0)
	} else {
		t.record(trace.Release, now, -1, 0)
	}
	if kind == policy.Release && rt.quick != nil && rt.quick.QuickRelease(t.id) {
		t.lane.To(s, now)
		return
	}
	if shake := t.step(policy.Input{Kind: kind, Why: why, Thread: t.id, Now: now}); shake != nil {
		now = t.shake(shake.Wait, now)
	}
	t.lane.To(s, now)
}

// shake waits until another thread has taken the lock, and returns the time.
func (t *Thread) shake(wait uint64, now int64) int64 {
	t.record(trace.Shake, now, -1, int64(wait))
	t.lane.To(trace.WaitGIL, now)
	t.wait(0, false)
	now = t.rt.Now()
	t.record(trace.Shaken, now, -1, int64(wait))
	t.step(policy.Input{Kind: policy.Woken, Thread: t.id, Now: now, Wait: wait})
	return now
}

// lockToRelease takes the mutex for a release. Where the host chooses who wakes,
// every release signals, so the signal is sent before anything else is done: what
// the policy and the recorders do takes longer than a waiter needs to fall
// asleep, and CPython has nothing between its mutex and its signal. Nothing keeps the way
// to here warm: CPython's is cold, too, after an interval of computing, and how much slower
// that makes it decides races.
func (rt *Runtime) lockToRelease() {
	if rt.hostOrder {
		rt.parker.lockAndWakeAny()
	} else {
		rt.parker.lock()
	}
}

// giveWay answers a request: it lets the lock go, and takes it back when others
// have had it. The mutex is held, and free when it returns.
func (t *Thread) giveWay() {
	rt := t.rt
	t.letGo(policy.Release, policy.Asked, trace.WaitGIL)
	if len(t.wakes) > 0 {
		// A signal that is sent after the mutex must not wait for the mutex: the
		// thread that it reaches is to race for the lock.
		rt.parker.unlock()
		t.wakeOthers()
		rt.parker.lock()
	}
	t.compete()
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
		t.letGo(policy.Exit, policy.Blocking, trace.Done)
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
// thing before it gives up the mutex, as CPython does: the holder then comes for
// the mutex at the very moment at which the thread is on its way to sleep. Raised any
// earlier, the flag would send the holder to sleep on the mutex, and its signal would
// come when nobody can steal it any more.
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
	t.record(trace.Take, now, int32(prev), barged)
	t.lane.To(trace.Run, now)
}

// wakeThread wakes a waiter, now or once the mutex is free, as the policy wants.
func (t *Thread) wakeThread(w policy.Thread) {
	rt := t.rt
	if w == policy.Anyone {
		return // lockToRelease has sent that signal
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
