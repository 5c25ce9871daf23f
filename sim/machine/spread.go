package machine

import (
	"math/bits"

	"github.com/fibsim/fibsim/workloads"
)

// Spread is the distribution of a cost that differs from time to time, by its
// quantiles in nanoseconds. Between two of them all values are equally likely.
type Spread struct{ Min, P10, P50, P90, P99, Max int64 }

// Exactly returns the spread of a cost that is always ns.
func Exactly(ns int64) Spread { return Spread{ns, ns, ns, ns, ns, ns} }

// Fixed reports whether the cost is always the same.
func (s *Spread) Fixed() bool { return s.Min == s.Max }

func (s *Spread) quantiles() [6]int64 {
	return [6]int64{s.Min, s.P10, s.P50, s.P90, s.P99, s.Max}
}

// levels are the quantiles' probabilities in units of 2^-32: 0, 0.1, 0.5, 0.9,
// 0.99 and 1.
var levels = [6]uint64{0, 429_496_730, 1 << 31, 3_865_470_566, 4_252_017_623, 1 << 32}

// Mean returns the mean of all draws.
func (s *Spread) Mean() int64 {
	return (50*(s.Min+s.P10) + 200*(s.P10+s.P50) + 200*(s.P50+s.P90) + 45*(s.P90+s.P99) + 5*(s.P99+s.Max)) / 1000
}

// At returns the value below which a share of all draws lies, from 0 to 1.
func (s *Spread) At(share float64) int64 {
	p := uint64(min(1, max(0, share)) * (1 << 32))
	i := 1
	for i < len(levels)-1 && p >= levels[i] {
		i++
	}
	q := s.quantiles()
	return q[i-1] + int64(float64(q[i]-q[i-1])*float64(p-levels[i-1])/float64(levels[i]-levels[i-1]))
}

// Less returns what is left of a cost without a part of it that always takes ns: nothing
// where that is more.
func (s Spread) Less(ns int64) Spread {
	left := func(q int64) int64 { return max(0, q-ns) }
	return Spread{left(s.Min), left(s.P10), left(s.P50), left(s.P90), left(s.P99), left(s.Max)}
}

// Draw returns the next value. A fixed spread takes nothing from the stream. The
// arithmetic is that of integers, so that a run is the same on every machine.
func (s *Spread) Draw(r *workloads.Stream) int64 {
	if s.Fixed() {
		return s.Min
	}
	u := r.Uint64() >> 32
	i := 1
	for u >= levels[i] {
		i++
	}
	q := s.quantiles()
	hi, lo := bits.Mul64(uint64(q[i]-q[i-1]), u-levels[i-1])
	part, _ := bits.Div64(hi, lo, levels[i]-levels[i-1])
	return q[i-1] + int64(part)
}
