//go:build !cgo

package calibrate

import "context"

// race needs the C library. Without it settle is the part of the kernel alone, and
// noticed is left to the step of that name.
func (s system) race(_ context.Context, f *figures) error {
	var wake float64
	alone(s.b, func() { wake = emptyWakeCost() })
	// Half of a call that wakes is over when it looks for a sleeper.
	f.set("settle", float64(settle(s.a, s.b))+wake/2)
	return nil
}
