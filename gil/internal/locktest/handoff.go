package locktest

import "github.com/fibsim/fibsim/gil/policy"

// Handoff is a lock in the manner of Ruby 3.3 (thread_pthread.c): a release names
// the thread that has waited longest as the next holder, so that nobody can
// overtake it, and a timer, which runs while threads wait, asks the holder to let
// go once its quantum is used up.
type Handoff struct {
	Tick    int64 // ns between two looks of the timer
	Quantum int64 // ns that a holder may run next to waiters

	running policy.Thread // has the lock, or is named to have it
	granted bool          // running has got there
	prev    policy.Thread
	queue   []policy.Thread
	waits   []uint64
	ran     int64
	armed   bool
}

// NewHandoff returns such a lock; Ruby has ticks of 10 ms and a quantum of 100 ms.
func NewHandoff(tick, quantum int64) *Handoff {
	return &Handoff{Tick: tick, Quantum: quantum, running: policy.Nobody, prev: policy.Nobody}
}

// Traits say that the queue is strict.
func (h *Handoff) Traits() policy.Traits {
	return policy.Traits{WakeUnderMutex: true, WakeOrder: policy.FIFO}
}

// Step follows thread_sched_to_running, thread_sched_to_waiting and the timer
// thread.
func (h *Handoff) Step(in policy.Input, out []policy.Decision) []policy.Decision {
	switch in.Kind {
	case policy.Take:
		if h.running == policy.Nobody {
			h.running = in.Thread
			return h.grant(out)
		}
		return h.park(in.Thread, out)
	case policy.Woken:
		if in.Thread != h.running {
			panic("handoff: a thread woke that was not named")
		}
		return h.grant(out)
	case policy.Release, policy.Exit:
		return h.release(in, out)
	case policy.Timer:
		return h.timer(out)
	}
	panic("handoff: no such input")
}

func (h *Handoff) grant(out []policy.Decision) []policy.Decision {
	out = append(out, policy.Decision{Kind: policy.Grant, Thread: h.running, Prev: h.prev})
	h.prev, h.granted = h.running, true
	return out
}

func (h *Handoff) park(t policy.Thread, out []policy.Decision) []policy.Decision {
	for int(t) >= len(h.waits) {
		h.waits = append(h.waits, 0)
	}
	h.waits[t]++
	h.queue = append(h.queue, t)
	out = append(out, policy.Decision{Kind: policy.Park, Thread: t, Wait: h.waits[t]})
	return h.arm(out)
}

func (h *Handoff) release(in policy.Input, out []policy.Decision) []policy.Decision {
	if in.Thread != h.running || !h.granted {
		panic("handoff: a thread lets go of the lock that has not got it")
	}
	h.running, h.granted, h.ran = policy.Nobody, false, 0
	if len(h.queue) > 0 {
		h.running, h.queue = h.queue[0], h.queue[1:]
		out = append(out, policy.Decision{Kind: policy.Wake, Thread: h.running, Wait: h.waits[h.running]})
	}
	return out
}

func (h *Handoff) timer(out []policy.Decision) []policy.Decision {
	h.armed = false
	if len(h.queue) == 0 {
		return out
	}
	if h.granted {
		if h.ran += h.Tick; h.ran >= h.Quantum {
			out = append(out, policy.Decision{Kind: policy.Ask, Thread: h.running, By: h.queue[0]})
		}
	}
	return h.arm(out)
}

func (h *Handoff) arm(out []policy.Decision) []policy.Decision {
	if h.armed {
		return out
	}
	h.armed = true
	return append(out, policy.Decision{Kind: policy.ArmTimer, Timeout: h.Tick})
}
