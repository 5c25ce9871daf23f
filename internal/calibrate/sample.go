package calibrate

import (
	"slices"
	"time"

	"github.com/fibsim/fibsim/gil"
)

// Sample is a set of lengths in ns, in rising order.
type Sample []int64

// Quantile returns the value below which a share of q of the sample lies, without
// interpolation; 0 of an empty sample.
func (s Sample) Quantile(q float64) int64 {
	if len(s) == 0 {
		return 0
	}
	return s[min(len(s)-1, int(q*float64(len(s))))]
}

// Median returns the middle of the sample.
func (s Sample) Median() int64 { return s.Quantile(0.5) }

func sorted[L ~[]int64](values ...L) Sample {
	all := Sample(slices.Concat(values...))
	slices.Sort(all)
	return all
}

const (
	// A round is long enough that the two readings of the clock around it do not
	// matter, and short enough that most escape the tick of the kernel.
	roundLength = 200 * time.Microsecond
	roundCount  = 101
	roundMost   = 1 << 20 // operations in one round
)

// cost returns what one operation takes in ns: the median over rounds of many. The
// function does the operation n times.
func cost(operation func(n int)) float64 {
	n := 1
	for ; n < roundMost; n *= 2 {
		start := gil.Monotonic()
		operation(n)
		if gil.Monotonic()-start >= int64(roundLength)/2 {
			break
		}
	}
	rounds := make([]int64, roundCount)
	for i := range rounds {
		start := gil.Monotonic()
		operation(n)
		rounds[i] = gil.Monotonic() - start
	}
	return float64(sorted(rounds).Median()) / float64(n)
}
