package machine

import "github.com/fibsim/fibsim/workloads"

// A host may give a virtual CPU that sleeps to others. What is to wake it, a timer or another
// CPU, then has to wait until they let go of it: it stalls. The longer it sleeps, the
// likelier that is; here it comes by chance, at the same rate for as long as it sleeps. On a
// virtual machine with 2 CPUs, Linux 6.18, November 2026, of 2,400 sleeps of 1 ms 3 to 4 %
// ended more than half a millisecond late, of 960 of 5 ms 5 to 7 %, and of 400 of 20 ms 4 to
// 12 %, by 3 ms in the mean and 25 at most.
//
// Left out: that a CPU which computes is taken away, too. That is what wobble has.

// stalledUntil returns until when a CPU that sleeps, and is to be woken now, stalls; not later
// than now: it does not.
func (m *machine) stalledUntil(p *proc, chance *workloads.Stream) int64 {
	every := m.costs.StallEvery
	if every == 0 || p.waking || m.now <= p.stalled {
		return p.stalled
	}
	slept := m.now - max(p.idle, p.stalled)
	p.stalled = m.now
	if chance.Exponential(every) < slept {
		p.stalled += m.costs.Stall.Draw(chance)
	}
	return p.stalled
}
