package validate

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/fibsim/fibsim/internal/results"
)

// confidence of the intervals: both sides together miss with the rest.
const confidence = 0.90

// Ratio is how many times larger a figure is than that of the reference, with the
// bounds of its 90 % interval. The bounds are missing where there are too few
// repetitions for one, all where the ratio itself is.
type Ratio struct{ Value, Low, High results.Cell }

// estimate is a logarithm with the variance of its error and the degrees of
// freedom that the variance rests on; 0 when it is not known.
type estimate struct {
	log, variance float64
	freedom       float64
}

// ratioOf returns the ratio of the geometric means of two samples. Each value is
// one repetition. It is missing when a sample is empty or holds a value that is
// not above 0, which has no logarithm.
func ratioOf(figures, reference []float64) Ratio {
	a, aok := meanOfLogs(figures)
	b, bok := meanOfLogs(reference)
	if !aok || !bok {
		return Ratio{}
	}
	return quotient(a, b)
}

// meanOfLogs returns the mean logarithm and the variance of the mean.
func meanOfLogs(values []float64) (estimate, bool) {
	logs := make([]float64, len(values))
	for i, v := range values {
		if !(v > 0) {
			return estimate{}, false
		}
		logs[i] = math.Log(v)
	}
	if len(logs) == 0 {
		return estimate{}, false
	}
	if len(logs) == 1 {
		return estimate{log: logs[0]}, true
	}
	mean, variance := stat.MeanVariance(logs, nil)
	n := float64(len(logs))
	return estimate{log: mean, variance: variance / n, freedom: n - 1}, true
}

// quotient returns the ratio of two estimates with Welch's interval: the two need
// not vary alike, and the t distribution has the degrees of freedom of
// Satterthwaite, which widens the interval of few repetitions.
func quotient(a, b estimate) Ratio {
	d := a.log - b.log
	r := Ratio{Value: results.Float(math.Exp(d))}
	if a.freedom == 0 || b.freedom == 0 {
		return r
	}
	variance := a.variance + b.variance
	half := 0.0
	if variance > 0 {
		freedom := variance * variance / (a.variance*a.variance/a.freedom + b.variance*b.variance/b.freedom)
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.Quantile((1 + confidence) / 2)
		half = t * math.Sqrt(variance)
	}
	r.Low, r.High = results.Float(math.Exp(d-half)), results.Float(math.Exp(d+half))
	return r
}
