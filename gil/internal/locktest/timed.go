package locktest

import (
	"slices"

	"github.com/fibsim/fibsim/gil/policy"
)

// Bug is a mistake that a Timed can be told to make.
type Bug uint8

const (
	Sound           Bug = iota // none
	NewestFirst                // a wake reaches the waiter that came last
	NoShake                    // a thread that was asked to let go does not wait for another to take the lock
	RequestSurvives            // the next taker inherits the request
	HastyRequest               // a waiter asks although the lock has changed hands in its wait
	ShortWait                  // waits last half an interval
	NoWake                     // a release wakes nobody
	TwoHolders                 // the lock is granted whether or not it is free
)

// Settle is the time from queueing to being asleep that cpython-3 assumes under
// glibc-2.36, in nanoseconds.
const Settle = 1000

// Timed is the timed-request lock of CPython 3, one rule after the other.
type Timed struct {
	Interval int64
	Order    policy.WakeOrder // FIFO or Glibc236
	Bug      Bug

	locked   bool
	last     policy.Thread
	switches int
	request  bool
	shaking  bool
	shaker   policy.Thread
	waits    map[policy.Thread]uint64
	seen     map[policy.Thread]int
	queue    []queued
	group    int // of the older waiters; who queues joins the next one
	woken    map[policy.Thread]bool
}

type queued struct {
	thread policy.Thread
	group  int
	since  int64
}

// Traits are those of cpython-3.
func (m *Timed) Traits() policy.Traits {
	return policy.Traits{
		WakeUnderMutex: true, WakeOrder: m.Order, LateSignal: policy.PassedOn,
		Interval: m.Interval, Shakes: true,
	}
}

// Step follows the rules of take_gil and drop_gil.
func (m *Timed) Step(in policy.Input, out []policy.Decision) []policy.Decision {
	if m.waits == nil {
		m.waits, m.seen, m.woken = map[policy.Thread]uint64{}, map[policy.Thread]int{}, map[policy.Thread]bool{}
		m.last, m.shaker = policy.Nobody, policy.Nobody
	}
	switch in.Kind {
	case policy.Take:
		return m.compete(in, out)
	case policy.Woken:
		if m.shaking && m.shaker == in.Thread || m.waits[in.Thread] != in.Wait {
			return out
		}
		delete(m.woken, in.Thread)
		m.remove(in.Thread)
		return m.compete(in, out)
	case policy.TimedOut:
		if m.woken[in.Thread] {
			delete(m.woken, in.Thread)
			out = m.wake(in.Now, out)
		}
		m.remove(in.Thread)
		if m.locked && (m.switches == m.seen[in.Thread] || m.Bug == HastyRequest) {
			m.request = true
			out = append(out, policy.Decision{Kind: policy.Ask, Thread: m.last, By: in.Thread})
		}
		return m.compete(in, out)
	case policy.Release, policy.Exit:
		return m.drop(in, out)
	}
	panic("timed: no such input")
}

func (m *Timed) compete(in policy.Input, out []policy.Decision) []policy.Decision {
	t := in.Thread
	if m.locked && m.Bug != TwoHolders {
		m.waits[t]++
		m.seen[t] = m.switches
		m.queue = append(m.queue, queued{t, m.group + 1, in.Now})
		timeout := m.Interval
		if m.Bug == ShortWait {
			timeout /= 2
		}
		return append(out, policy.Decision{Kind: policy.Park, Thread: t, Timeout: timeout, Wait: m.waits[t]})
	}
	out = append(out, policy.Decision{Kind: policy.Grant, Thread: t, Prev: m.last, Barged: len(m.woken) > 0})
	m.locked = true
	if m.last != t {
		m.switches++
	}
	m.last = t
	if m.request && m.Bug == RequestSurvives {
		out = append(out, policy.Decision{Kind: policy.Ask, Thread: t, By: policy.Nobody})
	} else {
		m.request = false
	}
	if m.shaking {
		out = append(out, policy.Decision{Kind: policy.Wake, Thread: m.shaker, Wait: m.waits[m.shaker]})
		m.waits[m.shaker]++
		m.shaking = false
	}
	return out
}

func (m *Timed) drop(in policy.Input, out []policy.Decision) []policy.Decision {
	m.locked = false
	if m.Bug != NoWake {
		out = m.wake(in.Now, out)
	}
	asked := m.request
	if m.Bug != RequestSurvives {
		m.request = false
	}
	if asked && in.Kind == policy.Release && m.Bug != NoShake {
		m.shaking, m.shaker = true, in.Thread
		m.waits[in.Thread]++
		out = append(out, policy.Decision{Kind: policy.Shake, Thread: in.Thread, Wait: m.waits[in.Thread]})
	}
	return out
}

// wake chooses by looking at all waiters.
func (m *Timed) wake(now int64, out []policy.Decision) []policy.Decision {
	if len(m.queue) == 0 {
		return out
	}
	first, choice := 0, 0
	if m.Order == policy.Glibc236 {
		first, choice = m.older(now)
	}
	if m.Bug == NewestFirst {
		choice = len(m.queue) - 1
	}
	t, vain := m.queue[choice].thread, m.queue[first]
	if choice != first && m.Order == policy.Glibc236 { // the first has been woken in vain, and is the last to sleep
		m.remove(vain.thread)
		m.queue = append(m.queue, vain)
	}
	m.remove(t)
	m.woken[t] = true
	return append(out, policy.Decision{Kind: policy.Wake, Thread: t, Wait: m.waits[t]})
}

// older returns who is first in the older group, and who of it looks first: the last one if that is
// not asleep yet, otherwise the first.
func (m *Timed) older(now int64) (first, choice int) {
	first, last := -1, -1
	for first == -1 {
		for i, q := range m.queue {
			if q.group > m.group {
				continue
			}
			if first == -1 {
				first = i
			}
			last = i
		}
		if first == -1 {
			m.group++
		}
	}
	if now-m.queue[last].since < Settle {
		return first, last
	}
	return first, first
}

func (m *Timed) remove(t policy.Thread) {
	m.queue = slices.DeleteFunc(m.queue, func(q queued) bool { return q.thread == t })
}
