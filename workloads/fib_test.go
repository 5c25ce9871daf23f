package workloads

import "testing"

// FibCalls agrees with counting.
func TestFibCalls(t *testing.T) {
	var calls func(n int) int64
	calls = func(n int) int64 {
		if n <= 2 {
			return 1
		}
		return 1 + calls(n-1) + calls(n-2)
	}
	for n := range 20 {
		if got, want := FibCalls(n), calls(n); got != want {
			t.Errorf("fib(%d) makes %d calls, not %d", n, want, got)
		}
	}
	if got := FibCalls(90); got != 2*2880067194370816120-1 {
		t.Errorf("fib(90) makes %d calls", got)
	}
}
