package main

import (
	"context"
	"fmt"
	"time"
)

// A measured claim is about a host that does nothing else. This file says whether
// others used the CPUs meanwhile, so that it can be measured again.

// used is how much CPU time has been used on this host since it started.
type used struct {
	at       time.Time
	all, own time.Duration // own: by this process, and its children that have ended
}

// What is done about a chapter during which others used the CPUs.
const (
	noticeable  = 0.25             // CPUs that others used, from which on they count
	mostRepeats = 2                // of a chapter
	quietSample = time.Second / 10 // in which others must use less than that
	quietLimit  = 10 * time.Second // to wait for such a time
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

// repeats calls measure, and again as long as others used the CPUs meanwhile, and says
// so. It returns how often it did. What was found plays no part in that: to repeat only
// what failed would give a wrong claim more chances than a right one.
func (a *app) repeats(ctx context.Context, name string, measure func() error) (times int, err error) {
	for {
		before, known := a.cpuTime()
		err := measure()
		times++
		after, _ := a.cpuTime()
		taken := usedByOthers(before, after)
		if err != nil || !known || taken < noticeable || times > mostRepeats || ctx.Err() != nil {
			return times, err
		}
		fmt.Fprintf(a.stderr, "note: %s is measured again: others used %.1f CPUs\n", name, taken)
		a.untilQuiet(ctx)
	}
}
