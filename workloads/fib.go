package workloads

// FibCalls returns how many calls the naive recursion of fib(n) makes: 2·fib(n) - 1. It
// is exact for n to 90.
func FibCalls(n int) int64 {
	a, b := int64(1), int64(1)
	for ; n > 2; n-- {
		a, b = b, a+b
	}
	return 2*b - 1
}

// Ticks that CPython 2.7 counts in one call of fib. A call that returns at once
// counts the entry of its frame and COMPARE_OP. Any other counts LOAD_GLOBAL,
// BINARY_SUBTRACT and CALL_FUNCTION twice each and BINARY_ADD besides; LOAD_FAST,
// LOAD_CONST and the jump over an exact boolean are among the opcodes that do not
// count (Python/ceval.c).
const (
	FibTicks          = 2 // of each call
	FibRecursionTicks = 7 // of a call that calls, besides
)
