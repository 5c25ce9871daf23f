package results

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
)

// The definition itself: the smallest value that at least that share of all
// values do not exceed, found by trying every value.
func percentileByDefinition(values []int64, permille int64) int64 {
	for _, v := range slices.Sorted(slices.Values(values)) {
		var atMost int64
		for _, o := range values {
			if o <= v {
				atMost++
			}
		}
		if atMost*1000 >= permille*int64(len(values)) {
			return v
		}
	}
	panic("no value reaches the share")
}

func TestPercentileIsTheNearestRank(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var sketch trace.Sketch
		values := make([]int64, 1+r.IntN(400))
		for i := range values {
			values[i] = r.Int64N(50) // many ties
			sketch.Add(values[i])
		}
		for _, permille := range []int64{500, 900, 990, 999} {
			got, shown := Percentile(&sketch, permille).Value()
			if shown && int64(got) != percentileByDefinition(values, permille) {
				t.Fatalf("percentile %d of %v: got %v, want %d", permille, values, got, percentileByDefinition(values, permille))
			}
		}
	}
}

// A percentile is shown when at least 10 samples lie beyond it.
func TestPercentileIsHiddenWithFewSamplesBeyond(t *testing.T) {
	for _, c := range []struct {
		permille, n int64
		shown       bool
	}{
		{500, 0, false}, {500, 19, false}, {500, 20, true}, {500, 21, true},
		{900, 99, false}, {900, 100, true},
		{990, 999, false}, {990, 1000, true},
		{999, 9999, false}, {999, 10000, true},
	} {
		var sketch trace.Sketch
		for i := range c.n {
			sketch.Add(i)
		}
		if _, shown := Percentile(&sketch, c.permille).Value(); shown != c.shown {
			t.Errorf("percentile %d of %d samples: shown %v, want %v", c.permille, c.n, shown, c.shown)
		}
	}
}

// binomialBetween is P(low <= X < high) for X binomial, term by term.
func binomialBetween(n int64, p float64, low, high int64) float64 {
	sum := 0.0
	for k := low; k < high; k++ {
		a, _ := math.Lgamma(float64(n + 1))
		b, _ := math.Lgamma(float64(k + 1))
		c, _ := math.Lgamma(float64(n - k + 1))
		sum += math.Exp(a - b - c + float64(k)*math.Log(p) + float64(n-k)*math.Log(1-p))
	}
	return sum
}

// The percentile lies between two order statistics when the number of samples
// below it is at least the lower rank and less than the upper one. That has a
// chance of 95 % or more, and of less when either rank moves inwards by enough.
func TestIntervalCoversWithItsConfidence(t *testing.T) {
	for _, permille := range []int64{500, 900, 990} {
		for _, n := range []int64{20, 37, 100, 1000, 5000} {
			low, high, ok := intervalRanks(n, float64(permille)/1000)
			if !ok {
				continue
			}
			p := float64(permille) / 1000
			if c := binomialBetween(n, p, low, high); c < 0.95 {
				t.Errorf("n %d, percentile %d: ranks %d to %d cover %.4f", n, permille, low, high, c)
			}
			// The tightest of its kind: one rank more on either side misses too often.
			if left := binomialBetween(n, p, 0, low+1); left <= 0.025 {
				t.Errorf("n %d, percentile %d: the lower rank could be %d", n, permille, low+1)
			}
			if right := 1 - binomialBetween(n, p, 0, high-1); right <= 0.025 {
				t.Errorf("n %d, percentile %d: the upper rank could be %d", n, permille, high-1)
			}
		}
	}
}

// Textbook value: for the median of 100 samples the ranks are 40 and 61.
func TestIntervalOfTheMedianOfAHundred(t *testing.T) {
	low, high, ok := intervalRanks(100, 0.5)
	if low != 40 || high != 61 || !ok {
		t.Errorf("got ranks %d and %d, %v; want 40 and 61", low, high, ok)
	}
}

func TestIntervalIsMissingWhereSamplesDoNotReach(t *testing.T) {
	if _, high, ok := intervalRanks(100, 0.99); ok {
		t.Errorf("99th percentile of 100 samples: got upper rank %d, want none", high)
	}
}

// Ranks agrees with the percentiles of summary.csv, and ends its interval at the
// samples that there are.
func TestRanks(t *testing.T) {
	for _, permille := range []int64{1, 500, 900, 990, 999} {
		for _, n := range []int64{1, 19, 20, 100, 1000, 1001, 20000} {
			want, shown := rankOf(n, permille)
			rank, low, high, ok := Ranks(n, float64(permille)/1000)
			if ok != shown || ok && rank != want {
				t.Errorf("n %d, percentile %d: got rank %d, %t; want %d, %t", n, permille, rank, ok, want, shown)
			}
			if ok && (low < 1 || low > rank || high < rank || high > n) {
				t.Errorf("n %d, percentile %d: rank %d is not within %d to %d", n, permille, rank, low, high)
			}
		}
	}
}
