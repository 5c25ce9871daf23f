package ossched

import "math/bits"

// pelt is how much of the recent past somebody ran: per-entity load tracking. Time is cut
// into periods of about a millisecond, the same for all, and what was in one counts y times as
// much in the next; 32 of them halve it. So the past of a CPU is the sum of those of its tasks.
//
// Source: Linux kernel/sched/pelt.c.
type pelt struct {
	sum int64 // ns of running, those of earlier periods by what they still count
	at  int64 // up to when
}

const (
	peltPeriod = 1 << 20              // ns
	peltHalf   = 32                   // periods
	peltDecay  = 18051468387014017850 // y, which is 2^(-1/peltHalf), times 2^64
	// peltPast is the sum of one who has always run, at the begin of a period: peltPeriod * (y + y^2 + ...).
	peltPast = 47886417
	peltFull = 1024 // the share of that one
)

// peltPowers are those of y, times 2^64; y^0 is 1 and is not used.
var peltPowers = func() (powers [peltHalf]uint64) {
	powers[1] = peltDecay
	for i := 2; i < peltHalf; i++ {
		powers[i], _ = bits.Mul64(powers[i-1], peltDecay)
	}
	return powers
}()

// fades returns what is left of a sum after so many periods.
func fades(sum, periods int64) int64 {
	sum >>= uint64(periods / peltHalf)
	if rest := periods % peltHalf; rest > 0 {
		high, _ := bits.Mul64(uint64(sum), peltPowers[rest])
		sum = int64(high)
	}
	return sum
}

// until accounts for the time up to now, in which somebody ran or did not.
func (p *pelt) until(now int64, running bool) {
	periods := now/peltPeriod - p.at/peltPeriod
	switch {
	case !running:
		p.sum = fades(p.sum, periods)
	case periods == 0:
		p.sum += now - p.at
	default:
		first, last := peltPeriod-p.at%peltPeriod, now%peltPeriod
		between := peltPast - fades(peltPast, periods-1)
		p.sum = fades(p.sum+first, periods) + between + last
	}
	p.at = now
}

// share returns a sum as a part of peltFull, which is that of one who has always run.
func (p *pelt) share() int64 { return p.sum * peltFull / (peltPast + p.at%peltPeriod) }
