package explore

import (
	"slices"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/internal/locktest"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/internal/race"
)

// run explores a lock and requires that it breaks no rule.
func run(t *testing.T, lock string, roles []Role, limit int) Result {
	t.Helper()
	r := Run(Config{New: locks[lock], Roles: roles, Grain: interval / 2, Limit: limit})
	if r.Broken != nil {
		t.Fatalf("%s: %s: %s\n%s", lock, Title(roles), r.Broken.Rule, strings.Join(r.Broken.Schedule, "\n"))
	}
	t.Logf("%s: %s: %d states, %d steps, %d histories, the longest of %d steps", lock, Title(roles), r.States, r.Steps, r.Histories, r.Deepest)
	return r
}

// plenty is more states than any of three threads has; a lock whose counters grow
// in its sketch has no end of them.
const plenty = 50_000

// Two and three threads, every history; two under the race detector.
func TestEveryHistoryKeepsTheInvariants(t *testing.T) {
	most := 3
	if race.Enabled {
		most = 2 // one goroutine, and much to compute
	}
	for lock := range locks {
		for _, roles := range Mixes(most) {
			if lock == "oracle" && roles[0].Turns > 0 {
				continue // it is for comparison, and remembers what it does not need
			}
			if r := run(t, lock, roles, plenty); !r.Whole || r.Histories < 10 {
				t.Fatalf("%s: %s: %d histories, whole: %t", lock, Title(roles), r.Histories, r.Whole)
			}
		}
	}
}

// Four threads, as far as the flag says.
func TestFourThreads(t *testing.T) {
	for lock := range locks {
		for _, roles := range Mixes(4) {
			if len(roles) == 4 {
				run(t, lock, roles, *states)
			}
		}
	}
}

// A depth bounds the histories.
func TestDepth(t *testing.T) {
	r := Run(Config{New: locks["fifo"], Roles: []Role{Compute, Compute, Compute}, Grain: interval / 2, Depth: 5})
	if r.Whole || r.Deepest != 5 || r.Histories == 0 {
		t.Errorf("whole: %t, deepest %d, %d histories", r.Whole, r.Deepest, r.Histories)
	}
}

// Who waits for how long, and how long if nobody barges. Two computing threads
// alternate under cpython-3, since a thread that was forced to let go waits for the
// other (Python/ceval_gil.c, drop_gil). A thread that lets go and comes back starves
// one that waits, since each wait that ended is a whole interval anew (take_gil),
// and so it does under cpython-2, which has no hand-shake at all (Python/ceval.c).
// Three threads give no bound under cpython-3 even so: a wait that timed out begins
// again at the end of the queue. They do under cpython-2, whose semaphore is a queue
// that nobody leaves before his turn. Where the host chooses who wakes, a waiter that
// has timed out and is not there yet cannot be woken, and so not be overtaken.
// Under a lock that names its next holder each other thread goes first at most once:
// who comes when one has been named that is not there yet sees that one take the
// lock, and then the queue.
func TestPassedOver(t *testing.T) {
	const forever, instant = -1, -2
	two, releaser := []Role{Compute, Compute}, []Role{Releaser, Compute}
	three, mixed := []Role{Compute, Compute, Compute}, []Role{Releaser, Compute, Compute}
	for _, c := range []struct {
		lock          string
		roles         []Role
		want, orderly int
	}{
		{"fifo", two, 0, 0}, {"glibc", two, 0, 0}, {"host", two, 0, 0}, {"oracle", two, 0, 0},
		{"fifo", releaser, forever, 0}, {"glibc", releaser, forever, 0}, {"host", releaser, forever, instant}, {"oracle", releaser, forever, 0},
		{"fifo", three, forever, forever}, {"glibc", three, forever, forever}, {"host", three, forever, forever},
		{"cpython-2", two, forever, 0}, {"cpython-2", releaser, forever, 0}, {"cpython-2", three, forever, 1},
		{"handoff", two, 1, 1}, {"handoff", releaser, 1, 1}, {"handoff", three, 2, 2}, {"handoff", mixed, 2, 2},
	} {
		r := run(t, c.lock, c.roles, plenty)
		for name, p := range map[string]struct {
			Passed
			want int
		}{"": {r.Passed, c.want}, " without barging": {r.Orderly, c.orderly}} {
			got := p.Most
			switch {
			case p.Endless:
				got = forever
			case p.Instant:
				got = instant
			}
			if got != p.want {
				t.Errorf("%s: %s: passed over %d times%s, want %d (-1: without end, -2: within a grain)\n%s", c.lock, Title(c.roles), got, name, p.want, strings.Join(p.Schedule, "\n"))
			}
		}
	}
}

// A circle ends where it began, with the waiter waiting all the time, and time
// passes in it: it can be repeated for ever.
func TestCirclesClose(t *testing.T) {
	circles := 0
	for lock, open := range locks {
		for _, roles := range Mixes(3) {
			g := newGraph(Config{New: open, Roles: roles, Grain: interval / 2, Limit: 3000})
			g.explore()
			p := &prompt{g: g}
			p.reach()
			for i := range roles {
				around := p.waitsOf(policy.Thread(i)).shortest()
				if around == nil {
					continue
				}
				circles++
				w := newWorld(g.config)
				for _, m := range p.way(around.from) {
					w.play(m)
				}
				before, start := mustKey(w), w.now
				for _, m := range slices.Repeat(around.moves, 3) {
					w.play(m)
					if w.threads[i].phase != parked {
						t.Fatalf("%s: %s: the waiter gets the lock", lock, Title(roles))
					}
				}
				if mustKey(w) != before || w.now-start < 3*g.config.Grain {
					t.Errorf("%s: %s: the circle does not close, or no time passes: %d ns", lock, Title(roles), w.now-start)
				}
			}
		}
	}
	if circles < 20 {
		t.Errorf("only %d circles", circles)
	}
}

func mustKey(w *world) string {
	key, _ := w.key(nil)
	return key
}

// The schedule of the releaser that starves a computing thread: that one is woken
// each time, comes too late, and begins its interval anew.
func TestStarvingSchedule(t *testing.T) {
	p := run(t, "fifo", []Role{Releaser, Compute}, plenty).Passed
	want := []string{
		"releaser-0 wants the lock, takes the lock",
		"compute-0 wants the lock, finds it taken, waits for 5ms at most",
		"2.5ms pass",
		"releaser-0 lets go, wakes compute-0",
		"releaser-0 wants the lock, takes the lock ahead of one that was woken",
		"compute-0 is there, woken, finds it taken, waits for 5ms at most",
	}
	if !p.Endless || p.Circle != 2 || p.Starving != "compute-0" || !slices.Equal(p.Schedule, want) {
		t.Errorf("%s waits in the circle from %d on:\n%s", p.Starving, p.Circle, strings.Join(p.Schedule, "\n"))
	}
}

// Every mistake that a lock of the tests can make is found, under the name of the
// rule that it breaks.
func TestMistakesAreFound(t *testing.T) {
	for bug, want := range map[locktest.Bug]string{
		locktest.NewestFirst:     "wake-order: ",
		locktest.NoShake:         "dropper-waits: ",
		locktest.RequestSurvives: "request-wiped: ",
		locktest.HastyRequest:    "timeout-full-interval: ",
		locktest.ShortWait:       "timeout-full-interval: ",
		locktest.NoWake:          "wake-order: ",
		locktest.TwoHolders:      "one-holder: ",
	} {
		r := Run(Config{
			New:   func() Lock { return &locktest.Timed{Interval: interval, Order: policy.FIFO, Bug: bug} },
			Roles: []Role{Releaser, Compute, Compute}, Grain: interval / 2, Limit: plenty,
		})
		if r.Broken == nil || !strings.HasPrefix(r.Broken.Rule, want) || len(r.Broken.Schedule) == 0 {
			t.Errorf("bug %d: found %+v, want %s", bug, r.Broken, want)
		}
	}
}

// deaf is a lock whose wakes are lost: all those of one kind of input.
type deaf struct {
	Lock
	to policy.InputKind
}

func (d deaf) Copy() policy.Policy { return deaf{d.Lock.Copy().(Lock), d.to} }

func (d deaf) Step(in policy.Input, out []policy.Decision) []policy.Decision {
	out = d.Lock.Step(in, out)
	if in.Kind != d.to {
		return out
	}
	return slices.DeleteFunc(out, func(o policy.Decision) bool { return o.Kind == policy.Wake })
}

// A signal that is lost leaves a thread asleep next to a free lock, also where
// that happens only in a rare race: a signal that is to be passed on because the
// wait that it was for had just timed out.
func TestLostSignalsAreFound(t *testing.T) {
	for _, c := range []struct {
		lock string
		to   policy.InputKind
		want string
	}{
		{"cpython-2", policy.Release, "lost wake-up: "},
		{"fifo", policy.Release, "lost wake-up: "},
		{"glibc", policy.Exit, "lost wake-up: "},
		{"handoff", policy.Release, "lost wake-up: "},
		{"fifo", policy.Woken, "a shake without end: "},
	} {
		r := Run(Config{
			New:   func() Lock { return deaf{locks[c.lock](), c.to} },
			Roles: []Role{Poller.Ending(2), Compute.Ending(2), Compute.Ending(2)}, Grain: interval / 2, Limit: plenty,
		})
		if r.Broken == nil || !strings.HasPrefix(r.Broken.Rule, c.want) {
			t.Errorf("%s without the wakes of input %d: found %+v, want %s", c.lock, c.to, r.Broken, c.want)
		}
	}
}

// BenchmarkThreeThreads is an exploration as `fibsim policies check` makes it.
func BenchmarkThreeThreads(b *testing.B) {
	n := 0
	for b.Loop() {
		n += Run(Config{New: locks["glibc"], Roles: []Role{Poller, Poller, Compute}, Grain: interval / 2}).States
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "states/s")
}
