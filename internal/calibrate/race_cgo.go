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
	raceWarmUp = 4  // signals, of which fewer are for those who asked

	requestRounds = 4
	requestLength = 250 * time.Millisecond
	requestMost   = 1000 // more than a round has
)

// way is one to run the race, and for which costs. Where a name is empty, that is not looked for.
type way struct {
	interval time.Duration
	hogs     int // threads that compute
	length   time.Duration
	every    int // of so many rounds it is in one,
	from     int // and in this one first

	// Ways that have the same find it together.
	few    bool   // signals: what is likely counts with them
	settle string // of those whose CPU has rested, or is no warmer than the holder's; never empty, since warm is told from these
	warm   string // of those whose CPU has worked not long before, and is warmer
	hold   string // of who is slow to ask
	work   string // of the first work after a wait; never empty
}

// With 20 ms, next to two and next to four threads, who asked had 0.75 of 391 and 0.74 of 207 signals where its CPU had rested, so
// these are one (AMD EPYC, Linux 6.18, November 2026).
var ways = [...]way{
	{interval: machine.MiddleInterval, hogs: 2, length: 145 * time.Millisecond, every: 1, settle: "settle", hold: "ask_hold", work: "after_wait"},
	{interval: machine.ShortInterval, hogs: 2, length: 50 * time.Millisecond, every: 1, settle: "settle_short", warm: "settle_warm_short", hold: "ask_hold_short", work: "after_wait_short"},
	{interval: machine.LongInterval, hogs: 2, length: 380 * time.Millisecond, every: 3, few: true, settle: "settle_long", warm: "settle_warm_long", work: "after_wait_long"},
	{interval: machine.LongInterval, hogs: 4, length: 620 * time.Millisecond, every: 3, from: 1, few: true, settle: "settle_long", warm: "settle_warm_long", work: "after_wait_long"},
}

// A calibration has some 60 signals with 20 ms of threads whose CPU has rested, and 8 to 14 of those whose CPU is warm: their shares have standard deviations of 0.06 and 0.14
// for that alone. In 18 calibrations of an hour the former was 0.52 to 0.83 (0.09), and that with 5 ms 0.64 to 0.80 (0.05), 0.04 more in the mean; and the latter was 0.00 to 0.67 (0.21), in the mean 0.37 less than the former
// (AMD EPYC, Linux 6.18, November 2026; counted before it mattered for how long the holder had been alone). What such deviations leave for the host's own is that of some fifty signals, and of nine. So the share with 5 ms counts as much as
// fewSignals with 20, and likelyLess, which is that of one host, as much as fewWarm.
const (
	fewSignals = 60
	likelyLess = 0.4
	fewWarm    = 10
)

const warmPart = 0.9 // of what warmth makes with 20 ms it makes with 5

// heats finds out for how long a thread that has just queued can still take the signal that
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
//
// The share changes within seconds, hence rounds between the steps: on a virtual machine next to two threads with 5 ms it was
// 0.43 to 0.77 in ten stretches of 15 s, and two heats in a row were more alike than two that are seconds apart. Threads that
// have just begun are slow: of the first four who asked with 20 ms 0.52 had their signals, of later ones 0.67, and next to four threads
// with 5 ms 0.69 and 0.83, so those are left out (AMD EPYC, Linux 6.18, November 2026).
type heats struct {
	system
	run  int // rounds
	runs [len(ways)][]beheld[race]
}

func (h *heats) rounds() int { return raceRounds }

// next reports whether a way is in the round that comes next.
func (h *heats) next(w way) bool { return h.run%w.every == w.from }

// length returns that of the round that comes next.
func (h *heats) length() (d time.Duration) {
	for _, w := range ways {
		if h.next(w) {
			d += w.length
		}
	}
	return d
}

func (h *heats) round(ctx context.Context, f *figures) error {
	for i, w := range ways {
		if !h.next(w) {
			continue
		}
		run, err := behold(f, func() (race, error) { return runRace(ctx, w.interval, w.length, w.hogs, h.place) })
		if err != nil {
			return err
		}
		h.runs[i] = append(h.runs[i], run)
	}
	h.run++
	return nil
}

// disturbed reports whether some of the ways have not been run often enough while others left the
// CPUs alone.
func (h *heats) disturbed() bool {
	for i, w := range ways {
		if undisturbed(h.runs[i]) < half(raceRounds/w.every) {
			return true
		}
	}
	return false
}

func (h *heats) finish(ctx context.Context, f *figures) error {
	for h.run < raceRounds || h.run < raceMost && h.disturbed() && time.Until(f.end) > h.length() {
		if err := h.round(ctx, f); err != nil {
			return err
		}
	}
	f.kept = new(float64)
	settled := map[time.Duration]float64{} // shares, by the interval
	rest, warm, work := map[string][]signal{}, map[string][]signal{}, map[string][]Sample{}
	warmer := map[time.Duration]float64{} // by how much less they are where the CPU has worked
	for i, w := range ways {
		var signals []signal
		for _, run := range calmest(h.runs[i], half(raceRounds/w.every)) {
			signals = append(signals, run.what.signals[min(raceWarmUp, len(run.what.signals)):]...)
			work[w.work] = append(work[w.work], run.what.firstWork(f.costs, true)...)
			*f.kept = max(*f.kept, run.others)
		}
		prompt, late := bySlowness(signals, w.interval)
		rest[w.settle] = append(rest[w.settle], prompt...)
		s := shareOf(rest[w.settle], func(s signal) bool { return rested(s, w.interval) })
		if middle, known := settled[machine.MiddleInterval]; known && w.few {
			settled[w.interval] = s.held(middle, fewSignals)
		} else if s.all > 0 {
			settled[w.interval] = s.of()
		}
		if share, known := settled[w.interval]; known {
			f.settles(w.settle, share)
		}
		if slept, known := settled[w.interval]; known && w.warm != "" {
			warm[w.warm] = append(warm[w.warm], prompt...)
			less, before := 0.0, 0.0
			if w.few {
				less, before = likelyLess, fewWarm
			}
			if s, known := shareOfWarm(warm[w.warm], w.interval, slept, less, before); known {
				f.settles(w.warm, s)
				warmer[w.interval] = slept - s
			}
		}
		if w.hold != "" {
			f.set(w.hold, float64(holdOf(f.costs, shareOf(prompt, every), shareOf(late, every))))
		}
		f.pooled(w.work, work[w.work])
	}
	f.settlesBetween(settled, warmer)
	return nil
}

// settlesBetween sets what settle is with 5 ms where the CPU has worked: less than where it has rested by warmPart of what
// it is with 20 ms. The signals of a calibration do not show it, since next to two threads hardly a CPU is warm. With each thread of package gil kept on a
// CPU, next to three and four, the difference was 0.36 of 0.59 with 5 ms, 0.48 of 0.57 with 10 and 0.40 of 0.47 with 20, by 3,672, 2,409 and 1,654 signals, and 0.32 of 0.53, 0.34 of 0.44 and 0.33 of 0.39 by
// 2,755, 1,607 and 756 of those who are slow to ask (AMD EPYC, Linux 6.18, November 2026).
func (f *figures) settlesBetween(settled, warmer map[time.Duration]float64) {
	rest, known := settled[machine.MiddleInterval]
	if less, told := warmer[machine.LongInterval]; known && told {
		f.settles("settle_warm", max(0, rest-warmPart*less))
	}
}

// settles sets how long the race is where such a share of those who asked have their signals.
func (f *figures) settles(field string, share float64) {
	f.set(field, float64(settleOf(&f.costs.Noticed, share)))
}

// requests measures how long a request takes until the holder has the mutex to signal.
func (s system) requests(ctx context.Context, f *figures) error {
	noticed, err := repeated(ctx, f, requestRounds, func() (Sample, error) { return requests(ctx) })
	if err != nil {
		return err
	}
	f.pooled("noticed", noticed)
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
	if C.calibrate_requests(C.int64_t(requestLength), C.int64_t(machine.MiddleInterval), &result) != 0 {
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

// settleOf returns the length below which a share of the spread lies. That is no more than its p99: some hundred signals do not tell
// a higher share, and beyond are lengths that have nothing to do with how long a thread is awake.
func settleOf(s *machine.Spread, share float64) int64 {
	return min(s.At(share), s.P99)
}
