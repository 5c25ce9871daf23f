package kernel

import (
	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/workloads"
)

// Fib computes fib(n) by the naive recursion, 1 for n <= 2. At every call it
// looks at the breaker and spends what the pad adds.
func Fib(b *gil.Breaker, n int, p *Pad) uint64 {
	b.Check()
	if p.on {
		p.spend()
	}
	if n <= 2 {
		return 1
	}
	return Fib(b, n-1, p) + Fib(b, n-2, p)
}

// FibTicks is Fib for a lock that counts ticks.
func FibTicks(t *gil.Thread, n int, p *Pad) uint64 {
	t.Tick(workloads.FibTicks)
	if p.on {
		p.spend()
	}
	if n <= 2 {
		return 1
	}
	t.Tick(workloads.FibRecursionTicks)
	return FibTicks(t, n-1, p) + FibTicks(t, n-2, p)
}

// Bare is the recursion with nothing added, as compiled.
func Bare(n int) uint64 {
	if n <= 2 {
		return 1
	}
	return Bare(n-1) + Bare(n-2)
}
