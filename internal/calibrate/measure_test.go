package calibrate

import (
	"context"
	"errors"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/others"
	"github.com/fibsim/fibsim/sim/machine"
)

// What a measurement comes to is sound, whatever the host is: within the bounds of
// the costs, with spreads that rise, and complete but for what this system cannot
// measure. Nothing is left behind: no thread, no setting of the runtime.
func TestHost(t *testing.T) {
	defer func(n int) { rounds = n }(rounds)
	rounds = 1
	procs, threads := runtime.GOMAXPROCS(0), osThreads()
	last := 0
	m, err := Host(t.Context(), Options{CPUTime: noOthers, Progress: func(step, steps int, what string) {
		if step != last+1 || step > steps || what == "" {
			t.Errorf("step %d of %d: %q", step, steps, what)
		}
		last = step
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Costs.Check(); err != nil {
		t.Error(err)
	}
	if got := len(m.Names) + len(m.Absent); got != len(m.Costs.Fields()) || last == 0 {
		t.Errorf("%d costs in %d steps", got, last)
	}
	for _, name := range []string{"clock", "fib_call", "hash_kib", "go_switch", "release_take", "wobble"} {
		if !contains(m.Names, name) {
			t.Errorf("%s was not measured", name)
		}
	}
	if contains(m.Names, "wake_busy") { // there were two CPUs to run the race on
		for _, name := range []string{"noticed", "settle", "settle_short", "settle_long", "settle_warm", "settle_warm_short", "settle_warm_long", "after_wait", "after_wait_short", "after_wait_long", "timer_slack", "timer_busy", "stall_every", "stall"} {
			if !contains(m.Names, name) {
				t.Errorf("%s was not measured", name)
			}
		}
	}
	t.Logf("%+v\nabsent: %v", *m.Costs, m.Absent)
	if runtime.GOMAXPROCS(0) != procs {
		t.Errorf("GOMAXPROCS is %d, was %d", runtime.GOMAXPROCS(0), procs)
	}
	if percent := debug.SetGCPercent(100); percent != 100 {
		t.Errorf("the garbage collector is set to %d", percent)
	}
	// Threads of the Go runtime's own come and stay, on a busy host dozens; those of
	// measurements, a hundred at a time, must not.
	for i := 0; osThreads() > threads+80 && i < 100; i++ {
		time.Sleep(10 * time.Millisecond)
	}
	if n := osThreads(); n > threads+80 {
		t.Errorf("%d threads, %d before", n, threads)
	}
}

func TestHostIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	m, err := Host(ctx, Options{Progress: func(step, _ int, _ string) {
		if steps = step; step == 2 {
			cancel()
		}
	}})
	if m != nil || !errors.Is(err, context.Canceled) || steps > 2 {
		t.Errorf("got %v, %v after step %d", m, err, steps)
	}
}

// Quantiles are values of the sample, as its definition says.
func TestQuantiles(t *testing.T) {
	s := sorted([]int64{5, 1}, []int64{3, 2, 4})
	for q, want := range map[float64]int64{0: 1, 0.1: 1, 0.2: 2, 0.5: 3, 0.9: 5, 1: 5} {
		if got := s.Quantile(q); got != want {
			t.Errorf("%g: got %d, want %d", q, got, want)
		}
	}
	if Sample(nil).Median() != 0 {
		t.Error("the median of nothing")
	}
}

// A burst of other work in less than half of the rounds does not show in a spread.
func TestSpreadOfRounds(t *testing.T) {
	calm, burst := Sample{1, 2, 3, 4, 5}, Sample{100, 200, 300, 400, 500}
	want := machine.Spread{Min: 1, P10: 1, P50: 3, P90: 5, P99: 5, Max: 5}
	if got := spreadOf([]Sample{burst, calm, calm, burst, calm}); got != want {
		t.Errorf("got %+v", got)
	}
}

// A request is answered by the next letting go on request. One that the holder
// forestalled by letting go for reasons of its own is none.
func TestAnswers(t *testing.T) {
	log := &trace.Log{Events: []trace.Event{
		{Time: 10, Kind: trace.Request}, {Time: 13, Kind: trace.Forced},
		{Time: 20, Kind: trace.Request}, {Time: 21, Kind: trace.Release}, {Time: 25, Kind: trace.Forced},
		{Time: 30, Kind: trace.Request}, {Time: 31, Kind: trace.Forced}, {Time: 40, Kind: trace.Forced},
	}}
	if got := answers(log); len(got) != 2 || got[0] != 1 || got[1] != 3 {
		t.Errorf("got %v", got)
	}
}

// noOthers is of a host that does not tell.
func noOthers() (others.Used, bool) { return others.Used{}, false }

func contains(list []string, name string) bool {
	for _, s := range list {
		if s == name {
			return true
		}
	}
	return false
}

// osThreads returns how many threads this process has, 0 where the system does not
// tell.
func osThreads() int {
	entries, _ := os.ReadDir("/proc/" + strconv.Itoa(os.Getpid()) + "/task")
	return len(entries)
}

// A pace is the best of the first runs, whether the moment is quick or slow, and a program meets
// both: with as many quick stretches as slow ones, which take twice as long, the mean of all is
// 1.5 quick ones, and the best ones are at √2 in the mean.
func TestWobbleIsBeyondThePace(t *testing.T) {
	type stretch struct{ first, later []int64 }
	quick := stretch{[]int64{1e6, 1e6}, []int64{1e6, 1e6, 1e6}}
	slow := stretch{[]int64{2e6, 2e6}, []int64{2e6, 2e6, 2e6}}
	mixed := stretch{[]int64{3e6, 1e6}, []int64{1e6, 2e6, 3e6}}
	slept := stretch{[]int64{3e6, 3e6}, []int64{1e6, 2e6, 3e6}}
	for _, c := range []struct {
		name      string
		stretches []stretch
		want      float64
	}{
		{"quick", []stretch{quick, quick}, 0},
		{"two speeds", []stretch{quick, slow}, 1.5/math.Sqrt2 - 1},
		{"within stretches", []stretch{mixed, mixed}, 1},
		{"slower at first", []stretch{slept}, 0},
	} {
		var l longRun
		for _, s := range c.stretches {
			l.add(s.first, s.later)
		}
		if got := l.wobble(); math.Abs(got-1e6*c.want) > 1 {
			t.Errorf("%s: %v, want %v", c.name, got, 1e6*c.want)
		}
	}
}
