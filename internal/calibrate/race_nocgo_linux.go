//go:build !cgo

package calibrate

import "context"

// race needs the C library. Without it settle is the part of the kernel alone, and
// noticed is left to the step of that name.
func (s system) race(_ context.Context, f *figures) error {
	for _, name := range [...]string{"settle", "settle_short", "settle_warm"} {
		f.set(name, float64(f.costs.FallAsleep))
	}
	return nil
}
