package workloads

import (
	"math"
	"testing"
)

// The logarithm and the exponential agree with those of package math, whose last
// bits may differ between architectures, to a few of theirs.
func TestArithmeticAgainstMath(t *testing.T) {
	near := func(name string, x, got, want, share float64) {
		if math.Abs(got-want) > share*math.Max(math.Abs(want), 1e-20) {
			t.Errorf("%s(%v) = %v, want %v", name, x, got, want)
		}
	}
	for e := -54.0; e <= 40; e += 0.0137 {
		x := math.Exp2(e)
		near("ln", x, ln(x), math.Log(x), 4e-15)
	}
	for _, x := range []float64{0x1p-53, 0.5, 1 - 0x1p-53, 1, 1 + 0x1p-52, sqrt2, sqrt2 / 2, 2, math.MaxFloat64} {
		near("ln", x, ln(x), math.Log(x), 4e-15)
	}
	for x := -40.0; x <= 40; x += 0.0091 {
		near("exp", x, exp(x), math.Exp(x), 1e-15+2.5e-16*math.Abs(x))
	}
	for _, x := range []float64{-699, -100, 0, 100, 699} {
		if got, want := exp(x), math.Exp(x); math.Abs(got-want) > 1e-12*want {
			t.Errorf("exp(%v) = %v, want %v", x, got, want)
		}
	}
}

// Beyond its range the exponential stays a number.
func TestExpAtItsEnds(t *testing.T) {
	if got := exp(-1e6); got != 0 {
		t.Errorf("exp(-1e6) = %v", got)
	}
	if got := exp(1e6); math.IsInf(got, 0) || got < 1e300 {
		t.Errorf("exp(1e6) = %v", got)
	}
	if exp(0) != 1 || ln(1) != 0 {
		t.Errorf("exp(0) = %v, ln(1) = %v", exp(0), ln(1))
	}
}
