package machine

import (
	"testing"
	"time"
)

// With a grid, timers that are due close to each other end together at its next
// multiple, as coalesced ones do in macOS; without one each ends at its own time.
func TestTimerGrid(t *testing.T) {
	ends := func(grid time.Duration) (a, b int64) {
		c := &Costs{TimerGrid: int64(grid)}
		p := underLock("none", 10*ms, groupOf("a", 1, sleepFor(1010*us)), groupOf("b", 1, sleepFor(1030*us)))
		r := runs(t, p, Config{Costs: c, CPUs: 2})
		return rows(r, "a", 0)[0].End, rows(r, "b", 0)[0].End
	}
	if a, b := ends(50 * us); a != int64(1050*us) || b != a {
		t.Errorf("on a grid of 50 µs they end at %d and %d", a, b)
	}
	if a, b := ends(0); a != int64(1010*us) || b != int64(1030*us) {
		t.Errorf("without a grid they end at %d and %d", a, b)
	}
}

// A timer that is due on the grid ends there, and none ends early.
func TestOnGrid(t *testing.T) {
	c := &Costs{TimerGrid: 100}
	for due, want := range map[int64]int64{0: 0, 1: 100, 99: 100, 100: 100, 101: 200} {
		if got := c.onGrid(due); got != want {
			t.Errorf("due at %d: ends at %d, want %d", due, got, want)
		}
	}
}
