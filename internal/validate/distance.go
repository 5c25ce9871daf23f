package validate

import (
	"math"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/results"
)

// Distance returns the largest difference between the distribution functions of
// two samples (Kolmogorov and Smirnov): 0 for equal ones, 1 where all values of
// one lie below those of the other. It is missing when a sample is empty.
//
// Where one of them holds its values in bins, the others are put into the same
// bins, so that equal values stay equal.
func Distance(a, b *trace.Sketch) results.Cell {
	if a.Count() == 0 || b.Count() == 0 {
		return results.Cell{}
	}
	binned := !a.Exact() || !b.Exact()
	x, y := steps(a, binned), steps(b, binned)
	most, below, under := 0.0, int64(0), int64(0)
	for i, j := 0, 0; i < len(x) || j < len(y); {
		at := int64(math.MaxInt64)
		if i < len(x) {
			at = x[i].value
		}
		if j < len(y) {
			at = min(at, y[j].value)
		}
		for ; i < len(x) && x[i].value == at; i++ {
			below += x[i].times
		}
		for ; j < len(y) && y[j].value == at; j++ {
			under += y[j].times
		}
		most = max(most, math.Abs(float64(below)/float64(a.Count())-float64(under)/float64(b.Count())))
	}
	return results.Float(most)
}

// step is a value and how often it came.
type step struct{ value, times int64 }

// steps returns the values of a sketch in rising order.
func steps(s *trace.Sketch, binned bool) []step {
	var out []step
	s.Each(func(v, times int64) {
		if binned {
			v = trace.BinEdge(v)
		}
		out = append(out, step{v, times})
	})
	return out
}
