package main

import (
	"context"
	"time"

	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// A measured claim is about a host that does nothing else. This file says whether
// others used it during a run, so that the run can be made again.

// used is how much CPU time has been used on this host since it started.
type used struct {
	at       time.Time
	all, own time.Duration // own: by this process, and its children that have ended
}

// What is done about a run during which others used the host.
const (
	noticeable  = 0.25                  // CPUs that others used, from which on they count
	noticed     = 30 * time.Millisecond // of CPU time, which is three ticks
	mostRepeats = 4                     // of a run
	quietSample = time.Second / 10      // in which others must use less than that
	quietOften  = 5                     // in so many samples in a row
	waitLimit   = 5 * time.Minute       // to wait for such times, all together
)

// usedByOthers returns how many CPUs were used by others between two readings, 0 where it
// was too little to tell.
func usedByOthers(from, to used) float64 {
	others := (to.all - from.all) - (to.own - from.own)
	if others < noticed {
		return 0
	}
	return float64(others) / float64(max(to.at.Sub(from.at), 1))
}

// watch keeps others out of measured runs as far as it can. It waits until they are
// quiet before each run, and has it made again when they were not meanwhile. What a run
// found plays no part in that: to repeat only what failed would give a wrong claim more
// chances than a right one.
//
// Others are those whose use of CPUs this host accounts for, and neighbours on a virtual
// machine, who compute beside it on the same cores. These are seen by a yardstick alone,
// measured before each run and after it.
type watch struct {
	cpuTime   func() (used, bool)
	yardstick func() time.Duration
	renew     func()       // takes the speed of this moment for the speed of the host
	say       func(string) // what is waited for

	best    time.Duration // of all yardsticks
	renewed time.Duration // the best one when renew was called
	waited  time.Duration // so far

	begin    used // of the run
	known    bool // that is
	slow     bool // the yardstick before the run
	attempts int  // at the run, before this one

	stale               bool // see takeStale
	repeated, disturbed int  // see takeCounts
}

// look measures a yardstick and reports whether the host is slow.
func (w *watch) look() bool {
	length := w.yardstick()
	if w.best == 0 || length < w.best {
		w.best = length
	}
	return kernel.Slow(length, w.best)
}

// before waits until others are quiet.
func (w *watch) before(ctx context.Context, info results.RunInfo) error {
	w.slow = w.look()
	if w.slow || w.attempts > 0 {
		w.untilQuiet(ctx)
	}
	// What was calibrated in a slow moment is too little work in a fast one.
	if w.renewed == 0 || kernel.Slow(w.renewed, w.best) {
		w.renew()
		w.renewed = w.best
		w.stale = w.stale || info.Order > 1
	}
	w.begin, w.known = w.cpuTime()
	return ctx.Err()
}

// untilQuiet waits until others leave the host alone, or it has waited too long.
func (w *watch) untilQuiet(ctx context.Context) {
	start := time.Now()
	for quiet := 0; quiet < quietOften && ctx.Err() == nil && w.waited+time.Since(start) < waitLimit; {
		w.say("waiting until others leave the host alone")
		before, known := w.cpuTime()
		select {
		case <-ctx.Done():
		case <-time.After(quietSample):
		}
		after, _ := w.cpuTime()
		quiet++
		if w.slow = w.look(); w.slow || known && usedByOthers(before, after) >= noticeable {
			quiet = 0
		}
	}
	w.waited += time.Since(start)
}

// again reports whether a run is to be made again, as others disturbed it.
func (w *watch) again(ctx context.Context, _ results.RunInfo) bool {
	end, _ := w.cpuTime()
	quiet := !w.look() && !w.slow && (!w.known || usedByOthers(w.begin, end) < noticeable)
	if !quiet && w.attempts < mostRepeats && w.waited < waitLimit && ctx.Err() == nil {
		w.attempts++
		w.repeated++
		return true
	}
	if !quiet {
		w.disturbed++
	}
	w.attempts = 0
	return false
}

// takeStale reports whether runs of a session were calibrated for a slower host than it
// turned out to be, and forgets that.
func (w *watch) takeStale() bool {
	stale := w.stale
	w.stale = false
	return stale
}

// takeCounts returns how many runs were made again, and how many were disturbed and count
// all the same, since it was called last.
func (w *watch) takeCounts() (repeated, disturbed int) {
	repeated, disturbed = w.repeated, w.disturbed
	w.repeated, w.disturbed = 0, 0
	return repeated, disturbed
}
