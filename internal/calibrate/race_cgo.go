//go:build linux && cgo

package calibrate

// #cgo LDFLAGS: -pthread
// #include "requests.h"
import "C"

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/sim/machine"
)

const (
	raceRounds = 12 // with threads of their own: how the race goes changes with where they are
	raceLength = 250 * time.Millisecond

	requestRounds   = 4
	requestInterval = 5 * time.Millisecond
	requestMost     = 1000 // more than a round has
)

// races are the two intervals under which the race is run, that of CPython and a short one.
// A round has five times as many requests under that, so every other round will do.
var races = [...]struct {
	field    string
	interval time.Duration
	every    int // rounds
}{{"settle", 5 * time.Millisecond, 1}, {"settle_short", time.Millisecond, 2}}

// race finds out how long a request takes until the holder has the mutex to signal, and
// for how long a thread that has just queued can still take that signal.
//
// The second is not measured as a length. What counts is how often the one who asked has
// the signal although another has slept on the condition variable for long, and
// settle is the length that makes it as often in the model: the quantile of noticed
// at that share. The share is that of the lock of package gil, which caches and neighbours
// change as they change CPython's. Calls of fib are not padded: in four pairs of runs with
// 5 ms the share was the same within 0.03 when they were, and with 1 ms within 0.11, as far
// as one such run was from the next.
func (s system) race(ctx context.Context, f *figures) error {
	noticed, err := requests(ctx)
	if err != nil {
		return err
	}
	f.spread("noticed", noticed)
	var own, all [len(races)]int
	for round := range raceRounds {
		for i, r := range races {
			if round%r.every != 0 {
				continue
			}
			mine, of, err := signals(ctx, r.interval, raceLength)
			if err != nil {
				return err
			}
			own[i], all[i] = own[i]+mine, all[i]+of
		}
	}
	for i, r := range races {
		if all[i] > 0 {
			f.set(r.field, float64(settleOf(&f.costs.Noticed, float64(own[i])/float64(all[i]))))
		}
	}
	return nil
}

// requests returns how long requests take until the holder has the mutex under which it
// signals, in C, since nothing is to stand between the two.
func requests(ctx context.Context) ([]Sample, error) {
	noticed := make([]Sample, requestRounds)
	for i := range noticed {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		lengths := make([]C.int64_t, requestMost)
		var pin runtime.Pinner
		pin.Pin(&lengths[0])
		result := C.calibrate_requests_result{most: requestMost, noticed: &lengths[0]}
		err := C.calibrate_requests(C.int64_t(raceLength), C.int64_t(requestInterval), &result)
		pin.Unpin()
		if err != 0 {
			return nil, errors.New("the system gives no more threads; end other programs, or raise the limit of processes (ulimit -u)")
		}
		values := make([]int64, result.n)
		for k := range values {
			values[k] = int64(lengths[k])
		}
		noticed[i] = sorted(values)
	}
	return noticed, nil
}

// signals has two threads compute next to one that sleeps 1 ms at a time, and returns how
// many of the requests that the two made while the third waited gave the lock to the one
// who asked, and how many there were.
func signals(ctx context.Context, interval, length time.Duration) (own, all int, err error) {
	rt, err := runtimeOf(interval, gil.Options{Keep: true})
	if err != nil {
		return 0, 0, err
	}
	defer rt.Close()
	until := gil.Monotonic() + int64(length)
	rt.Go("poller", func(t *gil.Thread) {
		for gil.Monotonic() < until {
			t.Sleep(int64(time.Millisecond))
		}
	})
	twoCompute(rt, until)
	if err := rt.Wait(ctx); err != nil {
		return 0, 0, err
	}
	own, all = signalsOf(rt.Log(make([]trace.Thread, len(rt.Threads()))), 0)
	return own, all, nil
}

// signalsOf counts the requests that others made while the poller waited: those after
// which the one who asked was the next to have the lock, and all.
func signalsOf(log *trace.Log, poller int32) (own, all int) {
	const nobody = -1
	waits, asker := false, int32(nobody)
	for _, e := range log.Events {
		switch e.Kind {
		case trace.Ask:
			waits = waits || e.Thread == poller
		case trace.Request:
			asker = nobody
			if waits && e.Thread != poller {
				asker = e.Thread
			}
		case trace.Take:
			if asker != nobody {
				if all++; e.Thread == asker {
					own++
				}
			}
			waits, asker = waits && e.Thread != poller, nobody
		}
	}
	return own, all
}

// settleOf returns the length below which a share of the spread lies, and just
// beyond its end for all of it.
func settleOf(s *machine.Spread, share float64) int64 {
	if share >= 1 {
		return s.Max + 1
	}
	return s.At(share)
}
