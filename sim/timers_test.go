package sim

import (
	"math"
	"slices"
	"testing"

	"github.com/fibsim/fibsim/workloads"
)

// Whatever is set and cleared, the first is the least by (time, slot). The spreads
// reach beyond the horizon, before the epoch and to both ends of time.
func TestTimersAgainstOracle(t *testing.T) {
	for setting, spread := range []int64{1, 3, 1000, 1 << 40, 1 << 50, 1 << 62, math.MaxInt64} {
		for _, n := range []int{1, 2, 3, 5, 8, 1000, 5000} {
			s := workloads.NewStream(uint64(n), "timers", setting, "test")
			timers, times := NewTimers(n), make([]int64, n)
			for i := range times {
				times[i] = Never
			}
			for range 300 {
				slot := int(s.Uint64() % uint64(n))
				switch s.Uint64() % 8 {
				case 0:
					timers.Clear(slot)
					times[slot] = Never
				case 1, 2: // the first moves on
					slot, _ = timers.First()
					fallthrough
				default:
					base := min(times[slot], Never-spread)
					times[slot] = base + int64(s.Uint64()%uint64(spread))
					if s.Uint64()%4 == 0 {
						times[slot] = int64(s.Uint64() % uint64(spread))
					}
					timers.Set(slot, times[slot])
				}
				least := slices.Min(times)
				slot, time := timers.First()
				if time != least || time != Never && slot != slices.Index(times, least) || timers.At(slot) != times[slot] {
					t.Fatalf("%d timers, spread %d: slot %d at %d, want %d at %d", n, spread, slot, time, slices.Index(times, least), least)
				}
			}
		}
	}
}

// Timers that are added are not set, and those that were there stay as they are.
func TestTimersGrow(t *testing.T) {
	timers := NewTimers(0)
	if _, time := timers.First(); time != Never || timers.Len() != 0 {
		t.Errorf("no timer is set for %d", time)
	}
	for n := 1; n < 40; n++ {
		timers.Grow(n)
		timers.Set(n-1, int64(100-n))
		timers.Grow(n / 2) // there are more
		if slot, time := timers.First(); slot != n-1 || time != int64(100-n) || timers.Len() != n {
			t.Fatalf("of %d timers %d is the first, at %d", timers.Len(), slot, time)
		}
	}
}

func TestTimersDoNotAllocate(t *testing.T) {
	timers, s := NewTimers(1000), workloads.NewStream(1, "timers", 0, "allocations")
	if n := testing.AllocsPerRun(10, func() {
		for range 10_000 {
			slot, time := timers.First()
			timers.Set(slot, time&(1<<60-1)+int64(s.Uint64()>>8)) // the epoch moves now and then
			timers.Clear(int(s.Uint64() % 1000))
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
