package results

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// The statistics are those of a library that others have tested.
func TestStatistics(t *testing.T) {
	same := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-12*math.Max(1, math.Abs(want)) {
			t.Errorf("%s: %v, not %v", what, got, want)
		}
	}
	for _, v := range [][]float64{{1, 2}, {3, 3, 3.5}, {1e9 + 1, 1e9 + 2, 1e9 + 4, 1e9 + 8}, {-5, 0, 0.1, 1e-9, 17}} {
		m, sd := stat.MeanStdDev(v, nil)
		same("mean", mean(v), m)
		same("deviation", deviation(v), sd)
		y := make([]float64, len(v))
		for i := range y {
			y[i] = math.Sin(float64(i)) - 2*v[i]
		}
		_, slope := stat.LinearRegression(v, y, nil, false)
		same("slope", slopeOf(v, y), slope)
	}
	for _, freedom := range []float64{1, 2, 5, 29, 999} {
		for _, p := range []float64{0.6, 0.95, 0.975, 0.999} {
			same("Student", studentBound(p, freedom), distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile(p))
		}
	}
	for _, n := range []float64{1, 10, 1000} {
		for _, p := range []float64{0.001, 0.5, 0.99} {
			for _, k := range []float64{0, 1, n / 2, n - 1, n} {
				k = math.Floor(k)
				same("binomial", atMost(k, n, p), distuv.Binomial{N: n, P: p}.CDF(k))
			}
		}
	}
}
