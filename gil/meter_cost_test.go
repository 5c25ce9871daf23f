package gil_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// What the meters cost a run: pairs of runs with and without them, in turn, of a
// CPU-bound thread beside one that sleeps. The figure is the work that the two
// get done with meters, in percent of that without, in the median pair.
func BenchmarkMeter(b *testing.B) {
	var percent []float64
	for b.Loop() {
		on, off := workDone(b, false), workDone(b, true)
		percent = append(percent, 100*float64(on)/float64(off))
	}
	slices.Sort(percent)
	b.ReportMetric(percent[len(percent)/2], "%-of-work")
	b.ReportMetric(percent[0], "%-least")
	b.ReportMetric(percent[len(percent)-1], "%-most")
}

// workDone returns how many passes the threads make in a fifth of a second.
func workDone(b *testing.B, off bool) int {
	p, err := policy.New("cpython-3", map[string]any{"switch_interval": time.Millisecond})
	if err != nil {
		b.Fatal(err)
	}
	rt, err := gil.New(p, gil.Options{Off: off})
	if err != nil {
		b.Fatal(err)
	}
	defer rt.Close()
	const end = int64(200 * time.Millisecond)
	var crunched, polled int
	rt.Go("crunch", func(t *gil.Thread) {
		for seq := int64(0); t.Now() < end; seq++ {
			t.Lane().Begin(seq, t.Now(), t.Now())
			kernel.Fib(t.Breaker(), 20, new(kernel.Pad))
			t.Lane().End(t.Now(), 0, "")
			crunched++
		}
	})
	rt.Go("poll", func(t *gil.Thread) {
		for seq := int64(0); t.Now() < end; seq++ {
			t.Lane().Begin(seq, t.Now(), t.Now())
			t.Sleep(100_000)
			t.Lane().End(t.Now(), 100_000, "")
			polled++
		}
	})
	if err := rt.Wait(context.Background()); err != nil {
		b.Fatal(err)
	}
	return crunched + polled
}
