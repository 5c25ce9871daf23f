package report

import (
	"math"
	"slices"
	"testing"
)

// oneTo returns a repetition with the latencies 1 to n.
func oneTo(n int) *run {
	r := &run{}
	for i := range n {
		r.latency = append(r.latency, int64(i+1))
	}
	return r
}

// The grid is sorted and has the shares that the tables name.
func TestGrid(t *testing.T) {
	if !slices.IsSorted(grid) || grid[0] <= 0 || grid[len(grid)-1] >= 1 {
		t.Errorf("from %v to %v", grid[0], grid[len(grid)-1])
	}
	for _, share := range []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 0.999, 0.9999, 0.999999} {
		if !slices.ContainsFunc(grid, func(g float64) bool { return math.Abs(g-share) < 1e-9 }) {
			t.Errorf("%v is missing", share)
		}
	}
}

// The latencies 1 to 1000 have their percentiles at 500, 900 and 990, with the
// order-statistic interval of the median at 469 and 532; beyond 99 % there are too few.
func TestCurve(t *testing.T) {
	c := newCurve(cell{"", "quick", "gil"}, []*run{oneTo(1000)})
	for share, want := range map[float64]string{0.5: "500 ns [469 ns, 532 ns]", 0.9: "900 ns [881 ns, 919 ns]", 0.99: "990 ns [983 ns, 997 ns]", 0.999: "–"} {
		if got := c.at(share, true); got != want {
			t.Errorf("%v: got %s, want %s", share, got, want)
		}
	}
	for i := 1; i < len(c.Value); i++ {
		if c.Value[i] < c.Value[i-1] || c.Low[i] > c.Value[i] || c.High[i] < c.Value[i] {
			t.Fatalf("at %v: %d in [%d, %d]", grid[i], c.Value[i], c.Low[i], c.High[i])
		}
	}
}

// Of several repetitions the median is told, from the lowest to the highest; where one
// has too few iterations there is no figure.
func TestCurveOfRepetitions(t *testing.T) {
	twice := oneTo(1000)
	for i := range twice.latency {
		twice.latency[i] *= 2
	}
	c := newCurve(cell{}, []*run{twice, oneTo(1000), oneTo(100)})
	if got, want := c.at(0.5, true), "500 ns [50.0 ns, 1.00 µs]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := c.at(0.99, true); got != "–" {
		t.Errorf("99 %% of a hundred: %s", got)
	}
	if c := newCurve(cell{}, []*run{{}}); len(c.Value) != 0 {
		t.Error("a curve of nothing")
	}
}

// Every iteration that ends in the window counts once, in its own stretch, also those
// that have no row.
func TestRates(t *testing.T) {
	r := &run{}
	for i := range int64(200) {
		r.ends = append(r.ends, end{at: i * 10, weight: 2})
	}
	c := cell{"", "quick", "gil"}
	got := rates(span{500, 1500}, []cell{c}, map[cell][]*run{c: {r}})[0]
	sum := 0.0
	for i, v := range got.Values {
		length := min(got.Step, 1000-int64(i)*got.Step)
		sum += v * float64(length) / 1e9
	}
	if math.Abs(sum-200) > 1e-6 {
		t.Errorf("%v iterations, want 200", sum)
	}
	if got.Start != 500 || len(got.Values) != 33 || got.Step != 31 {
		t.Errorf("from %d on, %d stretches of %d ns", got.Start, len(got.Values), got.Step)
	}
	if got := rates(span{500, 1500}, []cell{c}, map[cell][]*run{c: {{}}}); got != nil {
		t.Errorf("rates of nothing: %v", got)
	}
}
