package results

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mathext"
)

// The few statistics that figures need. Package stat of gonum has them, too, and brings
// along the algebra of matrices, which is a quarter of the program in a browser; a test
// holds these against it.

// mean returns the arithmetic mean of at least one value.
func mean(v []float64) float64 { return floats.Sum(v) / float64(len(v)) }

// deviation returns the standard deviation of the population of which v, two values at
// least, is a sample.
func deviation(v []float64) float64 {
	m := mean(v)
	squares, rest := 0.0, 0.0
	for _, x := range v {
		d := x - m
		squares += d * d
		rest += d // 0 but for rounding
	}
	n := float64(len(v))
	return math.Sqrt((squares - rest*rest/n) / (n - 1))
}

// slopeOf returns the slope of y on x by least squares.
func slopeOf(x, y []float64) float64 {
	mx, my := mean(x), mean(y)
	both, squares := 0.0, 0.0
	for i := range x {
		both += (x[i] - mx) * (y[i] - my)
		squares += (x[i] - mx) * (x[i] - mx)
	}
	return both / squares
}

// studentBound returns the value that Student's t with so many degrees of freedom stays
// below with probability p > 1/2.
func studentBound(p, freedom float64) float64 {
	t := mathext.InvRegIncBeta(freedom/2, 0.5, 2*(1-p))
	return math.Sqrt(freedom * (1 - t) / t)
}

// atMost returns the probability of k successes or fewer in n tries, each of which
// succeeds with probability p.
func atMost(k, n, p float64) float64 {
	if k >= n {
		return 1
	}
	return mathext.RegIncBeta(n-k, k+1, 1-p)
}
