package validate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
)

func sketch(values ...int64) *trace.Sketch {
	s := new(trace.Sketch)
	for _, v := range values {
		s.Add(v)
	}
	return s
}

func TestDistanceByHand(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b []int64
		want float64
	}{
		{"equal", []int64{3, 1, 2}, []int64{1, 2, 3}, 0},
		{"apart", []int64{1, 2}, []int64{3, 4}, 1},
		{"half", []int64{1, 2}, []int64{2, 3}, 0.5},
		{"one of four moved", []int64{1, 2, 3, 4}, []int64{1, 2, 3, 9}, 0.25},
		{"other sizes", []int64{1}, []int64{0, 1, 2, 3}, 0.5},
		{"ties", []int64{5, 5, 5}, []int64{5, 5, 6}, 1.0 / 3},
	} {
		if got := value(t, Distance(sketch(c.a...), sketch(c.b...))); !near(got, c.want, 1e-12) {
			t.Errorf("%s: got %g, want %g", c.name, got, c.want)
		}
	}
	if _, ok := Distance(sketch(), sketch(1)).Value(); ok {
		t.Error("nothing has a distance")
	}
}

// obvious is the distance by its definition: at every value, how much of each
// sample does not exceed it.
func obvious(a, b []int64) float64 {
	share := func(v []int64, at int64) float64 {
		n := 0
		for _, x := range v {
			if x <= at {
				n++
			}
		}
		return float64(n) / float64(len(v))
	}
	most := 0.0
	for _, at := range append(append([]int64(nil), a...), b...) {
		most = max(most, math.Abs(share(a, at)-share(b, at)))
	}
	return most
}

func TestDistanceAgainstItsDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		draw := func() []int64 {
			out := make([]int64, 1+random.IntN(30))
			for i := range out {
				out[i] = random.Int64N(20) * 1000
			}
			return out
		}
		a, b := draw(), draw()
		if got, want := value(t, Distance(sketch(a...), sketch(b...))), obvious(a, b); !near(got, want, 1e-9) {
			t.Fatalf("%v and %v: got %g, want %g", a, b, got, want)
		}
	}
}

// Many values are kept in bins, few as they are. The same value is the same on both
// sides all the same.
func TestDistanceOfFewAndMany(t *testing.T) {
	few, many := sketch(1_234_567, 1_234_567), new(trace.Sketch)
	for range 70_000 {
		many.Add(1_234_567)
	}
	if many.Exact() || !few.Exact() {
		t.Fatal("the one is in bins, the other not: that is what this test is about")
	}
	if got := value(t, Distance(few, many)); got != 0 {
		t.Errorf("got %g", got)
	}
}
