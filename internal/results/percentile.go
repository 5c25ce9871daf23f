package results

import (
	"math"
	"sort"

	"github.com/fibsim/fibsim/gil/trace"
)

// beyond is how many samples must lie beyond a percentile before it is shown.
// With fewer, the figure is little more than one of the largest samples.
const beyond = 10

// Percentile returns the nearest-rank percentile of a distribution: the
// smallest value that at least that share of the samples do not exceed. The
// share is given in thousandths, from 1 to 999. The Cell is missing when fewer
// than 10 samples lie beyond it.
func Percentile(s *trace.Sketch, permille int64) Cell {
	rank, ok := rankOf(s.Count(), permille)
	if !ok {
		return Cell{}
	}
	return Int(s.Rank(rank - 1))
}

// rankOf returns the rank, from 1, of a percentile of n samples.
func rankOf(n, permille int64) (int64, bool) {
	rank := (n*permille + 999) / 1000
	return rank, rank >= 1 && n-rank >= beyond
}

// Ranks returns, of n sorted samples, the rank from 1 of the least that at least the
// share does not exceed, and the ranks of its order-statistic interval. Ok is false
// where fewer than 10 samples lie beyond. Where the samples do not reach the
// confidence of an Interval on a side, the interval ends at the first or last sample.
func Ranks(n int64, share float64) (rank, low, high int64, ok bool) {
	rank = int64(math.Ceil(share*float64(n) - 1e-6)) // 0.999 of 20,000 is not a hair more
	if rank < 1 || n-rank < beyond {
		return 0, 0, 0, false
	}
	low, high, _ = intervalRanks(n, share)
	return rank, max(low, 1), min(high, n), true
}

// Interval is the order-statistic interval of a percentile: two samples between
// which the true percentile lies with a confidence of at least 95 %, whatever
// the distribution, if the samples were independent. Iterations of one run are
// not quite, so the true interval is wider.
type Interval struct {
	Column string `json:"column"`
	Value  Cell   `json:"value"`
	Low    int64  `json:"low"`
	High   int64  `json:"high"`
}

// percentileInterval returns the interval of a percentile that is shown; false
// when the samples do not reach that confidence.
func percentileInterval(s *trace.Sketch, permille int64) (low, high int64, ok bool) {
	if _, shown := rankOf(s.Count(), permille); !shown {
		return 0, 0, false
	}
	l, h, ok := intervalRanks(s.Count(), float64(permille)/1000)
	if !ok {
		return 0, 0, false
	}
	return s.Rank(l - 1), s.Rank(h - 1), true
}

// intervalRanks returns ranks, from 1, of two of n samples that enclose the
// percentile: the number of samples at or below the true percentile is
// binomial, and each side may miss it with at most 2.5 %.
func intervalRanks(n int64, share float64) (low, high int64, ok bool) {
	const side = 0.025
	below := func(k int) float64 { return atMost(float64(k), float64(n), share) }
	// The largest rank that the count falls short of in at most 2.5 % of cases.
	low = int64(sort.Search(int(n), func(k int) bool { return below(k) > side }))
	// The smallest rank that the count reaches in at most 2.5 % of cases.
	high = 1 + int64(sort.Search(int(n), func(k int) bool { return below(k) >= 1-side }))
	return low, high, low >= 1 && high <= n
}
