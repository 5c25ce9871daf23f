package predict

import (
	"context"
	"errors"
	"testing"

	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/sim/machine"
)

// A run that makes more events than are allowed is given up, always at the same one;
// what it had is reported.
func TestMost(t *testing.T) {
	s, err := scenarios.Parse("x.yaml", []byte("{version: 1, name: x, duration: 1s, threads: [{name: a, body: [{sleep: 10us}]}]}"))
	if err != nil {
		t.Fatal(err)
	}
	var events []any
	for range 2 {
		b := NewGIL()
		b.Most = 5000
		r, err := b.Run(context.Background(), s.Variants[0].Program, session.Options{})
		if !errors.Is(err, machine.ErrTooLong) || r == nil {
			t.Fatalf("got %v, %v", r, err)
		}
		events = append(events, fact(r, "events"))
	}
	if n, ok := events[0].(int64); !ok || n < 5000 || n > 15_000 || events[0] != events[1] {
		t.Errorf("given up after %v events", events)
	}
}
