package machine

import "github.com/fibsim/fibsim/workloads"

// A host may give a virtual CPU that sleeps to others. What is to wake it, a timer or another
// CPU, then has to wait until they let go of it: it stalls.
//
// Here the host takes a sleeping CPU after StallEvery in the mean, and keeps it for as long as a
// Stall is in the mean, both by chance. So a CPU is the likelier to stall the longer it
// has slept, up to a few stalls: the share of time for which the host has it is the same from then
// on. On a virtual machine with 2 CPUs, Linux 6.18, November 2026, of 2,400 sleeps of 1 ms
// 3 to 5 % ended more than half a millisecond late, of 960 of 5 ms 5 to 7 %, and of 400 of
// 20 ms 4 to 12 %, by 3 ms in the mean and 25 at most.
//
// Left out: that a CPU which computes is taken away, too. On the average that is in wobble.

// stallsUntil returns until when a CPU that sleeps, and is to be woken now, stalls; not later
// than now: it does not. For one sleep it is decided once.
func (m *machine) stallsUntil(p *proc, chance *workloads.Stream) int64 {
	every := m.costs.StallEvery
	if every == 0 || p.cur >= 0 || p.waking || m.now <= p.stalled {
		return p.stalled
	}
	slept := m.now - max(p.idle+m.costs.IdlePoll, p.stalled)
	p.stalled = m.now
	length := m.costs.Stall.Mean()
	if chance.Exponential(length) < slept && chance.Exponential(every) < length {
		p.stalled += m.costs.Stall.Draw(chance)
	}
	return p.stalled
}
