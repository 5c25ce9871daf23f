package validate

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"github.com/fibsim/fibsim/internal/results"
)

// percentileRatio compares a percentile, in thousandths, of two groups of
// repetitions: the geometric means of what the single repetitions show or, where
// one of them has too few iterations to show any, the percentiles of all
// repetitions together.
func percentileRatio(figures, reference []repetition, permille int64) Ratio {
	if a, ok := percentiles(figures, permille); ok {
		if b, ok := percentiles(reference, permille); ok {
			return ratioOf(a, b)
		}
	}
	a, aok := pooled(figures, permille)
	b, bok := pooled(reference, permille)
	if !aok || !bok {
		return Ratio{}
	}
	return quotient(a, b)
}

// percentiles returns the percentile of each repetition; false unless all show it.
func percentiles(reps []repetition, permille int64) ([]float64, bool) {
	var out []float64
	for _, r := range reps {
		v, ok := results.Percentile(r.latency, permille).Value()
		if !ok {
			return nil, false
		}
		out = append(out, v)
	}
	return out, len(out) > 0
}

// pooled returns the percentile of all repetitions together. Its variance is that
// of the jackknife over repetitions: how far the percentile moves when one of them
// is left out (Efron and Tibshirani, An Introduction to the Bootstrap, 11).
func pooled(reps []repetition, permille int64) (estimate, bool) {
	all, ok := logPercentile(reps, permille)
	if !ok {
		return estimate{}, false
	}
	e := estimate{log: all}
	var without []float64
	for i := range reps {
		rest := append(append([]repetition(nil), reps[:i]...), reps[i+1:]...)
		v, ok := logPercentile(rest, permille)
		if !ok {
			return e, true
		}
		without = append(without, v)
	}
	n := float64(len(without))
	if n < 2 {
		return e, true
	}
	// MeanVariance divides by n-1; the jackknife multiplies the sum by (n-1)/n.
	_, variance := stat.MeanVariance(without, nil)
	e.variance, e.freedom = variance*(n-1)*(n-1)/n, n-1
	return e, true
}

// logPercentile returns the logarithm of the percentile of all repetitions; false
// where it is not shown or 0.
func logPercentile(reps []repetition, permille int64) (float64, bool) {
	v, ok := results.Percentile(pool(reps), permille).Value()
	return math.Log(v), ok && v > 0
}
