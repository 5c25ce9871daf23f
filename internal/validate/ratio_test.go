package validate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/fibsim/fibsim/internal/results"
)

func value(t *testing.T, c results.Cell) float64 {
	t.Helper()
	v, ok := c.Value()
	if !ok {
		t.Fatal("a figure is missing")
	}
	return v
}

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance*math.Abs(want) }

// By hand: the logarithms to base 2 are 1, 2, 3 and 0, 1, 2, so the means differ by
// one octave; each has variance 1 (octaves squared), the difference of the means
// 2/3. With equal variances and sizes Satterthwaite's freedom is 4, whose quantile of
// 0.95 is 2.131847 in every table.
func TestRatioByHand(t *testing.T) {
	r := ratioOf([]float64{2, 4, 8}, []float64{1, 2, 4})
	half := 2.131847 * math.Sqrt(2.0/3)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"ratio", value(t, r.Value), 2},
		{"low", value(t, r.Low), math.Exp2(1 - half)},
		{"high", value(t, r.High), math.Exp2(1 + half)},
	} {
		if !near(c.got, c.want, 1e-6) {
			t.Errorf("%s: got %g, want %g", c.name, c.got, c.want)
		}
	}
}

// Variances of the means of 2 and 1/3 on 1 and 2 degrees of freedom give
// (2+1/3)² / (2²/1 + (1/3)²/2) = 1.34 degrees, so that the interval is narrower than
// with 1 and wider than with 2.
func TestFreedomOfUnequalVariances(t *testing.T) {
	a, b := estimate{variance: 2, freedom: 1}, estimate{variance: 1.0 / 3, freedom: 2}
	half := math.Log(value(t, quotient(a, b).High))
	// The quantiles of 0.95 at 1 and 2 degrees are 6.3138 and 2.9200.
	sd := math.Sqrt(2 + 1.0/3)
	if half >= 6.3138*sd || half <= 2.92*sd {
		t.Errorf("half width %g, want it between those of 1 and of 2 degrees, %g and %g", half, 6.3138*sd, 2.92*sd)
	}
}

// What cannot be said is left out.
func TestRatiosThatAreMissing(t *testing.T) {
	for _, c := range []struct {
		name           string
		x, y           []float64
		value, bounded bool
	}{
		{"nothing", nil, []float64{1}, false, false},
		{"no reference", []float64{1}, nil, false, false},
		{"a rate of zero", []float64{0, 1}, []float64{1, 1}, false, false},
		{"one repetition", []float64{1}, []float64{1, 2}, true, false},
		{"two", []float64{1, 2}, []float64{1, 2}, true, true},
		{"no spread at all", []float64{3, 3}, []float64{1, 1}, true, true},
	} {
		r := ratioOf(c.x, c.y)
		_, has := r.Value.Value()
		_, low := r.Low.Value()
		_, high := r.High.Value()
		if has != c.value || low != c.bounded || high != c.bounded {
			t.Errorf("%s: got %v", c.name, r)
		}
	}
	r := ratioOf([]float64{3, 3}, []float64{1, 1})
	if value(t, r.Low) != value(t, r.High) {
		t.Errorf("without spread the interval is a point, got %v", r)
	}
}

// The interval does what its name says: over many pairs of six lognormal
// repetitions it holds the true ratio in about 90 of 100 cases. The bound is
// binomial: 2,000 cases, four standard deviations of 0.67 %.
func TestIntervalHoldsTheTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	draw := func(mean, sigma float64) []float64 {
		out := make([]float64, 6)
		for i := range out {
			out[i] = math.Exp(math.Log(mean) + sigma*random.NormFloat64())
		}
		return out
	}
	const cases = 2000
	held := 0
	for range cases {
		r := ratioOf(draw(3, 0.3), draw(2, 0.1))
		if value(t, r.Low) <= 1.5 && 1.5 <= value(t, r.High) {
			held++
		}
	}
	if share := float64(held) / cases; math.Abs(share-confidence) > 4*0.0067 {
		t.Errorf("it holds the true ratio in %.1f %% of the cases", 100*share)
	}
}
