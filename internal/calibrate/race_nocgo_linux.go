//go:build !cgo

package calibrate

import (
	"context"
	"time"
)

// requests needs the C library. Without it noticed is left to the last step.
func (s system) requests(context.Context, *figures) error { return nil }

// race needs the C library. Without it settle is the part of the kernel alone.
func (s system) race(ctx context.Context, f *figures) error {
	for _, name := range [...]string{"settle", "settle_short", "settle_long", "settle_warm", "settle_warm_short", "settle_warm_long"} {
		f.set(name, float64(f.costs.FallAsleep))
	}
	var work []Sample
	for range rounds {
		was, err := runRace(ctx, 5*time.Millisecond, 250*time.Millisecond, 2, s.place)
		if err != nil {
			return err
		}
		work = append(work, was.firstWork(f.costs, false)...)
	}
	for _, field := range [...]string{"after_wait", "after_wait_short", "after_wait_long"} {
		f.spread(field, work)
	}
	return nil
}
