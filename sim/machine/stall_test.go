package machine

import (
	"math"
	"slices"
	"testing"

	"github.com/fibsim/fibsim/ossched"
	"github.com/fibsim/fibsim/sim"
	"github.com/fibsim/fibsim/workloads"
)

const (
	always = 1           // ns until the host takes a CPU that sleeps
	stall  = int64(30e3) // ns for which it has it
)

// A timer that ends while its CPU stalls wakes its thread when that is over, and so does one
// that is due meanwhile. A CPU that computes does not stall, and none where a host gives no
// CPU to others.
func TestTimersWaitForCPUsThatStall(t *testing.T) {
	for _, c := range []struct {
		name   string
		every  int64
		others []workloads.Group
		want   int64 // when a sleep of 1 ms ends
		second int64 // when one of 1.02 ms does
	}{
		{"never", 0, nil, 1e6, 1.02e6},
		{"stalls", always, nil, 1e6 + stall, 1e6 + stall},
		// Under fifo they have to wait for who computes, and for nothing else.
		{"computes", always, []workloads.Group{groupOf("busy", 1, spinFor(1025*us))}, 1.025e6, 1.025e6},
	} {
		p := underLock("none", 10*ms, append([]workloads.Group{groupOf("a", 1, sleepFor(1*ms)), groupOf("b", 1, sleepFor(1020*us))}, c.others...)...)
		for i := range p.Threads {
			p.Threads[i].Times = 1
		}
		p.UntilDone = true
		r := runs(t, p, Config{CPUs: 1, Scheduler: "fifo", Costs: &Costs{StallEvery: c.every, Stall: Exactly(stall)}})
		a, b := rows(r, "a", 0)[0], rows(r, "b", 0)[0]
		if a.End-a.Start != c.want || b.End-b.Start != c.second {
			t.Errorf("%s: sleeps take %d and %d, want %d and %d", c.name, a.End-a.Start, b.End-b.Start, c.want, c.second)
		}
	}
}

// Whoever wakes a thread waits for its CPU as well: another thread, and a timer of another CPU. But a
// receiver that the kernel runs where the sender is has no CPU that sleeps.
func TestWakesWaitForCPUsThatStall(t *testing.T) {
	for _, c := range []struct {
		name string
		by   waker
		idle int64 // what the wake-up takes, 7 or more on a CPU that sleeps
		want int64
		cold int64 // what of it is CPU time: those of others know of none
	}{
		{"a thread", byOther, 7, 7 + stall, 0},
		{"a timer", byTimer, 7, stall, 5},
		{"a message", byOther, 3, 3, 0},
	} {
		m := &machine{costs: &Costs{StallEvery: always, Stall: Exactly(stall), WakeIdle: Exactly(7), WakeDeep: Exactly(c.idle)}, threads: []thread{{cold: 5}}, now: 1e9, q: sim.NewQueue()}
		chance := workloads.NewStream(1, "a", 0, "chance")
		cpu := &proc{cur: -1, coming: -1, cold: 9}
		m.wakeCPU(cpu, 0, c.by, &m.costs.WakeIdle, &chance, 0)
		if cpu.cold != c.cold {
			t.Errorf("%s: %d ns are CPU time, want %d", c.name, cpu.cold, c.cold)
		}
		if e, ok := m.q.Next(); !ok || e.Time != 1e9+c.want {
			t.Errorf("%s: alive after %d ns, want %d", c.name, e.Time-1e9, c.want)
		}
	}
}

// balancing is a policy that says which CPUs have looked for tasks.
type balancing struct {
	ossched.Policy
	looked []ossched.CPU
}

func (b *balancing) Balance(c ossched.CPU, _ int64) bool {
	b.looked = append(b.looked, c)
	return false
}

// A CPU that stalls looks for no tasks of others.
func TestStalledCPUsDoNotBalance(t *testing.T) {
	b := &balancing{}
	m := &machine{now: 60}
	m.balance(&sched{policy: b, waiting: 1, armed: true, procs: []proc{{cur: -1, stalled: 100}, {cur: -1, stalled: 50}, {cur: 3, stalled: 100}}})
	if !slices.Equal(b.looked, []ossched.CPU{1, 2}) {
		t.Errorf("%v looked for tasks, want CPUs 1 and 2", b.looked)
	}
}

// The host takes a sleeping CPU at a steady rate and gives it back at another. Where it rarely
// takes it, it has it with probability length/every·(1-exp(-slept/length)) after a sleep.
func TestStallsComeAtARate(t *testing.T) {
	const every, length, n = 100_000_000, 3_000_000, 40_000
	m := &machine{costs: &Costs{StallEvery: every, Stall: Exactly(length)}}
	chance := workloads.NewStream(1, "a", 0, "chance")
	for _, slept := range []int64{1e6, 5e6, 20e6} {
		stalls := 0
		for range n {
			p := &proc{idle: m.now, cur: -1}
			m.now += slept
			if m.stallsUntil(p, &chance) > m.now {
				stalls++
			}
		}
		want := (1 - math.Exp(-float64(length)/every)) * (1 - math.Exp(-float64(slept)/length))
		if got, off := float64(stalls)/n, 4*math.Sqrt(want*(1-want)/n); math.Abs(got-want) > off {
			t.Errorf("after %d ns: %.4f of the times, want %.4f within %.4f", slept, got, want, off)
		}
	}
}

// A CPU that was woken, and did not stall, has not slept since.
func TestStallIsDecidedOnceForASleep(t *testing.T) {
	m := &machine{costs: &Costs{StallEvery: always, Stall: Exactly(stall)}, now: 5e6}
	chance := workloads.NewStream(1, "a", 0, "chance")
	p := &proc{cur: -1}
	end := m.stallsUntil(p, &chance)
	if m.now = end - 1; m.stallsUntil(p, &chance) != end {
		t.Error("decided anew while it stalls")
	}
	if m.now = end; m.stallsUntil(p, &chance) != end {
		t.Error("stalls again at once")
	}
	m.costs.Stall = Exactly(1e9)
	p.stalled, m.now = 1e12, 1e12+1
	if m.stallsUntil(p, &chance) > m.now {
		t.Error("what it slept before it stalled counts once more")
	}
	if p = (&proc{cur: -1, waking: true}); m.stallsUntil(p, &chance) > m.now {
		t.Error("stalls on its way out of idle")
	}
	m.costs.IdlePoll, m.now = 1e12, 1e12
	if p = (&proc{cur: -1}); m.stallsUntil(p, &chance) > m.now {
		t.Error("stalls although it has not slept yet")
	}
}
