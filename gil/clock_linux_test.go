package gil

import (
	"testing"

	"github.com/fibsim/fibsim/internal/blocking"
)

// Go's readings and those that C stamps its events with are of one clock, to the nanoseconds that lie between two readings.
func TestMonotonicIsTheClockOfC(t *testing.T) {
	if now := Monotonic(); now == Monotonic() {
		t.Skip("the clock is too coarse")
	}
	for range 1000 {
		before, now, after := Monotonic(), blocking.Nanotime(), Monotonic()
		if now < before || now > after {
			t.Fatalf("%d lies outside %d to %d", now, before, after)
		}
	}
}
