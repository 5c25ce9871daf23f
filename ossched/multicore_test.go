package ossched

import (
	"fmt"
	"testing"
)

// N hogs on M CPUs get M/N each, whatever the policy; the kernels' ones in the long
// run, as the balance moves one or the other of those that share a CPU.
func TestHogsShareCPUs(t *testing.T) {
	for _, name := range []string{"eevdf", "cfs", "rr", "mlfq", "go"} {
		for _, test := range []struct{ hogs, cpus int }{{3, 2}, {4, 2}, {5, 2}, {6, 4}, {8, 4}} {
			if name == "go" && test.hogs%test.cpus != 0 {
				continue // the global queue is fair among those in it
			}
			var scripts []script
			for range test.hogs {
				scripts = append(scripts, hog(0))
			}
			const end = 20_000 * ms
			d := newDriver(t, name, Config{CPUs: test.cpus, Tick: hz250}, scripts...)
			d.phase, d.stagger = 100_000, 70_000
			d.run(end)
			for i := range d.tasks {
				want := float64(test.cpus) / float64(test.hogs)
				near(t, fmt.Sprintf("%s, hog %d of %d on %d CPUs", name, i, test.hogs, test.cpus), float64(d.tasks[i].ran)/end, want*.85, want*1.15)
			}
			if d.wasted != 0 {
				t.Errorf("%s, %d hogs on %d CPUs: idle for %d ns while one waited", name, test.hogs, test.cpus, d.wasted)
			}
		}
	}
}

// A pair that wakes each other stays on two CPUs at most, although there are idle
// ones.
func TestPingPongStays(t *testing.T) {
	for _, name := range []string{"eevdf", "cfs", "go"} {
		pair := []script{
			{bursts: []int64{20_000}, sleeps: []int64{-1}, loop: true, wakes: true, peer: 1},
			{bursts: []int64{30_000}, sleeps: []int64{-1}, loop: true, wakes: true, peer: 0, asleep: true},
		}
		d := newDriver(t, name, Config{CPUs: 4, Tick: hz250}, append(pair, hog(0))...).run(1000 * ms)
		used := map[CPU]bool{}
		for i := range pair {
			for c := range d.tasks[i].cpus {
				used[c] = true
			}
			if rounds := len(d.tasks[i].waits); rounds < 15_000 {
				t.Errorf("%s: task %d woke %d times", name, i, rounds)
			}
		}
		if len(used) > 2 {
			t.Errorf("%s: the pair used CPUs %v", name, used)
		}
	}
}

// The kernels' policies do not leave a CPU idle for longer than the time for which
// a task is hot and a tick, while another CPU has a task to spare.
func TestIdleCPUsTakeWork(t *testing.T) {
	for _, name := range []string{"eevdf", "eevdf-6.6", "cfs"} {
		var scripts []script
		for i := range int64(12) {
			scripts = append(scripts, periodic(3_130_000+i*170_000, 1_010_000+i*90_000))
		}
		const end, cpus = 5000 * ms, 4
		d := newDriver(t, name, Config{CPUs: cpus, Tick: hz1000}, scripts...).run(end)
		if part := float64(d.wasted) / (end * cpus); part > .01 {
			t.Errorf("%s: idle for %.4f of the time while a task waited", name, part)
		}
	}
}

// A CPU that runs dry takes a task that waits elsewhere, unless it ran a moment ago.
func TestHotTasksStay(t *testing.T) {
	for _, name := range []string{"eevdf-6.6", "cfs"} {
		for _, test := range []struct {
			since int64
			moves bool
		}{{hotTime - 1, false}, {hotTime, true}} {
			p, err := New(name, Config{CPUs: 2, Tick: hz250})
			if err != nil {
				t.Fatal(err)
			}
			for i := range Task(2) {
				p.Add(i, Attr{})
				p.Enqueue(0, i, 0, Created)
			}
			const stop = 8 * ms
			first := p.Pick(0, 0)
			p.Tick(0, stop)
			p.Put(0, stop, Preempted)
			if second := p.Pick(0, stop); second == first {
				t.Fatalf("%s: task %d goes on", name, first)
			}
			want := NoTask
			if test.moves {
				want = first
			}
			if got := p.Pick(1, stop+test.since); got != want {
				t.Errorf("%s: %d ns after task %d ran, the idle CPU takes %d", name, test.since, first, got)
			}
		}
	}
}

// A task that wakes queues where it ran last if that CPU is idle, then on any idle
// one, then where it ran last unless its waker's CPU has less load.
func TestWakePlacement(t *testing.T) {
	for _, name := range []string{"eevdf", "cfs"} {
		p, err := New(name, Config{CPUs: 3, Tick: hz250})
		if err != nil {
			t.Fatal(err)
		}
		for i := range Task(8) {
			p.Add(i, Attr{})
		}
		place := func(what string, task Task, waker, want CPU) {
			t.Helper()
			if got := p.Place(task, waker, 10*ms); got != want {
				t.Errorf("%s, %s: CPU %d, not %d", name, what, got, want)
			}
		}
		place("the first", 0, NoCPU, 0)
		p.Enqueue(1, 7, 0, Created)
		p.Pick(1, 0)
		p.Put(1, ms, Blocked)
		place("home idle", 7, 0, 1)
		for c := range CPU(2) {
			p.Enqueue(c, Task(c), ms, Created)
			p.Pick(c, ms)
		}
		place("home busy", 7, 0, 2)
		p.Enqueue(2, 2, ms, Created)
		p.Pick(2, ms)
		place("all busy", 7, 0, 1)
		place("all busy, a timer", 7, NoCPU, 1)
		p.Enqueue(1, 3, ms, Created)
		p.Enqueue(1, 4, ms, Created)
		place("home has three tasks, the waker's CPU one", 7, 0, 0)
		place("and a timer", 7, NoCPU, 1)
		place("a new one goes to the shortest queue", 5, 1, 2)
	}
}
