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
	races      = 40 // in each round
	raceWork   = 4 * time.Millisecond
	raceRounds = 16 // with threads of their own: how the race goes changes with where they are
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
	var stolen int
	noticed := make([]Sample, raceRounds)
	for i := range noticed {
		if err := ctx.Err(); err != nil {
			return err
		}
		lengths := make([]C.int64_t, races)
		n := C.calibrate_race(races, C.int64_t(raceWork), &lengths[0])
		if n < 0 {
			return errors.New("the system gives no more threads; end other programs, or raise the limit of processes (ulimit -u)")
		}
		stolen += int(n)
		values := make([]int64, races)
		for k, l := range lengths {
			values[k] = int64(l)
		}
		noticed[i] = sorted(values)
	}
	f.spread("noticed", noticed)
	f.set("settle", float64(settleOf(&f.costs.Noticed, float64(stolen)/(races*raceRounds))))
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
