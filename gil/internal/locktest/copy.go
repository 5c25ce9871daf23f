package locktest

import (
	"maps"
	"slices"

	"github.com/fibsim/fibsim/gil/policy"
)

// Copy and Sketch are what package explore needs of a lock; package policy says
// what they promise.

// Copy returns an independent lock in the same state.
func (m *Timed) Copy() policy.Policy {
	c := *m
	c.waits, c.seen, c.woken = maps.Clone(m.waits), maps.Clone(m.seen), maps.Clone(m.woken)
	c.queue = slices.Clone(m.queue)
	return &c
}

// Sketch appends all that decisions from now on depend on.
func (m *Timed) Sketch(now int64, waits []uint64, out []int64) []int64 {
	out = append(out, bit(m.waits != nil), bit(m.locked), int64(m.last), bit(m.request), bit(m.shaking), int64(m.shaker))
	for i := range waits {
		t := policy.Thread(i)
		out = append(out, int64(m.waits[t]-waits[i]), bit(m.seen[t] == m.switches), bit(m.woken[t]))
	}
	for _, q := range m.queue {
		out = append(out, int64(q.thread), bit(q.group > m.group), bit(now-q.since < Settle))
	}
	return out
}

// Copy returns an independent lock in the same state.
func (h *Handoff) Copy() policy.Policy {
	c := *h
	c.queue, c.waits = slices.Clone(h.queue), slices.Clone(h.waits)
	return &c
}

// Sketch appends all that decisions from now on depend on.
func (h *Handoff) Sketch(_ int64, waits []uint64, out []int64) []int64 {
	out = append(out, int64(h.running), bit(h.granted), int64(h.prev), min(h.ran, h.Quantum), bit(h.armed))
	for t := range waits {
		own := uint64(0)
		if t < len(h.waits) {
			own = h.waits[t]
		}
		out = append(out, int64(own-waits[t]))
	}
	for _, t := range h.queue {
		out = append(out, int64(t))
	}
	return out
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
