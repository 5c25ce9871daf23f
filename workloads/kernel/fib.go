package kernel

import "github.com/fibsim/fibsim/gil"

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

// Ticks that CPython 2.7 counts in one call of fib. A call that returns at once
// counts the entry of its frame and COMPARE_OP. Any other counts LOAD_GLOBAL,
// BINARY_SUBTRACT and CALL_FUNCTION twice each and BINARY_ADD besides; LOAD_FAST,
// LOAD_CONST and the jump over an exact boolean are among the opcodes that do not
// count (Python/ceval.c).
const (
	ticksOfCall      = 2
	ticksOfRecursion = 7
)

// FibTicks is Fib for a lock that counts ticks.
func FibTicks(t *gil.Thread, n int, p *Pad) uint64 {
	t.Tick(ticksOfCall)
	if p.on {
		p.spend()
	}
	if n <= 2 {
		return 1
	}
	t.Tick(ticksOfRecursion)
	return FibTicks(t, n-1, p) + FibTicks(t, n-2, p)
}

// Code computes for as long as that many calls of fib take, and looks at the breaker as
// often, or counts their ticks: the Python code of a library.
func Code(t *gil.Thread, calls int, p *Pad) {
	ticks, b := t.Runtime().Ticks() > 0, t.Breaker()
	for range calls {
		if ticks {
			t.Tick(ticksOfCall)
		} else {
			b.Check()
		}
		if p.on {
			p.spend()
		}
	}
}

// Bare is the recursion with nothing added, as compiled.
func Bare(n int) uint64 {
	if n <= 2 {
		return 1
	}
	return Bare(n-1) + Bare(n-2)
}

// Calls returns how many calls fib(n) makes: 2·fib(n) - 1.
func Calls(n int) int64 {
	a, b := int64(1), int64(1)
	for ; n > 2; n-- {
		a, b = b, a+b
	}
	return 2*b - 1
}
