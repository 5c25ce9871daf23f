package results

import (
	"math"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
)

func near(t *testing.T, what string, c Cell, want float64) {
	t.Helper()
	if got, ok := c.Value(); !ok || math.Abs(got-want) > 1e-9*math.Abs(want) {
		t.Errorf("%s: got %v (known: %v), want %v", what, got, ok, want)
	}
}

func TestIndexOfOneRun(t *testing.T) {
	index, ok := newIndex([][]point{{{"long", 1000, 2}, {"short", 10, 8}}})
	if !ok || index.Short != "short" || index.Long != "long" || index.Runs != 1 {
		t.Fatalf("got %+v, %v", index, ok)
	}
	near(t, "index", index.Value, 4)
	if index.Low != (Cell{}) || index.High != (Cell{}) || index.Slope != (Cell{}) {
		t.Errorf("one run has no interval and two groups no slope: %+v", index)
	}
}

// Over repetitions: the geometric mean, and the t interval of the logarithm.
// Student's t for 95 % with 2 degrees of freedom is 4.302653 (any table).
func TestIndexOverRepetitions(t *testing.T) {
	var reps [][]point
	for _, fci := range []float64{2, 4, 8} {
		reps = append(reps, []point{{"short", 1, fci}, {"long", 100, 1}})
	}
	index, _ := newIndex(reps)
	near(t, "index", index.Value, 4)
	half := 4.302652730 * math.Ln2 / math.Sqrt(3)
	near(t, "low", index.Low, 4*math.Exp(-half))
	near(t, "high", index.High, 4*math.Exp(half))
}

// Slowdown falling as the square root of demand is a slope of -1/2.
func TestSlopeOfThreeGroups(t *testing.T) {
	index, _ := newIndex([][]point{{{"a", 1, 30}, {"c", 10000, 0.3}, {"b", 100, 3}}})
	near(t, "index", index.Value, 100)
	near(t, "slope", index.Slope, -0.5)
}

func TestIndexNeedsTwoDemands(t *testing.T) {
	for name, points := range map[string][]point{
		"no group": nil, "one group": {{"a", 1, 2}}, "equal demands": {{"a", 1, 2}, {"b", 1, 3}},
	} {
		if index, ok := newIndex([][]point{points}); ok {
			t.Errorf("%s: got %+v", name, index)
		}
	}
}

// A backend that does not see states has the demand taken from the delay, and a
// group that never computes has no place in the index.
func TestDemand(t *testing.T) {
	rep := gilReport("quick", meterOf(window, even(20, 50_000, 49_000)...))
	seen := newRow("demo", gilRun(1, 1), rep, &rep.Groups[0])
	if seen.demand != 1000 {
		t.Errorf("run and nogil: got %v", seen.demand)
	}
	waiting := trace.Sample{Intended: window.Start, Start: window.Start, End: window.Start + 500, Planned: 100, Run: 100, NoGIL: 50, WaitGIL: 250}
	rep = gilReport("quick", meterOf(window, waiting))
	if got := newRow("demo", gilRun(1, 1), rep, &rep.Groups[0]).demand; got != 150 {
		t.Errorf("run and nogil without waits: got %v", got)
	}
	rep.States = false
	if got := newRow("demo", gilRun(1, 1), rep, &rep.Groups[0]).demand; got != 400 {
		t.Errorf("latency beyond the planned sleep: got %v", got)
	}
	w := mustOpen(t, testConfig())
	sleeper := gilReport("quick", meterOf(window, trace.Sample{Intended: window.Start, Start: window.Start, End: window.Start + 10, Blocked: 10}))
	mustAdd(t, w, aloneRun("quick", 1), sleeper)
	mustAdd(t, w, gilRun(1, 2), sleeper)
	if points := w.points(w.rows[1:]); len(points) != 0 {
		t.Errorf("a group without demand: got %v", points)
	}
}

func TestSlowdownIsMissingWithoutABaseline(t *testing.T) {
	w := mustOpen(t, testConfig())
	mustAdd(t, w, gilRun(1, 1), gilReport("crunch", meterOf(window, even(20, 100_000, 0)...)))
	if c := w.rows[0].Get("slowdown_ratio"); c != (Cell{}) {
		t.Errorf("got %v", c)
	}
}
