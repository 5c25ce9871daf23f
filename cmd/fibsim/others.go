package main

import (
	"context"
	"fmt"
	"time"
)

// A measured claim is about a host that does nothing else. Where one fails, this file
// says whether others used the CPUs meanwhile, so that it can be measured again.

// used is how much CPU time has been used on this host since it started.
type used struct {
	at       time.Time
	all, own time.Duration // own: by this process, and its children that have ended
}

// What is done about a failed chapter.
const (
	noticeable  = 0.25             // CPUs that others used, from which on they may be the cause
	mostRepeats = 3                // of a chapter
	quietSample = time.Second / 10 // in which others must use less than that
	quietLimit  = 30 * time.Second // to wait for such a time
)

// usedByOthers returns how many CPUs were used by others between two readings.
func usedByOthers(from, to used) float64 {
	return float64((to.all-from.all)-(to.own-from.own)) / float64(max(to.at.Sub(from.at), 1))
}

// untilQuiet waits until others leave the CPUs alone, up to a limit.
func (a *app) untilQuiet(ctx context.Context) {
	for limit := time.Now().Add(quietLimit); ctx.Err() == nil && time.Now().Before(limit); {
		before, known := a.cpuTime()
		select {
		case <-ctx.Done():
		case <-time.After(quietSample):
		}
		after, _ := a.cpuTime()
		if !known || usedByOthers(before, after) < noticeable {
			return
		}
	}
}

// repeats calls measure, which reports whether a claim failed, and again as long as
// one did while others used the CPUs, and says so.
func (a *app) repeats(ctx context.Context, name string, measure func() (failed bool, err error)) error {
	for i := 0; ; i++ {
		before, known := a.cpuTime()
		failed, err := measure()
		after, _ := a.cpuTime()
		taken := usedByOthers(before, after)
		if err != nil || !failed || !known || taken < noticeable || i == mostRepeats || ctx.Err() != nil {
			return err
		}
		fmt.Fprintf(a.stderr, "note: %s is measured again: a claim failed while others used %.1f CPUs\n", name, taken)
		a.untilQuiet(ctx)
	}
}
