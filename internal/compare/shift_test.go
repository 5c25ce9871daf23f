package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The bounds are where the test begins to refuse: a sample moved by anything inside
// them is not told from the other, one moved by more is.
func TestBoundsAreThoseOfTheTest(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		var a, b []float64
		for range 4 + random.IntN(6) {
			a = append(a, random.NormFloat64())
		}
		for range 5 + random.IntN(6) {
			b = append(b, 0.5+random.NormFloat64())
		}
		s := Difference(a, b)
		if !s.Bounded || s.Low > s.Value || s.Value > s.High {
			t.Fatalf("%v and %v: %+v", a, b, s)
		}
		for _, at := range []struct {
			by      float64
			refused bool
		}{{s.Low - 1e-9, true}, {s.Low + 1e-9, false}, {s.High - 1e-9, false}, {s.High + 1e-9, true}} {
			moved := make([]float64, len(a))
			for i, v := range a {
				moved[i] = v + at.by
			}
			if p := MannWhitney(moved, b); p <= 0.05 != at.refused {
				t.Errorf("%v and %v, bounds %+v: moved by %v, p is %v", a, b, s, at.by, p)
			}
		}
	}
}

// A factor is the exponential of the difference of the logarithms.
func TestRatioIsADifferenceOfLogarithms(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 50 {
		var a, b, logA, logB []float64
		for range 1 + random.IntN(8) {
			x, y := math.Exp(random.NormFloat64()), math.Exp(1+random.NormFloat64())
			a, b = append(a, x), append(b, y)
			logA, logB = append(logA, math.Log(x)), append(logB, math.Log(y))
		}
		got, want := Ratio(a, b), Difference(logA, logB)
		if !near(got.Value, math.Exp(want.Value), 1e-12) || got.Bounded != want.Bounded ||
			got.Bounded && (!near(got.Low, math.Exp(want.Low), 1e-12) || !near(got.High, math.Exp(want.High), 1e-12)) {
			t.Errorf("got %+v, logarithms %+v", got, want)
		}
	}
}

// Too few values have no interval: even no overlap at all is too likely by chance.
func TestIntervalNeedsValues(t *testing.T) {
	for _, c := range []struct {
		m, n    int
		bounded bool
	}{{1, 1, false}, {3, 3, false}, {3, 4, false}, {3, 5, true}, {2, 8, true}, {4, 4, true}, {1, 25, false}, {6, 6, true}} {
		a, b := slices.Repeat([]float64{1}, c.m), slices.Repeat([]float64{2}, c.n)
		if s := Difference(a, b); s.Bounded != c.bounded || s.Value != 1 {
			t.Errorf("%d and %d values: %+v", c.m, c.n, s)
		}
	}
}
