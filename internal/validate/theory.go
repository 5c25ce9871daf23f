package validate

import (
	"fmt"
	"time"

	"github.com/fibsim/fibsim/sim/machine"
	"github.com/fibsim/fibsim/workloads"
)

// A closed form for the rate of a group under the timed-request lock of CPython
// 3.2 and later, with switch interval I. It holds where the order in which threads
// get the lock leaves nothing open:
//
//   - one thread that blocks and at most one that only computes. Each time the
//     first comes back it finds the lock taken, waits I until it may ask, and gets
//     the lock h later: its timer ends late, the other notices, it wakes up. With z
//     of sleep, s of work and w sleeps in an iteration the rate is
//     1/(z + s + w·(I + h)). Each sleep has to be long enough for the other to have
//     taken the lock, and each stretch of work shorter than I, or the lock would be
//     lost in the middle of it. The other has the rest of the time.
//   - only threads that compute: of a single group any number, as what they do
//     together does not depend on their order; of two groups one thread each, as
//     two can only take turns. Each switch leaves the lock free for a wake-up.
//   - one thread by itself.
//
// More than one thread that blocks, or next to several that compute, has no such
// form: whose request ends a turn, and who gets the lock then, depends on the order
// in which the C library wakes waiters. Nor has anything that sends, receives or
// yields: it depends on races which call keeps the lock.

// Theory is what a closed form gives for a group.
type Theory struct {
	Rate float64 // iterations per second of the whole group
	Form string  // where it comes from, with its figures
}

// overheads are the costs that the closed forms need, in ns: the mean of each.
type overheads struct {
	sleep    func(ns int64) float64 // by which a sleep of that length ends late
	handOver float64                // h, of which the lock is free for wake
	wake     float64
}

// overheadsOf takes them from the costs of a simulated host, where waits end after an interval of ns.
func overheadsOf(c *machine.Costs, interval int64) overheads {
	late := func(ns int64) float64 {
		slack := c.TimerSlackOf(ns)
		return float64(slack.Mean())
	}
	wake := float64(c.WakeIdle.Mean())
	return overheads{sleep: late, handOver: late(interval) + float64(c.Noticed.Mean()) + wake, wake: wake}
}

// timedLock is the policy that the closed forms are for.
const timedLock = "cpython-3"

// TheoryOf returns the closed form of each group of a program that has one, for a
// host with the given costs. The pace must be known: a number.
func TheoryOf(p *workloads.Program, c *machine.Costs) map[string]Theory {
	interval, timed := p.Interpreter.Params["switch_interval"].(time.Duration)
	// On one CPU a woken thread waits for the CPU, too.
	if p.Interpreter.Lock != timedLock || !timed || p.Machine.CPUs < 2 || p.Server != nil || len(p.Clients) > 0 {
		return nil
	}
	var hogs, blockers []*cycle
	for i := range p.Threads {
		g := &p.Threads[i]
		cy, ok := cycleOf(g, p.Interpreter.Pace)
		switch {
		case !ok || g.Start != 0 || g.Times != 0 && !(p.UntilDone && len(p.Threads) == 1):
			return nil
		case len(cy.sleeps) == 0:
			hogs = append(hogs, cy)
		default:
			blockers = append(blockers, cy)
		}
	}
	return theory(hogs, blockers, float64(interval), overheadsOf(c, int64(interval)))
}

func theory(hogs, blockers []*cycle, interval float64, o overheads) map[string]Theory {
	k, b := count(hogs), count(blockers)
	switch {
	case b == 0 && k == 1:
		return map[string]Theory{hogs[0].name: {1e9 / hogs[0].work, fmt.Sprintf("1/%s", span(hogs[0].work))}}
	case b == 0 && (len(hogs) == 1 || k == 2) && !holds(hogs):
		return sharing(hogs, k, interval, o)
	case b == 1 && k == 0:
		z := blockers[0].sleepTime(o)
		return map[string]Theory{blockers[0].name: {
			1e9 / (z + blockers[0].work),
			fmt.Sprintf("1/(%s asleep + %s of work)", span(z), span(blockers[0].work)),
		}}
	case b == 1 && k == 1 && !holds(hogs) && blockers[0].sure(interval):
		return convoy(hogs[0], blockers[0], interval, o)
	}
	return nil
}

// convoy is one thread that blocks next to one that computes.
func convoy(hog, quick *cycle, interval float64, o overheads) map[string]Theory {
	z, w := quick.sleepTime(o), float64(len(quick.sleeps))
	length := z + quick.work + w*(interval+o.handOver)
	// Meanwhile the other runs, but for the work and two wake-ups at each wait.
	lost := (quick.work + 2*w*o.wake) / length
	return map[string]Theory{
		quick.name: {1e9 / length, fmt.Sprintf("1/(%s asleep + %s of work + %g x (%s interval + %s hand-over))",
			span(z), span(quick.work), w, span(interval), span(o.handOver))},
		hog.name: {(1 - lost) * 1e9 / hog.work, fmt.Sprintf("1/%s less %s %% for %s", span(hog.work), percent(lost), quick.name)},
	}
}

// sharing is k threads that only compute.
func sharing(hogs []*cycle, k int, interval float64, o overheads) map[string]Theory {
	lost := o.wake / (interval + o.handOver)
	out := map[string]Theory{}
	for _, h := range hogs {
		share := float64(h.count) / float64(k)
		form := fmt.Sprintf("1/%s less %s %% for hand-overs", span(h.work), percent(lost))
		if h.count != k {
			form = fmt.Sprintf("%d/(%d x %s) less %s %% for hand-overs", h.count, k, span(h.work), percent(lost))
		}
		out[h.name] = Theory{share * (1 - lost) * 1e9 / h.work, form}
	}
	return out
}

func count(cycles []*cycle) int {
	n := 0
	for _, c := range cycles {
		n += c.count
	}
	return n
}

func holds(cycles []*cycle) bool {
	for _, c := range cycles {
		if c.holds {
			return true
		}
	}
	return false
}

// span returns a time with three digits.
func span(ns float64) string {
	d := time.Duration(ns + 0.5)
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit).String()
}

// percent returns a share with two decimals.
func percent(share float64) string { return fmt.Sprintf("%.2f", 100*share) }

// cycle is one iteration of a group's threads: times in ns.
type cycle struct {
	name   string
	count  int
	work   float64 // mean, with the lock
	sleeps []sleep
	holds  bool // some of the work has no checkpoint

	longest float64 // the longest stretch of work between two sleeps
}

// sleep is one of an iteration: its mean, and whether a draw is as good as never
// shorter than another thread needs to take the lock.
type sleep struct {
	mean float64
	sure bool
}

// sleepTime returns how long the sleeps of an iteration take.
func (c *cycle) sleepTime(o overheads) float64 {
	sum := 0.0
	for _, s := range c.sleeps {
		sum += s.mean + o.sleep(int64(s.mean))
	}
	return sum
}

// mostStretch is the part of the switch interval that a stretch of work may take:
// a longer one may meet a request.
const mostStretch = 0.9

// sure reports whether another thread takes the lock in each sleep, and no stretch
// of work loses it.
func (c *cycle) sure(interval float64) bool {
	for _, s := range c.sleeps {
		if !s.sure {
			return false
		}
	}
	return c.longest <= mostStretch*interval
}

// Sleeps at least so long outlast the wake-up of another thread; of exponential
// ones with the mean below 2 of 100 are shorter.
const (
	sureSleep     = 200_000
	sureMeanSleep = 10_000_000
)

// mostSteps is how many operations an iteration may have.
const mostSteps = 10_000

// cycleOf reads the body of a group; false when it has operations whose time does
// not follow from the scenario alone.
func cycleOf(g *workloads.Group, pace workloads.Pace) (*cycle, bool) {
	c := &cycle{name: g.Name, count: g.Count}
	w := walker{cycle: c, pace: pace}
	if !w.body(g.Body) {
		return nil, false
	}
	// The end of an iteration and the begin of the next are one stretch.
	c.longest = max(c.longest, w.stretch+w.head)
	return c, c.work > 0 || len(c.sleeps) > 0
}

// walker goes through the operations of one iteration.
type walker struct {
	cycle         *cycle
	pace          workloads.Pace
	steps         int
	stretch, head float64 // the work since the last sleep; before the first one
}

func (w *walker) body(ops []workloads.Op) bool {
	for i := range ops {
		if w.steps++; w.steps > mostSteps || !w.op(&ops[i]) {
			return false
		}
	}
	return true
}

func (w *walker) op(o *workloads.Op) bool {
	switch o.Kind {
	case workloads.OpFib:
		if w.pace.Mode != workloads.PaceFixed {
			return false
		}
		w.work(float64(workloads.FibCalls(o.N))*w.pace.NS, 0)
		return true
	case workloads.OpSpin, workloads.OpHold:
		average, _, most, ok := bounds(o.For)
		w.cycle.holds = w.cycle.holds || o.Kind == workloads.OpHold
		w.work(average, most)
		return ok
	case workloads.OpSleep:
		average, least, _, ok := bounds(o.For)
		sure := least >= sureSleep || o.For.Dist == workloads.Exponential && average >= sureMeanSleep
		if len(w.cycle.sleeps) == 0 {
			w.head = w.stretch
		} else {
			w.cycle.longest = max(w.cycle.longest, w.stretch)
		}
		w.stretch = 0
		w.cycle.sleeps = append(w.cycle.sleeps, sleep{average, sure})
		return ok && average > 0
	case workloads.OpLoop:
		for range o.N {
			if !w.body(o.Body) {
				return false
			}
		}
		return true
	}
	return false
}

// work adds work that is most long at most; 0: exactly as long as on average.
func (w *walker) work(average, most float64) {
	w.cycle.work += average
	w.stretch += max(average, most)
}

// bounds returns mean, least and most of a duration in ns. It is false for those
// whose shape may put much of their mean into a few draws.
func bounds(d workloads.Duration) (average, least, most float64, ok bool) {
	// Ten times the mean: an exponential draw is longer in 5 of 100,000 cases.
	const farOut = 10
	switch d.Dist {
	case workloads.Fixed:
		return float64(d.Mean), float64(d.Mean), float64(d.Mean), true
	case workloads.UniformDist:
		return float64(d.Low+d.High) / 2, float64(d.Low), float64(d.High), true
	case workloads.Exponential:
		return float64(d.Mean), 0, farOut * float64(d.Mean), true
	}
	return 0, 0, 0, false
}
