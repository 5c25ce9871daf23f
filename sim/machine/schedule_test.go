package machine

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// Schedules that were worked out by hand, on a machine on which nothing but the
// work takes time. Two CPUs, so that the lock alone decides.

// free is that machine.
func free() Config { return Config{Costs: &Costs{}, Scheduler: "fifo"} }

// once makes every thread of a program go through its body once.
func once(p *workloads.Program) *workloads.Program {
	p.UntilDone, p.Duration = true, 0
	for i := range p.Threads {
		p.Threads[i].Times = 1
	}
	return p
}

func wantEnd(t *testing.T, r *trace.Report, group string, worker int, want time.Duration) {
	t.Helper()
	all := rows(r, group, worker)
	if len(all) != 1 || all[0].End != int64(want) {
		t.Errorf("%s-%d ends at %+v, want %v", group, worker, all, want)
	}
}

// Two threads of 12 ms each. The second asks after 5 ms; the first looks after every
// microsecond of its work, so it lets go at its next look, 5.001 ms; and so on in
// turn. A turn lasts 5.001 ms, the last two what is left: 12 - 10.002 = 1.998.
// (CPython, take_gil: each wait is a full interval from its own begin.)
func TestTwoThreadsTakeTurns(t *testing.T) {
	p := once(underLock("cpython-3", 0, groupOf("a", 1, spinFor(12*ms)), groupOf("b", 1, spinFor(12*ms))))
	r := runs(t, p, free())
	wantEnd(t, r, "a", 0, 22_002*us)
	wantEnd(t, r, "b", 0, 24_000*us)
	a, b := rows(r, "a", 0)[0], rows(r, "b", 0)[0]
	// The first wait of b, and its request, come before its iteration begins.
	if a.Forced != 2 || b.Forced != 2 || a.Requests != 2 || b.Requests != 1 || a.Switches != 2 || b.Switches != 2 {
		t.Errorf("counts of a: %+v, of b: %+v", a.Counts, b.Counts)
	}
	if a.Run != 12e6 || a.WaitGIL != 10_002_000 || b.Run != 12e6 || b.WaitGIL != 12e6-5_001_000 {
		t.Errorf("a ran %d and waited %d, b ran %d and waited %d", a.Run, a.WaitGIL, b.Run, b.WaitGIL)
	}
}

// C code that keeps the lock looks when it is over, not before: the other waits for
// all of it although it asked after 5 ms.
func TestHoldKeepsTheLock(t *testing.T) {
	p := once(underLock("cpython-3", 0, groupOf("c", 1, holdFor(20*ms), spinFor(1*ms)), groupOf("b", 1, spinFor(1*ms))))
	r := runs(t, p, free())
	wantEnd(t, r, "b", 0, 21*ms)
	wantEnd(t, r, "c", 0, 22*ms)
}

// C code that lets the lock go runs beside the other thread, and needs the lock
// again when it is over: at 3 ms, 1 ms after which the interval is not over but the
// other thread ends.
func TestReleasedCodeRunsBeside(t *testing.T) {
	p := once(underLock("cpython-3", 0, groupOf("c", 1, nogilFor(3*ms), spinFor(1*ms)), groupOf("b", 1, spinFor(4*ms))))
	r := runs(t, p, free())
	wantEnd(t, r, "b", 0, 4*ms)
	wantEnd(t, r, "c", 0, 5*ms)
	if c := rows(r, "c", 0)[0]; c.NoGIL != 3e6 || c.WaitGIL != 1e6 || c.Run != 1e6 {
		t.Errorf("c: %+v", c)
	}
}

// With one CPU the released code does not run beside: who has the CPU keeps it
// under fifo. C is the first to run; it keeps the CPU through 3 ms of released code,
// while b, which has the lock by then, is ready; then c finds the lock taken.
func TestReleasedCodeNeedsACPU(t *testing.T) {
	p := once(underLock("cpython-3", 0, groupOf("c", 1, nogilFor(3*ms), spinFor(1*ms)), groupOf("b", 1, spinFor(4*ms))))
	c := free()
	c.CPUs = 1
	r := runs(t, p, c)
	wantEnd(t, r, "c", 0, 4*ms)
	wantEnd(t, r, "b", 0, 8*ms)
}

// A thread that sleeps next to one that computes comes back late by the interval
// that it waits and the way to the next look, 5.001 ms. (CPython 3 on an
// idle host: one interval, and what waking up costs.)
func TestSleeperWaitsAnInterval(t *testing.T) {
	p := underLock("cpython-3", time.Second, groupOf("hog", 1, spinFor(time.Hour)), groupOf("poll", 1, sleepFor(1*ms)))
	c := free()
	r, err := Run(p, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range rows(r, "poll", 0) {
		if late := s.Latency() - s.Planned; late != 5_001_000 {
			t.Errorf("iteration %d is %v late", i, time.Duration(late))
		}
	}
	if n := total(r, "poll").Iterations; n != 166 { // the first begins at 5.001 ms, when it has the lock; the last before 1 s
		t.Errorf("%d iterations", n)
	}
}

// Sleeps do not wait for each other (threads-sleep): three of 200 ms, three times.
func TestSleepsOverlap(t *testing.T) {
	p := once(underLock("cpython-3", 0, groupOf("nap", 3, sleepFor(200*ms))))
	p.Threads[0].Times = 3
	r := runs(t, p, free())
	for w := range 3 {
		if all := rows(r, "nap", w); len(all) != 3 || all[2].End != 600e6 {
			t.Errorf("nap-%d: %+v", w, all)
		}
	}
}

// A thread that gives way by sleep(0) in no time at all wins the lock back from the
// one that it woke (the releaser keeps it if and only if its call is over
// first); and one whose call takes longer than the other's wake-up loses it.
func TestShortCallsBarge(t *testing.T) {
	p := underLock("cpython-3", 100*ms, groupOf("hog", 1, spinFor(time.Hour)), groupOf("polite", 1, yieldTimes(1), spinFor(10*us)))
	p.Threads[1].Start = 1 * ms
	c := free()
	c.Costs.WakeIdle, c.Costs.WakeDeep = Exactly(3000), Exactly(3000)
	c.Costs.SystemCall = 1000
	r := runs(t, p, c)
	if s := total(r, "polite"); s.Barges < 1000 {
		t.Errorf("a call of 1 µs kept the lock %d times in 100 ms, next to a wake-up of 3 µs", s.Barges)
	}
	c.Costs = &Costs{SystemCall: 5000, WakeIdle: Exactly(3000), WakeDeep: Exactly(3000)}
	r = runs(t, p, c)
	if s := total(r, "polite"); s.Barges != 0 || s.Iterations < 15 || s.Iterations > 20 {
		t.Errorf("a call of 5 µs kept the lock %d times; %d iterations", s.Barges, s.Iterations)
	}
}

// The lock of Python 2 lets go every 100 ticks: next to a plain loop, which counts
// 25 in a microsecond, that is after 5 µs (the first look by which more than 100
// have come). A sleeper that comes back gets the lock there, if the releaser does not win it back:
// the wake-up takes no time here, but the releaser takes the lock in the same
// instant. So it never gets it, as on one CPU with the tick lock, until the
// releaser's call takes time.
func TestTickLock(t *testing.T) {
	p := underLock("cpython-2", 100*ms, groupOf("hog", 1, spinFor(time.Hour)), groupOf("poll", 1, sleepFor(1*ms)))
	c := free()
	c.Costs.WakeCall = 500 // the system call of the release: the other comes in the middle of it
	r := runs(t, p, c)
	for i, s := range rows(r, "poll", 0) {
		if late := s.Latency() - s.Planned; late > 6000 {
			t.Errorf("iteration %d is %d ns late, and a check comes every 5 µs", i, late)
		}
	}
	if s := total(r, "poll"); s.Iterations < 95 {
		t.Errorf("%d iterations", s.Iterations)
	}
	if f := total(r, "hog"); f.Forced != 0 { // its one iteration has not ended
		t.Errorf("%+v", f.Counts)
	}
}

// Ticks of fib: two for each call and seven more for each that recurses. fib(20) is
// 13,529 calls, 6,764 of which recurse: 74,406 ticks, in 46 ns for each call. So 100
// ticks are 18.2 calls or 0.84 µs, and a check, the first look by which more than 100
// have come, is 101/5.4998 = 18.4 calls after the last: 0.845 µs on average.
func TestTickLockCountsFib(t *testing.T) {
	p := underLock("cpython-2", 10*ms, groupOf("a", 1, fibOf(20)), groupOf("b", 1, fibOf(20)))
	p.Interpreter.Pace.NS = 46
	r := runs(t, p, free())
	var checks, last int64
	for _, e := range r.Log.Events {
		if e.Kind == trace.Forced {
			checks, last = checks+1, e.Time
		}
	}
	// One of the two waits from the start to the end.
	if want := last / 845; checks < want*99/100 || checks > want*101/100 {
		t.Errorf("%d checks in %d ns, want %d within 1 %%", checks, last, want)
	}
}

// One thread of pure fib takes its calls times the pace, whatever the lock and the
// scheduler, and as a goroutine.
func TestFibTakesItsTime(t *testing.T) {
	for _, lock := range []string{"none", "cpython-3", "cpython-2"} {
		for _, c := range machines() {
			c.Costs = &Costs{}
			p := once(underLock(lock, 0, groupOf("crunch", 1, fibOf(25))))
			p.Threads[0].Times = 3
			r := runs(t, p, c)
			for _, s := range rows(r, "crunch", 0) {
				if s.Latency() != 150_049*25 { // fib(25) = 75,025
					t.Errorf("%s on %+v: %d ns", lock, c, s.Latency())
				}
			}
			if r.Window.End != 3*150_049*25 {
				t.Errorf("%s on %+v ends at %d", lock, c, r.Window.End)
			}
		}
	}
}

// On a host whose speed wobbles, fib takes longer in the long run than its pace, which
// is its best, and nothing else does.
func TestWobbleStretchesFib(t *testing.T) {
	p := once(underLock("cpython-3", 0, groupOf("crunch", 1, fibOf(25), spinFor(ms))))
	r := runs(t, p, Config{Costs: &Costs{Wobble: 80_000}})
	if got, want := rows(r, "crunch", 0)[0].Latency(), int64(150_049*27+1e6); got != want {
		t.Errorf("%d ns, want %d: 8 %% more of fib alone", got, want)
	}
}

// An interval that never ends lets bodies that do not block run one after another.
func TestEndlessIntervalRunsToCompletion(t *testing.T) {
	for _, name := range schedulers(false) {
		p := once(underLock("cpython-3", 0, groupOf("a", 4, fibOf(22), spinFor(3*ms), holdFor(1*ms))))
		p.Interpreter.Params = map[string]any{"switch_interval": 100 * time.Second}
		r := runs(t, p, Config{Costs: &Costs{}, Scheduler: name})
		one := int64(35_421*25 + 4e6)
		seen := map[int64]bool{}
		for w := range 4 {
			seen[rows(r, "a", w)[0].End] = true
		}
		for k := int64(1); k <= 4; k++ {
			if !seen[k*one] {
				t.Errorf("%s: nobody ends at %d: %v", name, k*one, seen)
			}
		}
	}
}

// A thread that asks queues anew, behind those who wait already (Python/ceval_gil.c,
// take_gil: another pthread_cond_timedwait), so its request serves another. Where all is
// as exact as here, that can go on for ever. The second hog asks, the poller is first in the
// queue and takes the lock, by which it wakes the first hog, and lets it go at once, by which
// it wakes the second. The first is there first; the second has woken in vain and begins a
// wait of a whole interval, just before the poller, which comes back 1 ms later. With real
// wake-ups, which vary, it has its turn.
func TestWhoAsksStarvesWhereNothingVaries(t *testing.T) {
	turns := func(costs *Costs) map[string]int {
		p := underLock("cpython-3", 2*time.Second, groupOf("hog", 2, spinFor(time.Hour)), groupOf("poll", 1, sleepFor(1*ms)))
		p.Threads[1].Start = 500 * us
		p.Interpreter.Params = map[string]any{"wake_order": "fifo"}
		r := runs(t, p, Config{CPUs: 4, Scheduler: "fifo", Costs: costs})
		n := map[string]int{}
		for _, e := range r.Log.Events {
			if th := r.Log.Threads[e.Thread]; e.Kind == trace.Take || e.Kind == trace.Request {
				n[fmt.Sprint(e.Kind, " ", th.Group, th.Worker)]++
			}
		}
		return n
	}
	if n := turns(&Costs{}); n["take hog1"] > 1 || n["request hog1"] < 390 || n["take hog0"] < 390 || n["take poll0"] < 390 {
		t.Errorf("nothing varies: %v", n)
	}
	if n := turns(nil); n["take hog1"] < 50 || n["take hog0"] < 50 {
		t.Errorf("at the default costs: %v", n)
	}
}

// Who needs the least before it blocks has the CPU, whatever place in its body it blocks at: the demand that a policy
// is told goes on with the next iteration, and a thread that never blocks needs all the time that is left.
func TestShortestGoesOnWithTheNextIteration(t *testing.T) {
	for name, long := range map[string]workloads.Group{
		"a sleep at the end":   groupOf("long", 1, spinFor(100*us), sleepFor(1*us)),
		"a sleep at the begin": groupOf("long", 1, sleepFor(1*us), spinFor(100*us)),
		"so many times":        groupOf("long", 1, spinFor(100*us), sleepFor(1*us)),
		"in a loop":            groupOf("long", 1, loopOf(10, spinFor(10*us)), sleepFor(1*us)),
		"none":                 groupOf("long", 1, spinFor(100*us)),
	} {
		if name == "so many times" {
			long.Times = 1000
		}
		for _, short := range []workloads.Group{groupOf("short", 1, spinFor(2*us), sleepFor(3*us)), groupOf("short", 1, sleepFor(3*us), spinFor(2*us))} {
			r := runs(t, underLock("none", 5*ms, long, short), Config{CPUs: 1, Scheduler: "srtf", Costs: &Costs{}})
			// The short one waits where less than its 2 us are left of the long one, which is 30 times.
			if got := total(r, "short").Iterations; got < 1000-30*2/5 || got > 1001 {
				t.Errorf("%s: %d short ones in 5 ms, want one in 5 us", name, got)
			}
		}
	}

	// In the midst of a loop: what is left of the pass, and the passes to come.
	m, err := newMachine(underLock("none", 5*ms, groupOf("a", 1, loopOf(5, spinFor(10*us), spinFor(20*us)), sleepFor(1*us))), Config{CPUs: 1, Scheduler: "srtf", Costs: &Costs{}})
	if err != nil {
		t.Fatal(err)
	}
	th := &m.threads[0]
	th.pc = int32(slices.IndexFunc(th.group.code, func(o op) bool { return o.kind == opSpin && o.length.Mean == int64(20*us) }))
	m.loops[th.loops] = 3
	if got := m.demand(th); got != int64(20*us+2*30*us) {
		t.Errorf("%d ns of demand in the third pass but two, want 80 us", got)
	}

	// However a body is written, its thread needs the same, and one that needs something more or less comes
	// after it or before.
	flat := groupOf("long", 1, spinFor(100*us), sleepFor(1*us))
	times := flat
	times.Times = 1000
	late := groupOf("long", 1, sleepFor(1*us), spinFor(10*us), spinFor(90*us))
	for _, c := range []struct {
		name        string
		flat, other workloads.Group
	}{
		{"passes without a sleep", flat, groupOf("long", 1, loopOf(10, spinFor(10*us)), sleepFor(1*us))},
		{"passes with a sleep", flat, groupOf("long", 1, loopOf(10, spinFor(100*us), sleepFor(1*us)))},
		{"a pass that ends computing", late, groupOf("long", 1, loopOf(1, sleepFor(1*us), spinFor(10*us)), spinFor(90*us))},
		{"so many iterations", flat, times},
	} {
		for _, needs := range []time.Duration{60 * us, 150 * us} {
			count := func(long workloads.Group) int64 {
				r := runs(t, underLock("none", 20*ms, long, groupOf("mid", 1, spinFor(needs), sleepFor(1*us))), Config{CPUs: 1, Scheduler: "srtf", Costs: &Costs{}})
				return total(r, "mid").Iterations
			}
			if flat, other := count(c.flat), count(c.other); other < flat-1 || other > flat+1 {
				t.Errorf("%s: %d times %v beside it, and %d where the body is flat", c.name, other, needs, flat)
			}
		}
	}

	// Among equals nobody is left out.
	for _, scheduler := range []string{"sjf", "srtf"} {
		for _, body := range [][]workloads.Op{{spinFor(20 * us), sleepFor(1 * us)}, {sleepFor(1 * us), spinFor(20 * us)}} {
			r := runs(t, underLock("none", 5*ms, groupOf("a", 3, body...)), Config{CPUs: 1, Scheduler: scheduler, Costs: &Costs{}})
			for w := range 3 {
				if n := len(rows(r, "a", w)); n < 82 || n > 84 {
					t.Errorf("%s: thread %d of three equal ones has %d iterations, want 83", scheduler, w, n)
				}
			}
		}
	}

	// The iterations that are left of a thread that never blocks.
	few := groupOf("few", 1, spinFor(100*us))
	few.Times = 3
	r := runs(t, underLock("none", 5*ms, few, groupOf("mid", 1, sleepFor(10*us), spinFor(200*us))), Config{CPUs: 1, Scheduler: "srtf", Costs: &Costs{}})
	if first := rows(r, "mid", 0)[0]; first.Latency() != int64(210*us) {
		t.Errorf("200 us were done in %d ns beside 290 that had begun", first.Latency())
	}
}
