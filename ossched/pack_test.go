package ossched

import (
	"slices"
	"testing"
)

// packers are the schedulers that have the parameter, with which they pack up to 70 percent.
func packers(t *testing.T, cpus int) map[string]Policy {
	t.Helper()
	all := map[string]Policy{}
	for _, name := range Names() {
		if HasParam(name, "pack") {
			p, err := New(name, Config{CPUs: cpus, Tick: hz250, Params: map[string]any{"pack": 70}})
			if err != nil {
				t.Fatal(err)
			}
			all[name] = p
		}
	}
	if len(all) != 3 {
		t.Errorf("%d schedulers can pack", len(all))
	}
	return all
}

// starts makes new tasks runnable on CPUs, and the first of each CPU run.
func starts(p Policy, now int64, cpus ...CPU) {
	for i, c := range cpus {
		p.Add(Task(i), Attr{})
		p.Enqueue(c, Task(i), now, Created)
		if slices.Index(cpus, c) == i {
			p.Pick(c, now)
		}
	}
}

// A task whose CPU is busy wakes there, although another is idle, as long as that CPU has been busy for
// no more than 70 percent of its recent time. A CPU that begins to be busy has been so for
// 1-2^(-t/33.55 ms), which is 70 percent after 58 ms: so long did two threads on the development
// host, which boots with sched_vcpu_pack=15, stay together.
func TestPacksUpToAShareOfItsTime(t *testing.T) {
	for name, p := range packers(t, 2) {
		starts(p, 0, 0, 1)
		p.Put(0, 0, Blocked) // the one whose CPU it is to be
		p.Put(1, 0, Blocked)
		p.Add(2, Attr{})
		p.Enqueue(0, 2, 0, Created) // and the one that keeps it busy
		p.Pick(0, 0)
		for _, at := range []struct {
			ms   int64
			want CPU
		}{{0, 0}, {20, 0}, {57, 0}, {60, 1}, {200, 1}} {
			if got := p.Place(0, NoCPU, at.ms*ms); got != at.want {
				t.Errorf("%s: after %d ms a task wakes on CPU %d, want %d", name, at.ms, got, at.want)
			}
		}
		p.Put(0, 200*ms, Blocked)
		p.Enqueue(0, 2, 220*ms, Wakeup) // it is down to 2/3
		p.Pick(0, 220*ms)
		if got := p.Place(0, NoCPU, 220*ms); got != 0 {
			t.Errorf("%s: after a rest a task wakes on CPU %d, want 0", name, got)
		}
	}
}

// A CPU with two runnable tasks has no room. Of two that wake at once the second moves: so it
// was in traces of CPython.
func TestPacksOneTaskOnly(t *testing.T) {
	for name, p := range packers(t, 2) {
		starts(p, 0, 0, 0, 0)
		p.Put(0, 0, Blocked)
		first := p.Pick(0, 0)
		p.Put(0, 0, Blocked)
		p.Pick(0, 0)
		if first == NoTask {
			t.Fatalf("%s: no task", name)
		}
		asleep := []Task{}
		for i := range Task(3) {
			if fairOf(p).phases[i] == away {
				asleep = append(asleep, i)
			}
		}
		if got := p.Place(asleep[0], NoCPU, ms); got != 0 {
			t.Errorf("%s: the first of two wakes on CPU %d, want 0", name, got)
		}
		p.Enqueue(0, asleep[0], ms, Wakeup)
		if got := p.Place(asleep[1], NoCPU, ms); got != 1 {
			t.Errorf("%s: the second of two wakes on CPU %d, want 1", name, got)
		}
	}
}

// A task whose CPU is idle goes to that of its waker if there is room, its own share counted in;
// woken by a timer, or where there is none, it stays.
func TestPacksWithTheWaker(t *testing.T) {
	for name, p := range packers(t, 2) {
		starts(p, 0, 0, 1)
		p.Put(0, 10*ms, Blocked) // used 19 percent
		if got := p.Place(0, 1, 10*ms); got != 1 {
			t.Errorf("%s: woken by a light task on CPU 1, it wakes on CPU %d", name, got)
		}
		if got := p.Place(0, NoCPU, 10*ms); got != 0 {
			t.Errorf("%s: woken by a timer, it wakes on CPU %d, want 0", name, got)
		}
		p.Enqueue(0, 0, 10*ms, Wakeup)
		p.Pick(0, 10*ms)
		p.Put(0, 40*ms, Blocked) // 46 percent, and the waker 56
		if got := p.Place(0, 1, 40*ms); got != 0 {
			t.Errorf("%s: as much as both together has no CPU room for, but it wakes on CPU %d", name, got)
		}
		if got := p.Place(0, 1, 140*ms); got != 0 { // it counts for less, and the waker for more
			t.Errorf("%s: woken by one who computes on CPU 1, it wakes on CPU %d", name, got)
		}
	}
}

// For one who comes from elsewhere a task counts by what it had run when it last went to sleep, where that is more than it
// still counts for. That falls by a quarter of the difference at each time it wakes and sleeps again, unless it has waited for its CPU
// (Linux kernel/sched/fair.c, util_est_update).
func TestPacksWithTheWakerByWhatIsToBeExpected(t *testing.T) {
	for name := range packers(t, 2) {
		for _, c := range []struct { // 0 is woken by 1, and one of them has run 56 percent, the other 25 to 44
			busy  Task
			other int64
			want  CPU // after it woke for a moment: 42 percent
		}{{0, 14 * ms, 1}, {1, 14 * ms, 1}, {0, 28 * ms, 0}, {1, 21 * ms, 0}} {
			p, busy := packers(t, 2)[name], c.busy
			starts(p, 0, 0, 1)
			p.Put(CPU(1-busy), c.other, Blocked)
			p.Put(CPU(busy), 40*ms, Blocked)
			now := int64(40 * ms)
			expect := func(after string, want CPU) {
				t.Helper()
				now += 200 * ms // both are down to 1 or less
				p.Enqueue(1, 1, now, Wakeup)
				p.Pick(1, now)
				if got := p.Place(0, 1, now); got != want {
					t.Errorf("%s: task %d had run for long, then %s: task 0 wakes on CPU %d, want %d", name, busy, after, got, want)
				}
				p.Put(1, now, Blocked)
			}
			naps := func(wait int64) {
				now += 200 * ms
				p.Enqueue(0, 0, now, Wakeup)
				p.Pick(0, now+wait)
				p.Put(0, now+wait, Blocked)
				now += wait
			}
			if busy == 0 {
				naps(30 * ms)
				expect("it had to wait", 0)
				naps(0)
			} else {
				expect("it slept", 0)
			}
			expect("it woke for a moment", c.want)
		}
	}
}

// A task takes its past along, to another CPU and out of the world.
func TestThePastOfACPUIsThatOfItsTasks(t *testing.T) {
	for name, p := range packers(t, 2) {
		starts(p, 0, 0)
		p.Put(0, 100*ms, Blocked)
		f := fairOf(p)
		if f.packing.cpus[0].share() < 870 {
			t.Fatalf("%s: CPU 0 was busy for 100 ms: %d", name, f.packing.cpus[0].share())
		}
		p.Enqueue(1, 0, 100*ms, Wakeup)
		if a, b := f.packing.cpus[0].sum, f.packing.cpus[1]; a != 0 || b.share() < 870 {
			t.Errorf("%s: after a move CPU 0 has a past of %d ns, and CPU 1 one of %d parts", name, a, b.share())
		}
		p.Pick(1, 100*ms)
		p.Put(1, 101*ms, Exited)
		if a := f.packing.cpus[1].sum; a != 0 {
			t.Errorf("%s: after its end CPU 1 has a past of %d ns", name, a)
		}
	}
}

func fairOf(p Policy) *fair {
	switch p := p.(type) {
	case *eevdf:
		return &p.fair
	case *cfs:
		return &p.fair
	}
	return nil
}

// A share is at most all of a CPU's time, so that with 100 percent there is always room, whatever two
// tasks have used on CPUs of their own.
func TestPacksWithoutALimit(t *testing.T) {
	for _, name := range []string{"eevdf", "cfs"} {
		p, err := New(name, Config{CPUs: 2, Tick: hz250, Params: map[string]any{"pack": 100}})
		if err != nil {
			t.Fatal(err)
		}
		starts(p, 0, 0, 1)
		p.Put(0, 200*ms, Blocked)
		if got := p.Place(0, 1, 200*ms); got != 1 {
			t.Errorf("%s: it wakes on CPU %d, want 1", name, got)
		}
	}
}
