//go:build linux && cgo

package calibrate

// #cgo LDFLAGS: -pthread
// #include "race.h"
import "C"

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/fibsim/fibsim/sim/machine"
)

const (
	raceRounds   = 12 // with threads of their own: how the race goes changes with where they are
	raceLength   = 250 * time.Millisecond
	raceInterval = 5 * time.Millisecond
	raceMost     = 1000 // more than a round has requests
)

// race finds out how long a request takes until the holder is about to signal, and
// how long a thread that has just queued can still take that signal: by the lock of
// CPython 3 in small, in C with CPython's own primitives, since microseconds decide.
//
// The second is not measured as a length. What counts is how often such a thread
// has the signal although another has slept on the condition variable for long, and
// settle is the length that makes it as often in the model: the quantile of noticed
// at that share.
func (s system) race(ctx context.Context, f *figures) error {
	var own, others int
	noticed := make([]Sample, raceRounds)
	for i := range noticed {
		if err := ctx.Err(); err != nil {
			return err
		}
		lengths := make([]C.int64_t, raceMost)
		var pin runtime.Pinner
		pin.Pin(&lengths[0])
		result := C.calibrate_race_result{most: raceMost, noticed: &lengths[0]}
		err := C.calibrate_race(C.int64_t(raceLength), C.int64_t(raceInterval), &result)
		pin.Unpin()
		if err != 0 {
			return errors.New("the system gives no more threads; end other programs, or raise the limit of processes (ulimit -u)")
		}
		own, others = own+int(result.own), others+int(result.others)
		values := make([]int64, result.n)
		for k := range values {
			values[k] = int64(lengths[k])
		}
		noticed[i] = sorted(values)
	}
	f.spread("noticed", noticed)
	if own+others > 0 {
		f.set("settle", float64(settleOf(&f.costs.Noticed, float64(own)/float64(own+others))))
	}
	return nil
}

// settleOf returns the length below which a share of the spread lies, and just
// beyond its end for all of it.
func settleOf(s *machine.Spread, share float64) int64 {
	if share >= 1 {
		return s.Max + 1
	}
	return s.At(share)
}
