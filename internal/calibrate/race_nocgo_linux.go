//go:build !cgo

package calibrate

import (
	"context"
	"time"

	"github.com/fibsim/fibsim/sim/machine"
)

// requests needs the C library. Without it noticed is left to the last step.
func (s system) requests(context.Context, *figures) error { return nil }

// heats needs the C library. Without it settle is the part of the kernel alone, and what is measured is the first work after a wait.
type heats struct {
	system
	work []Sample
}

func (h *heats) rounds() int { return rounds }

func (h *heats) round(ctx context.Context, f *figures) error {
	was, err := runRace(ctx, machine.MiddleInterval, 250*time.Millisecond, 2, h.place)
	h.work = append(h.work, was.firstWork(f.costs, false)...)
	return err
}

func (h *heats) finish(_ context.Context, f *figures) error {
	for _, name := range [...]string{"settle", "settle_short", "settle_long", "settle_warm", "settle_warm_short", "settle_warm_long"} {
		f.set(name, float64(f.costs.FallAsleep))
	}
	for _, field := range [...]string{"after_wait", "after_wait_short", "after_wait_long"} {
		f.pooled(field, h.work)
	}
	return nil
}
