package gil_test

import (
	"math"
	"slices"
	"syscall"
	"testing"
	"unsafe"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// What the meter costs a thread: slices of the same work with it and without it,
// on one OS thread, in the order with, without, without, with, which cancels a
// steady drift. A slice is timed by the CPU time of the thread, which leaves out
// what others take from it.
//
// The figure is the trimmed mean over the quadruples, in percent of the time
// without the meter, and its 95 % interval.
//
// Run is an iteration of a millisecond with ten blocking calls, as in a scenario;
// short is one of a tenth with one call; bare, an iteration that is nothing but a
// release and a take, is the worst there is.
func BenchmarkMeter(b *testing.B) {
	compute := func(t *gil.Thread) {
		kernel.Fib(t.Breaker(), 23, new(kernel.Pad)) // about 0.1 ms
		t.Yield()
	}
	b.Run("run", func(b *testing.B) {
		meterCost(b, 3, func(t *gil.Thread) {
			for range 10 {
				compute(t)
			}
		})
	})
	b.Run("short", func(b *testing.B) { meterCost(b, 30, compute) })
	b.Run("bare", func(b *testing.B) {
		meterCost(b, 10_000, func(t *gil.Thread) { t.Blocking(func() {}) })
	})
}

const (
	quadruples = 1000
)

// meterCost reports what the meter adds to slices of so many iterations of work.
func meterCost(b *testing.B, iterations int, work func(*gil.Thread)) {
	var extra []float64
	on(b, gil.ParkAuto, "cpython-3", func(t *gil.Thread) {
		meter := trace.NewMeter(trace.Window{End: math.MaxInt64}, 0, trace.RowsPerSecond)
		seq := int64(0)
		slice := func(m *trace.Meter) float64 {
			t.Lane().Use(m)
			begin := threadTime()
			for range iterations {
				start := t.Now()
				t.Lane().Begin(seq, start, start)
				work(t)
				t.Lane().End(t.Now(), 0, "")
				seq++
			}
			return math.Log(float64(threadTime() - begin))
		}
		slice(meter) // warms the caches
		for b.Loop() {
			for range quadruples {
				with := slice(meter)
				without := slice(nil)
				without += slice(nil)
				with += slice(meter)
				extra = append(extra, (with-without)/2)
			}
		}
	})
	mean, half := trimmedMean(extra)
	percent := func(x float64) float64 { return 100 * math.Expm1(x) }
	b.ReportMetric(percent(mean), "%-extra")
	b.ReportMetric(percent(mean-half), "%-from")
	b.ReportMetric(percent(mean+half), "%-to")
}

// trimmedMean returns the mean of x without its lowest and highest fifths, and
// half the width of its 95 % interval, from the winsorised variance (Tukey and
// McLaughlin 1963). It sorts x.
func trimmedMean(x []float64) (mean, half float64) {
	slices.Sort(x)
	n := len(x)
	cut := n / 5
	kept := x[cut : n-cut]
	for _, v := range kept {
		mean += v / float64(len(kept))
	}
	winsorised, variance := 0.0, 0.0
	for _, v := range x {
		winsorised += min(max(v, kept[0]), kept[len(kept)-1]) / float64(n)
	}
	for _, v := range x {
		d := min(max(v, kept[0]), kept[len(kept)-1]) - winsorised
		variance += d * d / float64(n-1)
	}
	return mean, 1.96 * math.Sqrt(variance/float64(n)) / (1 - 2*float64(cut)/float64(n))
}

// threadTime returns the CPU time of the calling OS thread in nanoseconds.
func threadTime() int64 {
	const clockThreadCPU = 3
	var ts syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockThreadCPU, uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano()
}

// The interval of trimmedMean covers the mean of a known sample, and no outlier
// moves either.
func TestTrimmedMean(t *testing.T) {
	x := []float64{-1e9, 1e9}
	for i := range 98 {
		x = append(x, 5+float64(i%7-3))
	}
	mean, half := trimmedMean(x)
	if math.Abs(mean-5) > 0.1 || half < 0.2 || half > 0.8 {
		t.Errorf("got %v ± %v", mean, half)
	}
}
