//go:build linux && cgo

package calibrate

// #cgo LDFLAGS: -pthread
// #include "race.h"
import "C"

import (
	"context"
	"errors"
	"time"

	"github.com/fibsim/fibsim/sim/machine"
)

const (
	races    = 60 // in each round
	raceWork = 4 * time.Millisecond
)

// race finds out how long a request takes until the holder has signalled, and how
// long a thread that has just queued can still take that signal: C code with CPython's
// own primitives, since microseconds decide.
//
// The second is not measured as a length. What counts is how often such a thread
// has the signal although another has slept on the condition variable for long, and
// settle is the length that makes it as often in the model: the quantile of noticed
// at that share.
func (s system) race(ctx context.Context, f *figures) error {
	var stolen, all int
	noticed, err := repeated(func() (Sample, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		lengths := make([]C.int64_t, races)
		n := C.calibrate_race(races, C.int64_t(raceWork), &lengths[0])
		if n < 0 {
			return nil, errors.New("the system gives no more threads; end other programs, or raise the limit of processes (ulimit -u)")
		}
		stolen, all = stolen+int(n), all+races
		values := make([]int64, races)
		for i, l := range lengths {
			values[i] = int64(l)
		}
		return sorted(values), nil
	})
	if err != nil {
		return err
	}
	f.spread("noticed", noticed)
	f.set("settle", float64(settleOf(&f.costs.Noticed, float64(stolen)/float64(all))))
	return nil
}

// settleOf returns the length below which a share of the spread lies, and just
// beyond its ends for a share of nothing or all.
func settleOf(s *machine.Spread, share float64) int64 {
	if share >= 1 {
		return s.Max + 1
	}
	return s.At(share)
}
