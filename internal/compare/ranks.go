package compare

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// mostExact is how many repetitions a side may have for exact probabilities. Beyond
// it the normal approximation errs by less than 0.002 where p is below 0.1, and
// the count of arrangements would no longer fit its type.
const mostExact = 25

// MannWhitney returns the probability that two samples of one distribution lie at
// least as far apart as these do, in either direction: twice the smaller tail of the
// rank sum, at most 1. Samples must not be empty.
//
// Up to 25 values a side it counts the arrangements of the ranks that there are,
// equal values sharing the mean of theirs (Streitberg and Röhmel, Exact
// distributions for permutation and rank tests, 1986). Without equal values that is
// the exact test in R and SciPy. Beyond 25 it takes the normal distribution with
// corrections for ties and for continuity (Hollander and Wolfe, Nonparametric
// Statistical Methods, 4.1).
func MannWhitney(a, b []float64) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	ranks := doubledRanks(a, b)
	sum := 0
	for _, r := range ranks[:len(a)] {
		sum += r
	}
	if len(b) > mostExact {
		return normalP(ranks, len(a), sum)
	}
	return exactP(arrangements(ranks, len(a)), sum)
}

// doubledRanks returns twice the rank of each value among all, those of a first.
// Doubled, the mean rank of equal values is a whole number.
func doubledRanks(a, b []float64) []int {
	all := slices.Concat(a, b)
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(all[i], all[j]) })
	ranks := make([]int, len(all))
	for i := 0; i < len(order); {
		end := i
		for end < len(order) && all[order[end]] == all[order[i]] {
			end++
		}
		for _, at := range order[i:end] {
			ranks[at] = i + 1 + end
		}
		i = end
	}
	return ranks
}

// arrangements returns in how many ways k of the ranks have each sum.
func arrangements(ranks []int, k int) []int64 {
	sorted := slices.Sorted(slices.Values(ranks))
	most := 0
	for _, r := range sorted[len(sorted)-k:] {
		most += r
	}
	ways := make([][]int64, k+1)
	for i := range ways {
		ways[i] = make([]int64, most+1)
	}
	ways[0][0] = 1
	for _, r := range sorted {
		for chosen := k; chosen > 0; chosen-- {
			for sum := most; sum >= r; sum-- {
				ways[chosen][sum] += ways[chosen-1][sum-r]
			}
		}
	}
	return ways[k]
}

// exactP returns twice the smaller tail at the sum, at most 1.
func exactP(ways []int64, sum int) float64 {
	var below, above, all int64
	for s, n := range ways {
		all += n
		if s <= sum {
			below += n
		}
		if s >= sum {
			above += n
		}
	}
	return min(1, 2*float64(min(below, above))/float64(all))
}

// normalP returns the same by the normal distribution, for the doubled rank sum of
// the first m of the ranks.
func normalP(ranks []int, m, sum int) float64 {
	n := len(ranks) - m
	u := float64(sum-m*(m+1)) / 2
	spread := uDeviation(m, n, tieSizes(ranks))
	if spread == 0 {
		return 1 // all values are equal
	}
	distance := max(0, math.Abs(u-float64(m*n)/2)-0.5)
	return min(1, 2*distuv.UnitNormal.Survival(distance/spread))
}

// tieSizes returns how many values share each rank.
func tieSizes(ranks []int) []int {
	count := map[int]int{}
	for _, r := range ranks {
		count[r]++
	}
	var out []int
	for _, n := range count {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// uDeviation returns the standard deviation of the U statistic of m and n values
// with ties of the given sizes.
func uDeviation(m, n int, ties []int) float64 {
	total := float64(m + n)
	lost := 0.0
	for _, t := range ties {
		lost += float64(t) * float64(t*t-1)
	}
	return math.Sqrt(float64(m) * float64(n) / 12 * (total + 1 - lost/(total*(total-1))))
}
