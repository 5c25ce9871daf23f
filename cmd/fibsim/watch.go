package main

import (
	"context"
	"time"

	"github.com/fibsim/fibsim/internal/others"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// A measured claim is about a host that does nothing else. This file says whether
// others used it during a run, so that the run can be made again.

// What is done about a run during which others used the host.
const (
	otherCPUs   = 0.25                  // that others used, from which on they count
	otherTime   = 30 * time.Millisecond // of CPUs, the same: three ticks
	mostRepeats = 4                     // of a run
	quietSample = time.Second / 10      // in which others must use less than that
	quietOften  = 5                     // in so many samples in a row
)

// disturbing reports whether others used the CPUs between two readings.
func disturbing(from, to others.Used) bool {
	spent, cpus := to.Since(from)
	return spent >= otherTime && cpus >= otherCPUs
}

// watch keeps others out of measured runs as far as it can. A run that they disturbed is
// made again when they are quiet. What a run found plays no part in that: to repeat only
// what failed would give a wrong claim more chances than a right one.
//
// Others are those whose use of CPUs this host accounts for, and neighbours on a virtual
// machine, who compute beside it on the same cores. These are seen by a yardstick alone,
// measured before each run and after it.
type watch struct {
	cpuTime   func() (others.Used, bool)
	yardstick func() time.Duration
	renew     func()       // takes the speed of this moment for the speed of the host
	costs     func() int64 // how many have been found out since the process began
	waiting   func(bool)   // is told when it begins to wait, and when it has waited
	patience  time.Duration

	best    time.Duration // of all yardsticks
	renewed time.Duration // the best one when renew was called; 0: it was not
	spoiled bool          // what was found out since is of no use
	waited  time.Duration // so far

	begin    others.Used // of the run
	known    bool        // that is
	slow     bool        // the yardstick before the run
	found    int64       // costs before it
	attempts int         // at the run, before this one

	counted, repeated, disturbed int  // runs of this session: see over
	stale                        bool // see outdated
}

// watch returns one over this host, which waits for so long at most.
func (a *app) watch(limit time.Duration, waiting func(bool)) *watch {
	return &watch{cpuTime: a.cpuTime, yardstick: a.yardstick, renew: a.renew, costs: a.costs, patience: limit, waiting: waiting}
}

// look measures a yardstick and reports whether the host is slow.
func (w *watch) look() bool {
	length := w.yardstick()
	if w.best == 0 || length < w.best {
		w.best = length
	}
	return kernel.Slow(length, w.best)
}

// prepare waits until others are quiet where they slow the host, or have disturbed the
// run before, and renews where what was calibrated is of no use.
func (w *watch) prepare(ctx context.Context, _ results.RunInfo) error {
	w.slow = w.look()
	if w.slow || w.attempts > 0 {
		w.untilQuiet(ctx)
	}
	for w.renewed == 0 || w.faster() || w.spoiled && !w.slow {
		// What was calibrated in a slow moment is too little work in a fast one.
		w.stale = w.stale || w.counted > 0 && w.faster()
		w.renewed = w.best
		w.renew()
		w.slow = w.look()
		if w.spoiled = w.slow; w.spoiled {
			w.untilQuiet(ctx)
		}
	}
	w.begin, w.known = w.cpuTime()
	w.found = w.costs()
	return ctx.Err()
}

// faster reports whether the host is faster than it was taken for.
func (w *watch) faster() bool { return w.renewed != 0 && kernel.Slow(w.renewed, w.best) }

// patient reports whether it has not waited too long by now.
func (w *watch) patient(ctx context.Context) bool { return w.waited < w.patience && ctx.Err() == nil }

// untilQuiet waits until others leave the host alone, or it has waited too long.
func (w *watch) untilQuiet(ctx context.Context) {
	w.waiting(true)
	defer w.waiting(false)
	for quiet := 0; quiet < quietOften && w.patient(ctx); quiet++ {
		start := time.Now()
		before, known := w.cpuTime()
		select {
		case <-ctx.Done():
		case <-time.After(quietSample):
		}
		after, _ := w.cpuTime()
		if w.slow = w.look(); w.slow || known && disturbing(before, after) {
			quiet = -1
		}
		w.waited += time.Since(start)
	}
}

// again reports whether a run is to be made again, as others disturbed it.
func (w *watch) again(ctx context.Context, _ results.RunInfo) bool {
	end, _ := w.cpuTime()
	quiet := !w.look() && !w.slow && (!w.known || !disturbing(w.begin, end))
	if !quiet && w.costs() != w.found {
		w.spoiled = true
	}
	if !quiet && w.attempts < mostRepeats && w.patient(ctx) {
		w.attempts++
		w.repeated++
		return true
	}
	w.attempts = 0
	w.counted++
	if !quiet {
		w.disturbed++
	}
	return false
}

// outdated reports whether the host has turned out to be faster during a session than it
// was taken for: its runs have to be made once more.
func (w *watch) outdated() bool { return w.stale || w.faster() }

// over ends a session and returns how many runs were made again, which are all if they are
// dropped, and how many were disturbed and count all the same.
func (w *watch) over(dropped bool) (repeated, disturbed int) {
	if repeated, disturbed = w.repeated, w.disturbed; dropped {
		repeated, disturbed = repeated+w.counted, 0
	}
	w.counted, w.repeated, w.disturbed, w.stale = 0, 0, 0, false
	return repeated, disturbed
}
