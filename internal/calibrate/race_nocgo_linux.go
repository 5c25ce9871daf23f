//go:build !cgo

package calibrate

import "context"

// race needs the C library. Without it settle is the part of the kernel alone, and
// noticed is left to the step of that name.
func (s system) race(_ context.Context, f *figures) error {
	f.set("settle", float64(f.costs.FallAsleep))
	f.set("settle_short", float64(f.costs.FallAsleep))
	return nil
}
