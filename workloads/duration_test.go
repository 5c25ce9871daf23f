package workloads

import (
	"math"
	"slices"
	"testing"
)

// normalCDF is the distribution function of the standard normal distribution.
func normalCDF(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }

// Each random duration has the distribution that its name says, with the mean that
// was asked for: the largest distance between the two distribution functions is
// what chance allows in one of a hundred samples (Kolmogorov and Smirnov).
func TestDistributions(t *testing.T) {
	const n = 100_000
	const ms = 1e6
	cases := []struct {
		name string
		d    Duration
		cdf  func(ns float64) float64
		mean float64
		off  float64 // of the mean, as a share
	}{
		{"exponential", Duration{Dist: Exponential, Mean: 25 * ms}, func(x float64) float64 { return 1 - math.Exp(-x/25e6) }, 25 * ms, 0.01},
		{"lognormal", Duration{Dist: Lognormal, Mean: 2 * ms, Shape: 0.5}, func(x float64) float64 {
			return normalCDF((math.Log(x/2e6) + 0.125) / 0.5)
		}, 2 * ms, 0.01},
		{"uniform", Duration{Dist: UniformDist, Low: 1 * ms, High: 3 * ms}, func(x float64) float64 { return (x - 1e6) / 2e6 }, 2 * ms, 0.01},
		{"pareto", Duration{Dist: Pareto, Mean: 2 * ms, Shape: 3}, func(x float64) float64 {
			return 1 - math.Pow(2e6*2/3/x, 3)
		}, 2 * ms, 0.02},
		// With alpha below 2 the variance is infinite, and a mean says little.
		{"heavy pareto", Duration{Dist: Pareto, Mean: 2 * ms, Shape: 1.8}, func(x float64) float64 {
			return 1 - math.Pow(2e6*0.8/1.8/x, 1.8)
		}, 2 * ms, 0.2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := NewStream(1, c.name, 0, "body")
			draws, sum := make([]int64, n), 0.0
			for i := range draws {
				draws[i] = c.d.Draw(&s)
				sum += float64(draws[i])
			}
			slices.Sort(draws)
			worst := 0.0
			for i, v := range draws {
				f := c.cdf(float64(v))
				worst = max(worst, math.Abs(f-float64(i)/n), math.Abs(f-float64(i+1)/n))
			}
			if worst > 1.63/math.Sqrt(n) {
				t.Errorf("the distribution is off by %.5f", worst)
			}
			if mean := sum / n; math.Abs(mean/c.mean-1) > c.off {
				t.Errorf("the mean is %.0f ns, want %.0f", mean, c.mean)
			}
			if !c.d.Random() {
				t.Error("it says that it takes no draw")
			}
		})
	}
}

func TestNormal(t *testing.T) {
	const n = 100_000
	s := NewStream(1, "normal", 0, "body")
	sum, squares := 0.0, 0.0
	for range n {
		z := normal(&s)
		sum += z
		squares += z * z
	}
	if mean := sum / n; math.Abs(mean) > 4/math.Sqrt(n) {
		t.Errorf("mean %v", mean)
	}
	if variance := squares / n; math.Abs(variance-1) > 4*math.Sqrt(2.0/n) {
		t.Errorf("variance %v", variance)
	}
}

// A fixed duration takes nothing from the stream, so that it shifts no other draw.
func TestFixedTakesNoDraw(t *testing.T) {
	s := NewStream(1, "a", 0, "body")
	before := s
	d := Duration{Mean: 42}
	if d.Draw(&s) != 42 || s != before || d.Random() {
		t.Error("a fixed duration is random")
	}
}

// No draw is longer than an hour or shorter than nothing, whatever the parameters,
// and a uniform one keeps its ends.
func TestDrawsAreBounded(t *testing.T) {
	const hour = 3_600_000_000_000
	for _, d := range []Duration{
		{Dist: Exponential, Mean: hour},
		{Dist: Lognormal, Mean: hour, Shape: 5},
		{Dist: Pareto, Mean: hour, Shape: 1.0001},
		{Dist: Exponential, Mean: 1},
		{Dist: UniformDist, Low: 7, High: 7},
		{Dist: UniformDist, Low: 0, High: 1},
		{Dist: UniformDist, Low: 0, High: hour},
	} {
		s := NewStream(1, "a", 0, "body")
		seen := map[int64]bool{}
		for range 10_000 {
			v := d.Draw(&s)
			if v < 0 || v > hour || d.Dist == UniformDist && (v < d.Low || v > d.High) {
				t.Fatalf("%+v: %d", d, v)
			}
			seen[v] = true
		}
		if d.High == 1 && len(seen) != 2 {
			t.Errorf("%+v: %v", d, seen)
		}
	}
}

func TestUnknownDistributionPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	s := NewStream(1, "a", 0, "body")
	Duration{Dist: 99}.Draw(&s)
}
