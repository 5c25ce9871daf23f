package kernel

import (
	"testing"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/workloads"
)

func BenchmarkFib(b *testing.B) {
	br := gil.NewBreaker(func() {})
	per := float64(workloads.FibCalls(25))
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			Bare(25)
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/per, "ns/call")
	})
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			checked(br, 25)
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/per, "ns/call")
	})
	for _, ns := range []float64{0, 5, 10, 25, 50} {
		b.Run("pad", func(b *testing.B) {
			c, err := Calibrate(ns, func(n int, p *Pad) uint64 { return Fib(br, n, p) })
			if err != nil {
				b.Fatal(err)
			}
			p := c.Pad
			for b.Loop() {
				Fib(br, 25, &p)
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/per, "ns/call")
			b.ReportMetric(c.Actual, "cal")
			b.ReportMetric(ns, "asked")
		})
	}
}

// checked is the bare recursion with a look at the breaker and nothing else.
func checked(b *gil.Breaker, n int) uint64 {
	b.Check()
	if n <= 2 {
		return 1
	}
	return checked(b, n-1) + checked(b, n-2)
}
