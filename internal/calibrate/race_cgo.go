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

	"github.com/fibsim/fibsim/sim/machine"
)

const (
	raceRounds = 12 // with threads of their own: how the race goes changes with where they are
	raceMost   = 36 // while others disturb half of them

	requestRounds   = 4
	requestLength   = 250 * time.Millisecond
	requestInterval = 5 * time.Millisecond
	requestMost     = 1000 // more than a round has
)

// races are the ways to run the race: with which interval, next to how many threads that
// compute, how long, in which of the rounds, and for which fields. An empty one is not looked for.
var races = [...]struct {
	settle   string            // of those whose CPU has rested
	rested   func(signal) bool // who they are
	warm     string            // of those whose CPU has worked not long before
	worked   func(signal) bool // who they are
	hold     string            // of who is slow to ask
	work     string            // of the first work after a wait
	interval time.Duration
	hogs     int
	length   time.Duration
	every    int // rounds
}{
	{"settle", rested, "", nil, "ask_hold", "after_wait", 5 * time.Millisecond, 2, 180 * time.Millisecond, 1},
	{"settle_short", cool, "settle_warm_short", warm, "ask_hold_short", "after_wait_short", time.Millisecond, 2, 60 * time.Millisecond, 1},
	{"settle_long", rested, "", nil, "", "after_wait_long", 20 * time.Millisecond, 2, 400 * time.Millisecond, 3},
	{"", nil, "settle_warm", warm, "", "", 5 * time.Millisecond, 4, 250 * time.Millisecond, 3},
	{"", nil, "settle_warm_long", restless, "", "", 20 * time.Millisecond, 4, 300 * time.Millisecond, 3},
}

// raceIsDisturbed reports whether some of the ways have not been run often enough while others left the
// CPUs alone.
func raceIsDisturbed(runs *[len(races)][]beheld[race]) bool {
	for i, r := range races {
		if undisturbed(runs[i]) < half(raceRounds/r.every) {
			return true
		}
	}
	return false
}

// These tell the signals apart by for how long the CPU of the one who asked had slept. With two
// CPUs that is the one that the holder is not on, and it worked when somebody else did something.
func warm(s signal) bool   { return s.rest <= int64(100*time.Microsecond) }
func cool(s signal) bool   { return !warm(s) } // no CPU rests for long where the interval is short
func rested(s signal) bool { return s.rest >= int64(time.Millisecond) }

// restless is for those with an interval so long that few are warm.
func restless(s signal) bool { return !rested(s) }

// every is for all signals.
func every(signal) bool { return true }

// race finds out for how long a thread that has just queued can still take the signal that
// answers a request, and how long the first work after a wait takes.
//
// The first is not measured as a length. What counts is how often the one who asked has
// the signal although another has slept on the condition variable for long, and
// settle is the length that makes it as often in the model: the quantile of noticed
// at that share. Where the one who asked let the lock go long ago, it is less often so, since the holder comes for
// the mutex before that one has given it up, and sleeps for it: ask_hold is so long that this happens in the share by which it had the signal less often. The shares are those of the lock of package gil, which caches and neighbours
// change as they change CPython's. Calls of fib are not padded: in four pairs of runs with
// 5 ms the share was the same within 0.03 when they were, and with 1 ms within 0.11, as far
// as one such run was from the next.
func (s system) race(ctx context.Context, f *figures) error {
	var runs [len(races)][]beheld[race]
	for round := 0; round < raceRounds || round < raceMost && raceIsDisturbed(&runs) && time.Now().Before(f.end); round++ {
		for i, r := range races {
			if round%r.every != 0 {
				continue
			}
			run, err := behold(f, func() (race, error) { return runRace(ctx, r.interval, r.length, r.hogs, s.place) })
			if err != nil {
				return err
			}
			runs[i] = append(runs[i], run)
		}
	}
	f.kept = new(float64)
	for i, r := range races {
		var signals []signal
		var work []Sample
		for _, run := range calmest(runs[i], half(raceRounds/r.every)) {
			signals = append(signals, run.what.signals...)
			work = append(work, run.what.firstWork(f.costs, true)...)
			*f.kept = max(*f.kept, run.others)
		}
		var late, prompt []signal
		for _, s := range signals {
			if slow(s, r.interval) {
				late = append(late, s)
			} else {
				prompt = append(prompt, s)
			}
		}
		if r.warm != "" {
			f.settles(r.warm, shareOf(prompt, r.worked))
		}
		if r.settle != "" {
			f.settles(r.settle, shareOf(prompt, r.rested))
		}
		if r.hold != "" {
			f.set(r.hold, float64(holdOf(f.costs, shareOf(prompt, every), shareOf(late, every))))
		}
		if r.work != "" {
			f.spread(r.work, work)
		}
	}
	return nil
}

// settles sets how long the race is, unless there was none.
func (f *figures) settles(field string, s share) {
	if s.all > 0 {
		f.set(field, float64(settleOf(&f.costs.Noticed, s.of())))
	}
}

// requests measures how long a request takes until the holder has the mutex to signal. A
// round has so few of them that its slowest would stand for a fiftieth: all rounds are one sample.
func (s system) requests(ctx context.Context, f *figures) error {
	noticed, err := repeated(ctx, f, requestRounds, func() (Sample, error) { return requests(ctx) })
	if err != nil {
		return err
	}
	noticed, _, _ = withoutStalls(noticed)
	f.spread("noticed", []Sample{sorted(noticed...)})
	return nil
}

// requests returns how long requests take until the holder has the mutex under which it
// signals, in C, since nothing is to stand between the two.
func requests(ctx context.Context) (Sample, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	lengths := make([]C.int64_t, requestMost)
	var pin runtime.Pinner
	pin.Pin(&lengths[0])
	defer pin.Unpin()
	result := C.calibrate_requests_result{most: requestMost, noticed: &lengths[0]}
	if C.calibrate_requests(C.int64_t(requestLength), C.int64_t(requestInterval), &result) != 0 {
		return nil, errors.New("the system gives no more threads; end other programs, or raise the limit of processes (ulimit -u)")
	}
	values := make([]int64, result.n)
	for k := range values {
		values[k] = int64(lengths[k])
	}
	return sorted(values), nil
}

// holdOf returns how long one holds the mutex for which a holder sleeps in the share by which those who are slow to ask have the
// signal less often than others; 0 where they have it as often. The mutex may still be given up on the holder's way to sleep.
func holdOf(c *machine.Costs, others, slow share) int64 {
	if slow.all == 0 || others.all == 0 || slow.of() >= others.of() {
		return 0
	}
	return c.Noticed.At(others.of()-slow.of()) + c.FallAsleep
}

// settleOf returns the length below which a share of the spread lies, and just
// beyond its end for all of it.
func settleOf(s *machine.Spread, share float64) int64 {
	if share >= 1 {
		return s.Max + 1
	}
	return s.At(share)
}
