package exact

import (
	"math"
	"testing"
)

// runs is the number of seeds, 1 to 20, and of the batches that each run is cut
// into.
const (
	seeds   = 20
	batches = 20
	// t99 is the quantile of Student's t at 0.995 for 19 degrees of freedom.
	t99 = 2.8609
	// confidence is that of an interval of t99 to both sides.
	confidence = 0.99
	// narrow is how wide the half of an interval may be, as a part of the value, where
	// runs are long; fair is that of the 20 runs together, where they are short.
	narrow = 0.02
	fair   = 0.03
)

// interval is a mean and half of its 99 % confidence interval.
type interval struct{ mean, half float64 }

func (i interval) holds(value float64) bool { return math.Abs(i.mean-value) <= i.half }

// ofMeans returns the interval of the mean of independent values, as many as there
// are batches, or seeds.
func ofMeans(x []float64) interval {
	if len(x) != batches {
		panic("exact: the quantile of Student's t is for another number of values")
	}
	sum, squares := 0.0, 0.0
	for _, v := range x {
		sum += v
	}
	mean := sum / batches
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	return interval{mean, t99 * math.Sqrt(squares/(batches-1)/batches)}
}

// ofRun returns the interval of the mean of a run, whose values depend on their
// neighbours: that of the means of long batches (batch means). A tenth is left out
// before, since a run begins empty.
func ofRun(x []float64) interval {
	x = x[len(x)/10:]
	size := len(x) / batches
	var means []float64
	for b := range batches {
		sum := 0.0
		for _, v := range x[b*size : (b+1)*size] {
			sum += v
		}
		means = append(means, sum/float64(size))
	}
	return ofMeans(means)
}

// mostMisses is how many of n intervals may miss the true value: a right simulator
// has more in less than one case of a hundred.
func mostMisses(n int) int {
	term := math.Pow(confidence, float64(n)) // the probability of k misses
	sum, k := term, 0
	for 1-sum > 0.01 {
		term *= float64(n-k) / float64(k+1) * (1 - confidence) / confidence
		k++
		sum += term
	}
	return k
}

func TestMostMisses(t *testing.T) {
	for n, want := range map[int]int{10: 1, 20: 2, 100: 4} { // tables of the binomial distribution
		if got := mostMisses(n); got != want {
			t.Errorf("of %d: %d misses, want %d", n, got, want)
		}
	}
}

// The interval of batch means holds the mean of independent values as often as it
// says.
func TestIntervals(t *testing.T) {
	s := stream(1, "intervals")
	misses := 0
	const tries = 2000
	for range tries {
		x := make([]float64, 400)
		for i := range x {
			x[i] = s.Unit()
		}
		if !ofRun(x).holds(0.5) {
			misses++
		}
	}
	// 20 are expected; the standard deviation is 4.4.
	if misses < 8 || misses > 38 {
		t.Errorf("%d of %d intervals missed", misses, tries)
	}
}
