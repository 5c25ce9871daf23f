package workloads

import (
	"math"
	"slices"
	"testing"
)

// The first draws, for ever.
func TestExpPinned(t *testing.T) {
	s := NewStream(1, "quick", 0, "body")
	if got, want := [4]int64{s.Exponential(1e9), s.Exponential(1e9), s.Exponential(1e9), s.Exponential(1e9)}, ([4]int64{1090403725, 372310797, 5277711911, 768345091}); got != want {
		t.Errorf("%v, want %v", got, want)
	}
	var sum uint64
	for range 100_000 { // far enough for the tail and every edge
		sum = sum*31 + math.Float64bits(s.Exp())
	}
	if want := uint64(0x3cd049c0e05a74b4); sum != want {
		t.Errorf("draws fold to %#x, want %#x", sum, want)
	}
}

// The draws are exponential: their empirical distribution stays as near to the
// true one as Kolmogorov's law allows in 999 of 1000 samples, in each of a few
// streams, and in the tail alone, which has a way of its own.
func TestExpIsExponential(t *testing.T) {
	const n, critical = 200_000, 1.95
	for worker := range 3 {
		s := NewStream(1, "ks", worker, "test")
		draws := make([]float64, n)
		for i := range draws {
			draws[i] = s.Exp()
		}
		if d := distance(draws) * math.Sqrt(n); d > critical {
			t.Errorf("stream %d: √n·D = %.2f, more than %v", worker, d, critical)
		}
	}
	s := NewStream(1, "tail", 0, "test")
	var tail []float64
	for range 4_000_000 {
		if x := s.Exp(); x > stripTail-0.5 {
			tail = append(tail, x-(stripTail-0.5))
		}
	}
	if d := distance(tail) * math.Sqrt(float64(len(tail))); d > critical || len(tail) < 2500 {
		t.Errorf("%d draws in the tail, √n·D = %.2f", len(tail), d)
	}
}

// distance is the Kolmogorov-Smirnov distance of the values from the standard exponential
// distribution.
func distance(values []float64) float64 {
	slices.Sort(values)
	n, worst := float64(len(values)), 0.0
	for i, x := range values {
		f := -math.Expm1(-x)
		worst = max(worst, f-float64(i)/n, float64(i+1)/n-f)
	}
	return worst
}

// The strips are those of the paper: all of one area, the topmost ends at 0.
func TestStripsFit(t *testing.T) {
	for i := 1; i < strips; i++ {
		if area := stripUnit[i] * stripScale * (stripTop[i-1] - stripTop[i]); math.Abs(area/stripArea-1) > 1e-9 {
			t.Errorf("strip %d has an area of %v, want %v", i, area, stripArea)
		}
	}
}

func BenchmarkExponential(b *testing.B) {
	s := NewStream(1, "bench", 0, "body")
	for b.Loop() {
		s.Exponential(1e6)
	}
}

// What the chord and the tangent decide is what e^-x decides.
func TestUnderCurve(t *testing.T) {
	s := NewStream(1, "ziggurat", 0, "edges")
	under, n := 0, 0
	for i := uint64(1); i < strips; i++ {
		for range 400 {
			x := stripInside[i] + s.Uint64()%(stripScale-stripInside[i])
			value, up := float64(int64(x))*stripUnit[i], s.Unit()
			if n%4 == 0 { // near the curve, where it is hard
				up = min(max((math.Exp(-value)-stripTop[i])/(stripTop[i-1]-stripTop[i])+(s.Unit()-0.5)*1e-3, 0), 1)
			}
			height := stripTop[i] + float64(float64(stripTop[i-1]-stripTop[i])*up)
			want := height < exp(-value)
			if underCurve(i, x, value, up) != want {
				t.Fatalf("strip %d, %d, %v: %t", i, x, up, !want)
			}
			n++
			if want {
				under++
			}
		}
	}
	if under < n/3 || under > 2*n/3 {
		t.Errorf("%d of %d are under the curve", under, n)
	}
}
