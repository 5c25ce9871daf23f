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
	slowed      = 1.2              // times as long as at its best, a yardstick that others slow
	often       = 0.25             // of the moments of a chapter that were slowed, from which on they count
	mostRepeats = 4                // of a chapter
	quietSample = time.Second / 10 // in which others must use less than that
	quietOften  = 5                // in so many samples in a row
	quietLimit  = time.Minute      // to wait for such a time
)

// usedByOthers returns how many CPUs were used by others between two readings.
func usedByOthers(from, to used) float64 {
	return float64((to.all-from.all)-(to.own-from.own)) / float64(max(to.at.Sub(from.at), 1))
}

// neighbours watches those that no use of CPUs shows: on a virtual machine others have
// the same cores, and compute beside it. A yardstick is measured at moments of a chapter,
// before each of its runs and after the last.
type neighbours struct {
	yardstick func() time.Duration
	best      time.Duration   // of all that were measured
	moments   []time.Duration // of this chapter
}

// moment measures one.
func (n *neighbours) moment() time.Duration {
	length := n.yardstick()
	if n.best == 0 || length < n.best {
		n.best = length
	}
	n.moments = append(n.moments, length)
	return length
}

// slow reports whether a yardstick took longer than it does undisturbed.
func (n *neighbours) slow(length time.Duration) bool {
	return float64(length) > slowed*float64(n.best)
}

// share returns at how many of the moments the host was slow.
func (n *neighbours) share() float64 {
	slow := 0
	for _, length := range n.moments {
		if n.slow(length) {
			slow++
		}
	}
	return float64(slow) / float64(max(len(n.moments), 1))
}

// untilQuiet waits until others leave the CPUs alone, up to a limit.
func (a *app) untilQuiet(ctx context.Context, n *neighbours) {
	quiet := 0
	for limit := time.Now().Add(quietLimit); quiet < quietOften && ctx.Err() == nil && time.Now().Before(limit); {
		before, known := a.cpuTime()
		select {
		case <-ctx.Done():
		case <-time.After(quietSample):
		}
		after, _ := a.cpuTime()
		quiet++
		if n.slow(n.moment()) || known && usedByOthers(before, after) >= noticeable {
			quiet = 0
		}
	}
}

// repeats calls measure, and again as long as others used the CPUs meanwhile, or slowed
// them, and says so. It returns how often it did. What was found plays no part in that:
// to repeat only what failed would give a wrong claim more chances than a right one.
func (a *app) repeats(ctx context.Context, name string, n *neighbours, measure func() error) (times int, err error) {
	for {
		n.moments = nil
		before, known := a.cpuTime()
		err := measure()
		times++
		after, _ := a.cpuTime()
		n.moment()
		why := ""
		if taken := usedByOthers(before, after); known && taken >= noticeable {
			why = fmt.Sprintf("others used %.1f CPUs", taken)
		} else if share := n.share(); share >= often {
			why = fmt.Sprintf("others slowed the host %.0f %% of the time", 100*share)
		}
		if err != nil || why == "" || times > mostRepeats || ctx.Err() != nil {
			return times, err
		}
		fmt.Fprintf(a.stderr, "note: %s is measured again: %s\n", name, why)
		a.untilQuiet(ctx, n)
	}
}
