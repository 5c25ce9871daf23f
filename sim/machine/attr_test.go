package machine

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/workloads"
)

// rivals runs two threads that compute on one CPU without a lock and returns the
// share of the first, and what was warned of.
func rivals(t *testing.T, scheduler string, first, second workloads.Sched) (share float64, warned string) {
	t.Helper()
	a, b := groupOf("a", 1, spinFor(200*us)), groupOf("b", 1, spinFor(200*us))
	a.Sched, b.Sched = first, second
	r := runs(t, underLock("none", time.Second, a, b), Config{CPUs: 1, Scheduler: scheduler, Costs: &Costs{}, Native: scheduler == "go"})
	for _, w := range r.Warnings {
		warned += w.Code + ": " + w.Message + "\n"
	}
	x, y := total(r, "a").Iterations, total(r, "b").Iterations
	return float64(x) / float64(x+y), warned
}

// Shares are those of the kernel's weights (sched_prio_to_weight in
// kernel/sched/core.c of Linux 6.12): 1024 for nice 0, 335 for 5.
func TestNiceIsAWeight(t *testing.T) {
	for _, scheduler := range []string{"eevdf", "cfs"} {
		share, warned := rivals(t, scheduler, workloads.Sched{}, workloads.Sched{Nice: 5})
		if want := 1024.0 / (1024 + 335); math.Abs(share-want) > 0.01 || warned != "" {
			t.Errorf("%s: got %.4f, want %.4f; %s", scheduler, share, want, warned)
		}
	}
}

// The thread with the higher priority has the CPU for itself.
func TestPriorityGoesFirst(t *testing.T) {
	for _, one := range []struct{ a, b, low, high float64 }{{1, 0, 1, 1}, {0, 1, 0, 0}} {
		share, warned := rivals(t, "priority", workloads.Sched{Priority: int(one.a)}, workloads.Sched{Priority: int(one.b)})
		if share < one.low || share > one.high || warned != "" {
			t.Errorf("priorities %v and %v: share %.4f; %s", one.a, one.b, share, warned)
		}
	}
}

// A longer slice changes no share, but how often threads take turns.
func TestSliceIsOfTheThread(t *testing.T) {
	switches := func(s workloads.Sched) (n int64) {
		a, b := groupOf("a", 1, spinFor(100*us)), groupOf("b", 1, spinFor(100*us))
		a.Sched, b.Sched = s, s
		r := runs(t, underLock("none", time.Second, a, b), Config{CPUs: 1, Scheduler: "eevdf", Costs: &Costs{}})
		// A thread that had to wait for its turn was ready for a while.
		for _, name := range []string{"a", "b"} {
			for _, row := range rows(r, name, 0) {
				if row.Ready > 0 {
					n++
				}
			}
		}
		return n
	}
	if short, long := switches(workloads.Sched{}), switches(workloads.Sched{Slice: 50 * time.Millisecond}); long*4 > short || long == 0 {
		t.Errorf("%d turns with the slice of the scheduler, %d with 50 ms", short, long)
	}
}

// What a scheduler does not obey is told, and changes nothing.
func TestIgnoredAttributes(t *testing.T) {
	told := workloads.Sched{Nice: 19, Priority: -3, Slice: time.Millisecond}
	for scheduler, obeyed := range map[string][]string{
		"eevdf": {"nice", "slice"}, "cfs": {"nice"}, "priority": {"priority"}, "rr": nil, "go": nil,
	} {
		share, warned := rivals(t, scheduler, workloads.Sched{}, told)
		for _, name := range told.Told() {
			want := "scheduling-ignored: the scheduler " + scheduler + " knows no " + name + ", so that of b changes nothing there\n"
			if strings.Contains(warned, want) == slices.Contains(obeyed, name) {
				t.Errorf("%s, %s: warned of %q", scheduler, name, warned)
			}
		}
		if len(obeyed) == 0 && math.Abs(share-0.5) > 0.02 {
			t.Errorf("%s: share %.3f", scheduler, share)
		}
	}
}
