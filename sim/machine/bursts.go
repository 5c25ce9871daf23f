package machine

import "github.com/fibsim/fibsim/sim"

// perCPU are events of which each CPU and P has at most one: the ends of what threads
// compute just now, or the next ticks. There are few: to look at all of them takes less
// than to put one into the queue and get it out again, and one that is cut short leaves
// nothing behind. With many CPUs the queue has them.
//
// The end of a burst comes before everything else of the same time, and a tick after it
// (eventPrio); of two bursts or two ticks the one that was set first: the order of the queue.
type perCPU struct {
	slots  []slot // by CPU, and then by P; none: they are in the queue
	number uint64 // of the one set last
	first  int    // slot of the earliest
	time   int64  // of the earliest; sim.Never without one
}

type slot struct {
	time   int64 // sim.Never: none
	number uint64
	id     int32 // of its event
}

// fewSlots is up to how many slots looking at all of them is faster.
const fewSlots = 16

func newPerCPU(slots int) perCPU {
	b := perCPU{time: sim.Never}
	if slots > fewSlots {
		return b
	}
	b.slots = make([]slot, slots)
	for i := range b.slots {
		b.slots[i].time = sim.Never
	}
	return b
}

func (b *perCPU) set(at int, time int64, id int32) {
	b.number++
	b.slots[at] = slot{time, b.number, id}
	if time < b.time {
		b.first, b.time = at, time
	} else if at == b.first {
		b.look()
	}
}

func (b *perCPU) clear(at int) {
	b.slots[at].time = sim.Never
	if at == b.first {
		b.look()
	}
}

// take takes the earliest out and returns its slot, and when and whose it is.
func (b *perCPU) take() (at int, time int64, id int32) {
	at, time, id = b.first, b.time, b.slots[b.first].id
	b.clear(at)
	return at, time, id
}

// look finds the earliest.
func (b *perCPU) look() {
	b.first, b.time = 0, sim.Never
	number := uint64(0)
	for i := range b.slots {
		if x := &b.slots[i]; x.time < b.time || x.time == b.time && x.number < number {
			b.first, b.time, number = i, x.time, x.number
		}
	}
}

// slotOf returns the slot of a CPU or P.
func (m *machine) slotOf(s *sched, c int32) int {
	if s.goes {
		return len(m.os.procs) + int(c)
	}
	return int(c)
}

// setBurst makes a thread stop when it has computed what is left.
func (m *machine) setBurst(t *thread) {
	t.burst = true
	end := max(t.at+t.left, m.now)
	if m.bursts.slots == nil {
		t.burstEnd = m.at(end, evBurst, t.id, 0)
		return
	}
	m.bursts.set(m.slotOf(t.sched, t.cpu), end, t.id)
}

func (m *machine) clearBurst(t *thread) {
	if !t.burst {
		return
	}
	t.burst = false
	if m.bursts.slots == nil {
		m.q.Cancel(t.burstEnd)
		return
	}
	m.bursts.clear(m.slotOf(t.sched, t.cpu))
}

// setTick makes the next tick of a CPU or P, which has none, come at a time.
func (m *machine) setTick(s *sched, c int32, at int64) {
	p := &s.procs[c]
	p.tick, p.tickAt = true, at
	if m.ticks.slots == nil {
		p.tickEvent = m.at(at, s.tickKind(), c, 0)
		return
	}
	m.ticks.set(m.slotOf(s, c), at, c)
}

func (m *machine) clearTick(s *sched, c int32) {
	p := &s.procs[c]
	if !p.tick {
		return
	}
	p.tick = false
	if m.ticks.slots == nil {
		m.q.Cancel(p.tickEvent)
		return
	}
	m.ticks.clear(m.slotOf(s, c))
}

func (s *sched) tickKind() uint8 {
	if s.goes {
		return evGoTick
	}
	return evTick
}

// next takes the next event. It reports false if nothing is left to happen.
func (m *machine) next() (sim.Event, bool) {
	b, k := &m.bursts, &m.ticks
	switch {
	case b.time <= k.time:
		if b.time == sim.Never || !m.q.Quiet(b.time-1) {
			return m.q.Next()
		}
		_, time, id := b.take()
		return sim.Event{Time: time, Kind: eventKind(evBurst), ID: id}, true
	case !m.q.Quiet(k.time):
		return m.q.Next()
	}
	at, time, id := k.take()
	kind := evTick
	if at >= len(m.os.procs) {
		kind = evGoTick
	}
	return sim.Event{Time: time, Kind: eventKind(kind), ID: id}, true
}
