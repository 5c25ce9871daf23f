package compare

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// confidence of the intervals, and what is left for each side to miss.
const (
	confidence = 0.95
	tail       = (1 - confidence) / 2
)

// Shift is by how much one sample lies above another, with the bounds of its 95 %
// interval where the samples are large enough for one.
type Shift struct {
	Value, Low, High float64
	Bounded          bool
}

// Difference returns the shift from a to b of Hodges and Lehmann: the median of all
// differences between a value of b and one of a. Samples must not be empty.
//
// The bounds are differences, too: those beyond which the test of Mann and Whitney
// refuses the shift at 5 %. Equal values make the interval wider than it need be,
// never narrower. It takes 4 values a side (or 3 and 5) to have one.
func Difference(a, b []float64) Shift {
	return shift(a, b, func(x, y float64) float64 { return y - x }, func(x, y float64) float64 { return (x + y) / 2 })
}

// Ratio returns the same as a factor: the median of all quotients of a value of b and
// one of a. All values must be above 0. It is the difference of the logarithms.
func Ratio(a, b []float64) Shift {
	return shift(a, b, func(x, y float64) float64 { return y / x }, func(x, y float64) float64 { return math.Sqrt(x * y) })
}

// shift takes the median and the bounds of the distances of all pairs. Middle is what
// lies between two of them.
func shift(a, b []float64, distance, middle func(x, y float64) float64) Shift {
	all := make([]float64, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			all = append(all, distance(x, y))
		}
	}
	slices.Sort(all)
	half := len(all) / 2
	s := Shift{Value: all[half]}
	if len(all)%2 == 0 {
		s.Value = middle(all[half-1], all[half])
	}
	if k := boundRank(len(a), len(b)); k > 0 {
		s.Low, s.High, s.Bounded = all[k-1], all[len(all)-k], true
	}
	return s
}

// boundRank returns the rank, from 1, of the lower bound among the distances of m and
// n values: the largest one that the U statistic falls short of in at most 2.5 % of
// cases (Hollander and Wolfe, Nonparametric Statistical Methods, 4.3). It is 0 where
// there is none.
func boundRank(m, n int) int {
	if max(m, n) > mostExact {
		spread := uDeviation(m, n, nil)
		return max(0, int(float64(m*n)/2+0.5-spread*distuv.UnitNormal.Quantile(1-tail)))
	}
	ranks := make([]int, m+n)
	for i := range ranks {
		ranks[i] = i + 1
	}
	ways := arrangements(ranks, m)
	all := int64(0)
	for _, n := range ways {
		all += n
	}
	// The smallest sum stands for U = 0.
	below, k := int64(0), 0
	for sum := m * (m + 1) / 2; ; sum++ {
		below += ways[sum]
		if float64(below) > tail*float64(all) {
			return k
		}
		k++
	}
}
