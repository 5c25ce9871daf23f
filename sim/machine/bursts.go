package machine

import "github.com/fibsim/fibsim/sim"

// bursts are the ends of what threads compute just now. There is at most one for each
// CPU and P, and of these there are few: to look at all of them takes less than to put
// one into the queue and get it out again, and one that is cut short leaves nothing behind.
// With many CPUs the queue has them.
//
// A burst comes before everything else of the same time (eventPrio), and of two
// bursts the one that was set first: the order of the queue.
type bursts struct {
	slots  []burst // by CPU, and then by P; none: they are in the queue
	number uint64  // of the one set last
	first  int     // slot of the earliest
	time   int64   // of the earliest; sim.Never without one
}

type burst struct {
	time   int64 // sim.Never: none
	number uint64
	thread int32
}

// fewBursts is up to how many slots looking at all of them is faster.
const fewBursts = 16

func newBursts(slots int) bursts {
	b := bursts{time: sim.Never}
	if slots > fewBursts {
		return b
	}
	b.slots = make([]burst, slots)
	for i := range b.slots {
		b.slots[i].time = sim.Never
	}
	return b
}

func (b *bursts) set(slot int, time int64, thread int32) {
	b.number++
	b.slots[slot] = burst{time, b.number, thread}
	if time < b.time {
		b.first, b.time = slot, time
	} else if slot == b.first {
		b.look()
	}
}

func (b *bursts) clear(slot int) {
	b.slots[slot].time = sim.Never
	if slot == b.first {
		b.look()
	}
}

// look finds the earliest.
func (b *bursts) look() {
	b.first, b.time = 0, sim.Never
	number := uint64(0)
	for i := range b.slots {
		if x := &b.slots[i]; x.time < b.time || x.time == b.time && x.number < number {
			b.first, b.time, number = i, x.time, x.number
		}
	}
}

// slotOf returns where the burst of a thread that has a CPU belongs.
func (m *machine) slotOf(t *thread) int {
	if t.sched.goes {
		return len(m.os.procs) + int(t.cpu)
	}
	return int(t.cpu)
}

// setBurst makes a thread stop when it has computed what is left.
func (m *machine) setBurst(t *thread) {
	end := max(t.at+t.left, m.now)
	if m.bursts.slots == nil {
		t.burst = m.at(end, evBurst, t.id, 0)
		return
	}
	m.bursts.set(m.slotOf(t), end, t.id)
	t.burst = inSlot
}

// inSlot stands for a handle of the queue.
const inSlot = ^sim.Handle(0)

func (m *machine) clearBurst(t *thread) {
	if t.burst == inSlot {
		m.bursts.clear(m.slotOf(t))
	} else {
		m.q.Cancel(t.burst)
	}
	t.burst = 0
}

// next takes the next event. It reports false if nothing is left to happen.
func (m *machine) next() (sim.Event, bool) {
	b := &m.bursts
	if b.time == sim.Never || !m.q.Quiet(b.time-1) {
		return m.q.Next()
	}
	e := sim.Event{Time: b.time, Kind: evBurst, ID: b.slots[b.first].thread}
	b.clear(b.first)
	return e, true
}
