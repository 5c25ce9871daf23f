package policy

import "slices"

// What an exhaustive checker needs beside Step (package explore): Copy returns an
// independent lock in the same state, and Sketch appends all that the decisions
// from now on depend on, so that two locks with equal sketches decide alike for
// ever. Counters that only grow are told apart only as far as they decide: a time
// is its distance from now, and the number of a wait its distance from waits[t],
// the number of the wait that the driver has for thread t.

func (none) Copy() Policy { return none{} }

func (none) Sketch(_ int64, _ []uint64, out []int64) []int64 { return out }

func (c *cpython3) Copy() Policy {
	d := *c
	d.waiters, d.threads = c.waiters.copy(), slices.Clone(c.threads)
	return &d
}

func (c *cpython3) Sketch(now int64, waits []uint64, out []int64) []int64 {
	out = append(out, bit(c.locked), int64(c.last), bit(c.request), int64(c.shaker))
	for t := range waits {
		var w waiter
		if t < len(c.threads) {
			w = c.threads[t]
		}
		out = append(out, int64(w.wait-waits[t]), bit(w.seen == c.switches))
	}
	return c.waiters.sketch(now, out)
}

func (c *cpython2) Copy() Policy {
	d := *c
	d.waiters, d.waits = c.waiters.copy(), slices.Clone(c.waits)
	return &d
}

func (c *cpython2) Sketch(now int64, waits []uint64, out []int64) []int64 {
	out = append(out, bit(c.locked), int64(c.last), int64(c.arriving()))
	for t := range waits {
		own := uint64(0)
		if t < len(c.waits) {
			own = c.waits[t]
		}
		out = append(out, int64(own-waits[t]))
	}
	return c.waiters.sketch(now, out)
}

// copy returns the same queues over nodes of their own.
func (w *waiters) copy() *waiters {
	c := *w
	c.nodes = slices.Clone(w.nodes)
	c.adopt(&c.older)
	c.adopt(&c.newer)
	return &c
}

// sketch appends the queues, each with which of its threads is not asleep yet, and
// who is on its way.
func (w *waiters) sketch(now int64, out []int64) []int64 {
	out = append(out, int64(w.parked), int64(w.signalled))
	for _, l := range []*list{&w.older, &w.newer} {
		out = append(out, int64(l.size))
		for t := l.head; t != Nobody; t = w.nodes[t].next {
			out = append(out, int64(t), bit(w.order == Glibc236 && now < w.nodes[t].awake))
		}
	}
	for t := range w.nodes {
		if w.nodes[t].signalled {
			out = append(out, int64(t))
		}
	}
	return out
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
