package live

import (
	"math"
	"runtime"
	"runtime/metrics"
	"testing"
)

// Only what came since counts, and only what waited at all.
func TestDelaysBetween(t *testing.T) {
	buckets := []float64{math.Inf(-1), 0, 1e-6, 1e-5, 1e-3, math.Inf(1)}
	before := &metrics.Float64Histogram{Counts: []uint64{0, 100, 7, 1, 0}, Buckets: buckets}
	after := &metrics.Float64Histogram{Counts: []uint64{0, 900, 7, 99, 2}, Buckets: buckets}
	if n, p50, p99 := between(before, after); n != 100 || p50 != 10_000 || p99 != 1_000_000 {
		t.Errorf("got %d delays, p50 %d ns, p99 %d ns", n, p50, p99)
	}
	if n, p50, p99 := between(after, after); n != 0 || p50 != 0 || p99 != 0 {
		t.Errorf("nothing happened: got %d delays, p50 %d ns, p99 %d ns", n, p50, p99)
	}
	if n, _, _ := between(new(metrics.Float64Histogram), before); n != 8 {
		t.Errorf("without a histogram before: got %d delays", n)
	}
}

// Goroutines that queue for one P are seen to wait.
func TestDelaysSeesGoroutinesWait(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	watch := watchDelays()
	done := make(chan bool)
	const goroutines = 200
	for range goroutines {
		go func() {
			for range 100_000 { // some tenths of a millisecond in all the others
				runtime.KeepAlive(watch)
			}
			done <- true
		}()
	}
	for range goroutines {
		<-done
	}
	facts := watch.facts()
	if n := facts[0].Value.(int64); n == 0 || n > goroutines*2 {
		t.Errorf("%d delays of %d goroutines seen", n, goroutines)
	}
	if p50, p99 := facts[1].Value.(int64), facts[2].Value.(int64); p50 < 1000 || p99 < p50 {
		t.Errorf("p50 %d ns, p99 %d ns", p50, p99)
	}
}
