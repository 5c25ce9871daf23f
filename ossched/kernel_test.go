package ossched

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// share returns the part of all CPU time that a task had.
func (d *driver) share(i int) float64 {
	total := int64(0)
	for j := range d.tasks {
		total += d.tasks[j].ran
	}
	return float64(d.tasks[i].ran) / float64(total)
}

func near(t *testing.T, what string, got, low, high float64) {
	t.Helper()
	if got < low || got > high {
		t.Errorf("%s: got %.4f, want %.4f to %.4f", what, got, low, high)
	}
}

const (
	hz250  = 4 * ms // ns between two ticks
	hz1000 = 1 * ms
)

// slowed gives a fair scheduler on one CPU the time slices that it has on more, by
// the factor by which they grow.
func slowed(name string, factor int) map[string]any {
	if name == "eevdf" {
		return map[string]any{"base_slice": time.Duration(factor) * 700 * time.Microsecond}
	}
	return map[string]any{
		"latency":            time.Duration(factor) * 6 * time.Millisecond,
		"min_granularity":    time.Duration(factor) * 750 * time.Microsecond,
		"wakeup_granularity": time.Duration(factor) * time.Millisecond,
	}
}

// The factor of the time slices is 1 + log2(min(CPUs, 8)), rounded down
// (get_update_sysctl_factor).
func TestScale(t *testing.T) {
	for cpus, want := range map[int]int64{1: 1, 2: 2, 3: 2, 4: 3, 7: 3, 8: 4, 64: 4} {
		if got := scale(cpus); got != want {
			t.Errorf("%d CPUs: got %d, want %d", cpus, got, want)
		}
	}
}

// Two hogs alternate when a tick finds the slice used up. EEVDF: 0.7 ms times the
// factor, rounded up to ticks, so that at 250 Hz the factor makes no difference.
// CFS: half of 6 ms times the factor, and the comparison is strict.
func TestSlicesEndAtTicks(t *testing.T) {
	for _, test := range []struct {
		name         string
		tick         int64
		factor       int
		switchesIn4s int
	}{
		{"eevdf", hz250, 1, 1000}, {"eevdf", hz250, 2, 1000}, {"eevdf", hz250, 4, 1000},
		{"eevdf", hz1000, 1, 4000}, {"eevdf", hz1000, 2, 2000}, {"eevdf", hz1000, 4, 1333},
		{"cfs", hz250, 1, 1000}, {"cfs", hz250, 2, 500}, {"cfs", hz250, 4, 250},
	} {
		d := newDriver(t, test.name, Config{Tick: test.tick, Params: slowed(test.name, test.factor)}, hog(0), hog(0))
		d.phase = 100_000 // a tick never falls on the instant in which a task begins
		d.run(4000 * ms)
		if d.switches < test.switchesIn4s-1 || d.switches > test.switchesIn4s+2 {
			t.Errorf("%s at %d Hz, factor %d: %d switches in 4 s, want %d",
				test.name, 1000*ms/test.tick, test.factor, d.switches, test.switchesIn4s)
		}
	}
}

// Hogs share a CPU by their weights, within a slice and a tick for each of them.
func TestSharesByWeight(t *testing.T) {
	for _, name := range []string{"eevdf", "cfs"} {
		for _, nices := range [][]int{{0, 0}, {0, 1}, {0, 5}, {0, 10}, {0, 19}, {-5, 0}, {0, 0, 5}, {-20, 19, 3, 3}} {
			var scripts []script
			total := int64(0)
			for _, n := range nices {
				scripts = append(scripts, hog(n))
				total += weights[n+20]
			}
			for _, tick := range []int64{hz250, hz1000} {
				const end = 8000 * ms
				d := newDriver(t, name, Config{Tick: tick}, scripts...)
				d.phase = 100_000
				d.run(end)
				for i, n := range nices {
					want := float64(end) * float64(weights[n+20]) / float64(total)
					slack := float64(tick + 6*ms)
					near(t, fmt.Sprintf("%s, tick %d, nice %v, task %d", name, tick, nices, i), float64(d.tasks[i].ran), want-slack, want+slack)
				}
			}
		}
	}
}

// The shares that follow from the table of weights, as they are published.
func TestWeights(t *testing.T) {
	for _, test := range []struct {
		a, b  int
		share float64
	}{{0, 1, .5553}, {0, 5, .7535}, {0, 10, .9030}, {0, 19, .9856}, {-5, 0, .7530}} {
		a, b := float64(weights[test.a+20]), float64(weights[test.b+20])
		near(t, fmt.Sprint(test), a/(a+b), test.share-.00005, test.share+.00005)
	}
}

// The author of EEVDF tells it from CFS by a parent that always runs and a child
// that runs half of the time, on one CPU: 67 to 33 under EEVDF, 50 to 50 under CFS,
// whose credit for sleepers gives the child all it asks for (cover letter of
// EEVDF, March 2023). That was before tasks with a debt left the queue late, since
// 6.12, which gives the child more: Linux 6.18 with these ticks and this slice
// measures 0.60, 0.59, 0.60, 0.60 and 0.62. The child is out of step with the ticks:
// where deadlines are equal, the result depends on who wins.
func TestSleepersSignature(t *testing.T) {
	random := chance(67)
	about := func(mean int64) int64 { return mean/2 + int64(random.below(int(mean))) }
	prompt := slowed("eevdf", 2)
	prompt["delay_dequeue"] = false
	for _, run := range []int64{500_000, 1 * ms, 2 * ms, 3 * ms, 4 * ms} {
		child := script{loop: true}
		for range 1001 { // half to one and a half of that, lest parent and child fall into step
			child.bursts, child.sleeps = append(child.bursts, about(run)), append(child.sleeps, about(run))
		}
		for _, test := range []struct {
			name   string
			params map[string]any
			share  [2]float64
		}{
			{"eevdf", prompt, [2]float64{.65, .68}},
			{"eevdf", slowed("eevdf", 2), [2]float64{.58, .65}},
			{"cfs", slowed("cfs", 2), [2]float64{.49, .54}},
		} {
			d := newDriver(t, test.name, Config{Tick: hz250, Params: test.params}, hog(0), child)
			d.phase = 100_000
			what := fmt.Sprintf("%s %v, share of the parent, child runs about %d µs at a time", test.name, test.params, run/1000)
			near(t, what, d.run(20_000*ms).share(0), test.share[0], test.share[1])
		}
	}
}

// A task that runs for 0.1 ms every 5 ms beside a hog gets nearly all it asks for.
// Under EEVDF it may wait for the end of a slice, which is a tick; among several
// hogs up to its deadline, which is a slice of 1.4 ms for each of the five, and a tick.
// Under CFS it preempts at once, however many hogs there are.
func TestSleeperAmongHogs(t *testing.T) {
	for _, test := range []struct {
		name          string
		tick          int64
		hogs          int
		demand        [2]float64 // part that it got
		median, worst int64      // wake-up latency at most
	}{
		{"eevdf", hz250, 1, [2]float64{.95, 1.001}, 0, 4 * ms},
		{"eevdf", hz1000, 1, [2]float64{.97, 1.001}, 0, 2 * ms},
		{"eevdf", hz250, 4, [2]float64{.8, 1}, 3 * ms, 11 * ms},
		{"eevdf", hz1000, 4, [2]float64{.8, 1}, 3 * ms, 8 * ms},
		{"cfs", hz250, 1, [2]float64{.997, 1.001}, 0, 0},
		{"cfs", hz250, 4, [2]float64{.997, 1.001}, 0, 0},
	} {
		what := fmt.Sprintf("%s, tick %d, %d hogs", test.name, test.tick, test.hogs)
		scripts := []script{periodic(100_000, 4_901_000)}
		for range test.hogs {
			scripts = append(scripts, hog(0))
		}
		d := newDriver(t, test.name, Config{Tick: test.tick, Params: slowed(test.name, 2)}, scripts...).run(20_000 * ms)
		near(t, what+": part of demand", float64(d.tasks[0].ran)*5_001_000/100_000/20e9, test.demand[0], test.demand[1])
		waits := slices.Sorted(slices.Values(d.tasks[0].waits[1:]))
		if median, worst := waits[len(waits)/2], waits[len(waits)-1]; median > test.median || worst > test.worst {
			t.Errorf("%s: wake-up latency has median %d and maximum %d, want %d and %d at most", what, median, worst, test.median, test.worst)
		}
	}
}

// CFS gives a sleeper no more than half a period of credit: after an hour it is
// ahead of a hog by as much as after a second, and not for longer.
func TestCFSCreditIsCapped(t *testing.T) {
	for _, asleep := range []int64{1000 * ms, 3_600_000 * ms} {
		p, err := New("cfs", Config{CPUs: 1, Tick: hz250})
		if err != nil {
			t.Fatal(err)
		}
		p.Add(0, Attr{})
		p.Add(1, Attr{})
		p.Enqueue(0, 0, 0, Created)
		p.Pick(0, 0)
		p.Put(0, ms, Blocked)
		p.Enqueue(0, 1, ms, Created)
		p.Pick(0, ms)
		p.Enqueue(0, 0, ms+asleep, Wakeup)
		s := p.(*cfs)
		if credit := s.tasks[1].v - s.tasks[0].v; credit != 3*ms {
			t.Errorf("asleep for %d: credit of %d", asleep, credit)
		}
	}
}

// With more than 8 tasks the period of CFS grows, and each still runs for the
// minimum at least.
func TestCFSManyTasks(t *testing.T) {
	var scripts []script
	for range 20 {
		scripts = append(scripts, hog(0))
	}
	d := newDriver(t, "cfs", Config{Tick: hz1000, Params: slowed("cfs", 4)}, scripts...).run(6000 * ms)
	// 3 ms each, and the comparison is strict: 4 ticks of a millisecond.
	if d.switches < 1490 || d.switches > 1510 {
		t.Errorf("%d switches in 6 s", d.switches)
	}
}

// CFS passes over the first in the queue when it has yielded, if the second is not
// behind it by more than the wake-up granularity.
func TestCFSYield(t *testing.T) {
	for ran, passed := range map[int64]bool{500_000: true, 1_500_000: false} {
		p, err := New("cfs", Config{CPUs: 1, Tick: hz250})
		if err != nil {
			t.Fatal(err)
		}
		for i := range Task(2) {
			p.Add(i, Attr{})
			p.Enqueue(0, i, 0, Wakeup)
		}
		first := p.Pick(0, 0)
		p.Put(0, 100_000, Preempted)
		second := p.Pick(0, 100_000)
		p.Put(0, 100_000+ran, Preempted)
		if got := p.Pick(0, 100_000+ran); got != first || got == second {
			t.Fatalf("picked %d, not the one that ran less", got)
		}
		p.Put(0, 200_000+ran, Yielded)
		if got := p.Pick(0, 200_000+ran); (got == second) != passed {
			t.Errorf("the second is %d ns behind: picked %d", ran-200_000, got)
		}
	}
}

// A new task of EEVDF has half a slice first, and does not preempt its parent.
func TestEEVDFNewTask(t *testing.T) {
	p, err := New("eevdf", Config{CPUs: 1, Tick: hz250})
	if err != nil {
		t.Fatal(err)
	}
	p.Add(0, Attr{})
	p.Add(1, Attr{})
	p.Enqueue(0, 0, 0, Created)
	p.Pick(0, 0)
	if c := p.Enqueue(0, 1, 100_000, Created); c != NoCPU {
		t.Errorf("a new task preempts its parent")
	}
	e := p.(*eevdf)
	if half := e.entities[1].d - e.tasks[1].v; half != 350_000 {
		t.Errorf("its first slice is %d", half)
	}
}

// A task with a shorter slice of its own preempts when it wakes and is eligible,
// however fresh the current one is; one with an equal slice does not.
func TestEEVDFShortSlices(t *testing.T) {
	for _, others := range []int{1, 2} {
		for slice, want := range map[int64]CPU{100_000: 0, 3 * ms: NoCPU} {
			p, err := New("eevdf", Config{CPUs: 1, Tick: hz1000})
			if err != nil {
				t.Fatal(err)
			}
			for i := range Task(others) {
				p.Add(i, Attr{Slice: 3 * ms})
				p.Enqueue(0, i, 0, Wakeup)
			}
			p.Pick(0, 0)
			p.Add(Task(others), Attr{Slice: slice})
			if got := p.Enqueue(0, Task(others), 500_000, Wakeup); got != want {
				t.Errorf("a slice of %d against %d of 3 ms: reschedules CPU %d", slice, others, got)
			}
		}
	}
}

// Where a shorter slice cannot preempt, for want of being eligible, it still cuts
// the protection of the current task down to its own length.
func TestEEVDFShortSliceCutsProtection(t *testing.T) {
	p, err := New("eevdf", Config{CPUs: 1, Tick: hz1000, Params: map[string]any{"preempt_short": false}})
	if err != nil {
		t.Fatal(err)
	}
	p.Add(0, Attr{Slice: 10 * ms})
	p.Add(1, Attr{Slice: 2 * ms})
	p.Enqueue(0, 0, 0, Wakeup)
	p.Pick(0, 0)
	if got := p.Enqueue(0, 1, ms, Wakeup); got != NoCPU {
		t.Fatal("it preempts")
	}
	if next := p.Next(0, ms); next != 3*ms {
		t.Errorf("protected until %d", next)
	}
}

// A task that ran more than its share and blocks stays in the queue, delayed. A nap
// does not wipe out the debt; waiting does.
func TestEEVDFDelayedDequeue(t *testing.T) {
	p, err := New("eevdf", Config{CPUs: 1, Tick: hz250})
	if err != nil {
		t.Fatal(err)
	}
	for i := range Task(2) {
		p.Add(i, Attr{})
		p.Enqueue(0, i, 0, Wakeup)
	}
	e := p.(*eevdf)
	first := p.Pick(0, 0)
	p.Put(0, 500_000, Blocked)
	if !e.entities[first].delayed || e.queues[0].n != 2 || e.cpus[0].n != 1 {
		t.Fatalf("a task with a debt of %d left the queue", -e.entities[first].lag)
	}
	other := p.Pick(0, 500_000)
	if other == first || other == NoTask {
		t.Fatalf("picked %d", other)
	}
	v := e.tasks[first].v
	p.Enqueue(0, first, 600_000, Wakeup) // a nap: it owes what it owed
	if e.entities[first].delayed || e.tasks[first].v != v || e.tasks[first].v <= e.queues[0].mean {
		t.Errorf("after a nap it has v %d, not %d, with V %d", e.tasks[first].v, v, e.queues[0].mean)
	}
	// Asleep for as long as the other needs to catch up, it starts with a lag of 0.
	p.Put(0, 700_000, Preempted)
	if got := p.Pick(0, 700_000); got != other {
		t.Fatalf("picked %d, which has a debt", got)
	}
	p.Put(0, 5*ms, Exited)
	if got := p.Pick(0, 5*ms); got != first {
		t.Fatalf("picked %d", got)
	}
}

// A delayed task that wakes and is owed something starts afresh where V was at the
// last tick: the current task is charged only then for what it has run since, and
// that is a lag that the woken one is given (enqueue_task_fair, requeue_delayed_entity).
func TestEEVDFDelayedTaskWakesAsOfTheTick(t *testing.T) {
	p, err := New("eevdf", Config{CPUs: 1, Tick: hz250, Params: map[string]any{"base_slice": 10 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range Task(2) {
		p.Add(i, Attr{})
		p.Enqueue(0, i, 0, Wakeup)
	}
	e := p.(*eevdf)
	first := p.Pick(0, 0)
	p.Put(0, 500_000, Blocked)
	other := p.Pick(0, 500_000)
	if next := p.Next(0, 500_000); next > 4*ms {
		t.Errorf("the next tick counts, not that at %d", next)
	}
	if p.Tick(0, 4*ms) {
		t.Fatal("the other's slice of 10 ms is over")
	}
	p.Enqueue(0, first, 5*ms, Wakeup)
	if v, w := e.tasks[first].v, e.tasks[other].v; v != 3_500_000 || w != 4_500_000 {
		t.Errorf("v of the woken task is %d, that of the other %d", v, w)
	}
	if lag := e.queues[0].mean - e.tasks[first].v; lag != 500_000 {
		t.Errorf("the woken task has a lag of %d", lag)
	}
}

// A delayed task whose turn it would be does not keep a task that wakes from running
// at once: it leaves (wakeup_preempt_fair).
func TestEEVDFWakesPastDelayedTasks(t *testing.T) {
	p, err := New("eevdf", Config{CPUs: 1, Tick: hz250, Params: map[string]any{"base_slice": 10 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range Task(3) {
		p.Add(i, Attr{})
	}
	p.Enqueue(0, 0, 0, Wakeup)
	p.Enqueue(0, 1, 0, Wakeup)
	e := p.(*eevdf)
	debtor := p.Pick(0, 0)
	p.Put(0, 300_000, Blocked)
	hog := p.Pick(0, 300_000)
	if !e.entities[debtor].delayed || hog == debtor {
		t.Fatal("nobody is delayed")
	}
	if c := p.Enqueue(0, 2, 3_500_000, Wakeup); c != 0 || e.entities[debtor].delayed {
		t.Errorf("reschedules CPU %d; the debtor is delayed: %v", c, e.entities[debtor].delayed)
	}
	p.Put(0, 3_500_000, Preempted)
	if got := p.Pick(0, 3_500_000); got != 2 {
		t.Errorf("picked %d", got)
	}
}

// A task that wakes when the slice of one that is alone is just over has the same
// deadline as that one, and runs at once, however ties are broken (pick_eevdf).
func TestEEVDFRunningTaskLosesTies(t *testing.T) {
	for seed := range uint64(20) {
		p, err := New("eevdf", Config{CPUs: 1, Tick: hz250, Ties: seed})
		if err != nil {
			t.Fatal(err)
		}
		for i := range Task(2) {
			p.Add(i, Attr{})
		}
		p.Enqueue(0, 0, 0, Wakeup)
		p.Pick(0, 0)
		e := p.(*eevdf)
		if c := p.Enqueue(0, 1, 2*ms, Wakeup); c != 0 || e.entities[0].d != e.entities[1].d {
			t.Fatalf("seed %d: reschedules CPU %d; the deadlines are %d and %d", seed, c, e.entities[0].d, e.entities[1].d)
		}
		p.Put(0, 2*ms, Preempted)
		if got := p.Pick(0, 2*ms); got != 1 {
			t.Errorf("seed %d: the one that was preempted goes on", seed)
		}
	}
}

// In a group with others beside it, a tick ends the turn of a task with a debt within
// its slice, and not that of a task without.
func TestEEVDFTicksOfAGroup(t *testing.T) {
	for _, grouped := range []bool{false, true} {
		p, err := New("eevdf", Config{CPUs: 1, Tick: hz250,
			Params: map[string]any{"base_slice": 10 * time.Millisecond, "grouped": grouped}})
		if err != nil {
			t.Fatal(err)
		}
		for i := range Task(2) {
			p.Add(i, Attr{})
		}
		p.Enqueue(0, 0, 0, Wakeup)
		first := p.Pick(0, 0)
		if p.Tick(0, 1*ms) {
			t.Fatalf("grouped %v: a tick reschedules a task that is alone", grouped)
		}
		p.Enqueue(0, 1, 2*ms, Wakeup)
		if next := p.Next(0, 2*ms); (next < 10*ms) != grouped {
			t.Errorf("grouped %v: the next tick that counts is at %d", grouped, next)
		}
		if got := p.Tick(0, 5*ms); got != grouped {
			t.Fatalf("grouped %v: the tick reschedules: %v", grouped, got)
		}
		if !grouped {
			continue
		}
		p.Put(0, 5*ms, Preempted)
		if got := p.Pick(0, 5*ms); got == first {
			t.Error("a task with a debt goes on")
		}
		p.Tick(0, 6*ms)
		p.Put(0, 6*ms, Preempted)
		if got := p.Pick(0, 6*ms); got == first {
			t.Error("a task without a debt is interrupted")
		}
	}
}

// A delayed task whose turn comes is taken out for good, without a debt that it has
// waited off.
func TestEEVDFDelayedTaskLeaves(t *testing.T) {
	p, err := New("eevdf", Config{CPUs: 1, Tick: hz250})
	if err != nil {
		t.Fatal(err)
	}
	for i := range Task(3) {
		p.Add(i, Attr{})
		p.Enqueue(0, i, 0, Wakeup)
	}
	e := p.(*eevdf)
	debtor := p.Pick(0, 0)
	p.Put(0, 300_000, Blocked)
	now := int64(300_000)
	for range 20 {
		p.Pick(0, now)
		now += 300_000
		p.Put(0, now, Preempted)
	}
	if x := &e.entities[debtor]; x.delayed || x.lag != 0 || e.queues[0].n != 2 {
		t.Errorf("after 6 ms: %+v, %d in the queue", *x, e.queues[0].n)
	}
}

// A yield gives up the rest of the slice.
func TestEEVDFYield(t *testing.T) {
	d := newDriver(t, "eevdf", Config{Tick: hz250}, script{bursts: []int64{100_000}, loop: true}, hog(0))
	d.phase = 50_000
	d.run(1000 * ms)
	// Each yield costs it a slice of 0.7 ms for 0.1 ms; the hog runs for a tick at a time.
	if got := d.share(0); got > .2 {
		t.Errorf("who yields all the time gets %.3f", got)
	}
}

// As long as nobody comes or goes, nobody among equals is owed more than a slice and a
// tick, and nobody owes more (Stoica and Abdel-Wahab 1995; a slice ends at a tick).
// Among unequals there is no such bound: their theorem wants slices that are no
// shorter than the time between two looks, and a tick is longer than most.
func TestEEVDFLagBound(t *testing.T) {
	for n := 2; n < 12; n++ {
		for _, tick := range []int64{hz250, hz1000} {
			scripts := make([]script, n)
			for i := range scripts {
				scripts[i] = hog(0)
			}
			d := newDriver(t, "eevdf", Config{Tick: tick}, scripts...)
			d.check = func(d *driver) { checkLags(t, d) }
			d.run(3000 * ms)
		}
	}
}

func checkLags(t *testing.T, d *driver) {
	t.Helper()
	e := d.p.(*eevdf)
	longest := int64(0)
	for i := range e.entities {
		longest = max(longest, e.entities[i].slice)
	}
	for i := range e.tasks {
		bound := virtual(longest+e.tick, e.tasks[i].weight) + 1 // V is rounded down
		if lag := e.queues[0].mean - e.tasks[i].v; lag > bound || lag < -bound {
			t.Fatalf("at %d of %d tasks number %d, %+v, has a lag of %d, beyond %d", d.now, len(e.tasks), i, d.tasks[i].attr, lag, bound)
		}
	}
}
