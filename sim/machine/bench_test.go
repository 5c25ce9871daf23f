package machine

import (
	"testing"
	"time"

	"github.com/fibsim/fibsim/workloads"
)

// The speed of the simulator: a second of a scenario, and events per second.

func bench(b *testing.B, p *workloads.Program, c Config) {
	b.ReportAllocs()
	events := int64(0)
	for b.Loop() {
		r, err := Run(p, c, nil)
		if err != nil {
			b.Fatal(err)
		}
		events = fact(r, "events").(int64)
	}
	b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(events), "events")
}

// BenchmarkMixed is one second of the scenario mixed.
func BenchmarkMixed(b *testing.B) {
	p := underLock("cpython-3", time.Second, groupOf("crunch", 1, fibOf(30)), groupOf("quick", 2, sleepExp(25*ms), fibOf(12)))
	bench(b, p, Config{Scheduler: kernel()})
}

// BenchmarkClosedLoop is one second of a client that sends its next request when
// the reply to the last one is in.
func BenchmarkClosedLoop(b *testing.B) {
	p := withClients(underLock("cpython-3", time.Second), workloads.Client{Name: "fast", Count: 1, Request: 1, Samples: 100})
	bench(b, p, Config{Scheduler: kernel()})
}

// BenchmarkClosedLoopNative is the same without a lock, on goroutines.
func BenchmarkClosedLoopNative(b *testing.B) {
	if len(schedulers(true)) == 0 {
		b.Skip("no scheduler of goroutines")
	}
	p := withClients(underLock("none", time.Second), workloads.Client{Name: "fast", Count: 1, Request: 1, Samples: 100})
	bench(b, p, Config{Native: true, Kernel: kernel()})
}

// BenchmarkMillion is a million threads for a second: a thousand that compute, and
// the others sleep. There is no lock, since a million waiters that ask every 5 ms
// would be another matter.
func BenchmarkMillion(b *testing.B) {
	p := underLock("none", time.Second, groupOf("hog", 1000, fibOf(20)), groupOf("nap", 999_000, sleepExp(time.Second)))
	p.Threads[0].Samples, p.Threads[1].Samples = workloads.SampleNone, workloads.SampleNone
	bench(b, p, Config{Scheduler: kernel(), CPUs: 16})
}

// kernel is the default scheduler, or the first that there is.
func kernel() string {
	for _, name := range schedulers(false) {
		if name == defaultKernel {
			return name
		}
	}
	return schedulers(false)[0]
}
