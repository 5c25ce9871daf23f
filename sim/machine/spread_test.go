package machine

import (
	"math"
	"testing"

	"github.com/fibsim/fibsim/workloads"
)

// At is the inverse of the distribution that Draw has: of all draws the share that
// was asked for lies below it.
func TestSpreadAt(t *testing.T) {
	s := Spread{300, 420, 800, 1300, 5000, 90_000}
	const n = 200_000
	for _, share := range []float64{0.05, 0.1, 0.3, 0.5, 0.73, 0.9, 0.97, 0.99, 0.995} {
		r := workloads.NewStream(1, "spread", 0, "test")
		at, below := s.At(share), 0
		for range n {
			if s.Draw(&r) < at {
				below++
			}
		}
		if got := float64(below) / n; math.Abs(got-share) > 4*math.Sqrt(share*(1-share)/n)+0.002 {
			t.Errorf("%.4f of all draws lie below At(%v) = %d", got, share, at)
		}
	}
	if s.At(0) != s.Min || s.At(1) != s.Max || s.At(-1) != s.Min || s.At(2) != s.Max {
		t.Errorf("the ends are %d and %d", s.At(0), s.At(1))
	}
}

// A part that always takes as long comes off all quantiles, and nothing is left of those that are shorter.
func TestLessOfASpread(t *testing.T) {
	s := Spread{Min: 1, P10: 5, P50: 7, P90: 9, P99: 20, Max: 30}
	if got, want := s.Less(7), (Spread{P90: 2, P99: 13, Max: 23}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestMeanOfASpread(t *testing.T) {
	// Equal steps of 10, 40, 40, 9 and 1 in a hundred between the quantiles.
	s := Spread{Min: 0, P10: 10_000, P50: 20_000, P90: 40_000, P99: 100_000, Max: 200_000}
	if got, want := s.Mean(), int64(1000*(0.1*5+0.4*15+0.4*30+0.09*70+0.01*150)); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
	always := Exactly(7)
	if got := always.Mean(); got != 7 {
		t.Errorf("always 7: got %d", got)
	}
}
