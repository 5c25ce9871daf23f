package live

import (
	"runtime/metrics"

	"github.com/fibsim/fibsim/gil/trace"
)

// delays watches what Go's scheduler adds to a run: the times for which a goroutine
// that could go on had to wait for a P. A thread that has the interpreter's lock is
// made to wait so when sysmon finds that it has run for ten milliseconds, and one
// that returns from a system call when its P was handed off meanwhile. Those of the
// goroutine that keeps the monitor from sleeping are among them (package gil), 100 a second.
//
// The runtime keeps a histogram of a sample of them, about one in eight.
type delays struct{ before *metrics.Float64Histogram }

const delayMetric = "/sched/latencies:seconds"

// leastDelay is the shortest, in seconds, that counts: who gets a P at once is in
// the runtime's histogram, too.
const leastDelay = 1e-6

func watchDelays() delays { return delays{readDelays()} }

// facts says how many delays the runtime has seen since, and how long they were.
func (d delays) facts() []trace.Fact {
	n, p50, p99 := between(d.before, readDelays())
	return []trace.Fact{
		{Name: "go_delays_sampled", Value: n},
		{Name: "go_delay_p50_ns", Value: p50},
		{Name: "go_delay_p99_ns", Value: p99},
	}
}

func readDelays() *metrics.Float64Histogram {
	sample := []metrics.Sample{{Name: delayMetric}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return new(metrics.Float64Histogram) // a runtime without this metric
	}
	return sample[0].Value.Float64Histogram()
}

// between returns how many delays after has beyond before, and the lower ends, in
// ns, of the buckets in which their median and 99th percentile are.
func between(before, after *metrics.Float64Histogram) (n, p50, p99 int64) {
	more := func(i int) int64 {
		if after.Buckets[i] < leastDelay {
			return 0
		}
		c := int64(after.Counts[i])
		if i < len(before.Counts) {
			c -= int64(before.Counts[i])
		}
		return c
	}
	for i := range after.Counts {
		n += more(i)
	}
	below := int64(0)
	for i := range after.Counts {
		c := more(i)
		lower := int64(after.Buckets[i] * 1e9)
		if below*2 < n && (below+c)*2 >= n {
			p50 = lower
		}
		if below*100 < n*99 && (below+c)*100 >= n*99 {
			p99 = lower
		}
		below += c
	}
	return n, p50, p99
}
