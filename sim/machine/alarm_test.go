package machine

import (
	"testing"
	"time"

	"github.com/fibsim/fibsim/sim"
)

// A timer that is due when the slack of another of its CPU ends, ends with that
// (kernel/time/hrtimer.c: an interrupt comes at the end of a timer's slack, and ends all that
// are due). One that is due earlier or later, or on another CPU, has its own.
func TestTimersEndTogether(t *testing.T) {
	const slack, late = int64(50 * us), int64(60 * us)
	for _, c := range []struct {
		cpus  int
		after int64 // the first one's sleep, the second's begins
		slack int64
		with  bool
	}{
		{1, int64(1 * us), slack, true},
		{1, int64(50 * us), slack, true},
		{1, int64(51 * us), slack, false},
		{1, int64(120 * us), slack, false},
		{1, int64(30 * us), 0, false},
		{2, int64(30 * us), slack, false},
	} {
		lead := time.Duration(0) // for which both compute, on CPUs of their own
		if c.cpus > 1 {
			lead = 1 * ms
		}
		p := underLock("none", 10*ms, groupOf("a", 1, spinFor(lead), sleepFor(1*ms)), groupOf("b", 1, spinFor(lead+time.Duration(c.after)), sleepFor(1*ms)))
		p.Threads[0].Times, p.Threads[1].Times, p.UntilDone = 1, 1, true
		r := runs(t, p, Config{CPUs: c.cpus, Scheduler: "fifo", Costs: &Costs{TimerSlack: Exactly(late), TimerRange: c.slack}})
		a, b := rows(r, "a", 0)[0].End, rows(r, "b", 0)[0].End
		first := late + int64(lead+1*ms) + late // threads begin by a timer, too
		want := first + c.after
		if c.with {
			want = first
		}
		if a != first || b != want {
			t.Errorf("%+v: they end at %d and %d, want %d and %d", c, a, b, first, want)
		}
	}
}

// Others do not end with a timer that was stopped, as long as nobody is left who waits for
// that alarm.
func TestStoppedTimersDoNotInterrupt(t *testing.T) {
	m := &machine{costs: &Costs{TimerRange: 50, TimerSlack: Exactly(60)}, threads: make([]thread, 2)}
	s := &sched{procs: make([]proc, 1)}
	for i := range m.threads {
		m.threads[i] = thread{id: int32(i), sched: s}
	}
	a, b := &m.threads[0], &m.threads[1]
	sets := func(t *thread, late int64) int64 {
		t.timerAt, _ = m.alarmFor(t, m.now+1000, late)
		t.timer = sim.NewQueue().Schedule(sim.Event{}) // any
		return t.timerAt
	}
	sets(a, 60)
	m.now = 10
	if got := sets(b, 70); got != 1060 {
		t.Errorf("ends at %d, want 1060, with the first", got)
	}
	a.timer = sim.Handle{}
	if got := sets(a, 70); got != 1060 {
		t.Errorf("ends at %d, want 1060, with the one that is left", got)
	}
	a.timer, b.timer = sim.Handle{}, sim.Handle{}
	if got := sets(b, 70); got != 1080 {
		t.Errorf("ends at %d, want 1080, by itself", got)
	}
	b.timerAt = 5000 // it waits for something else
	if got := sets(a, 75); got != 1085 {
		t.Errorf("ends at %d, want 1085, by itself", got)
	}
	if got := sets(b, 90); got != 1085 {
		t.Errorf("due at the same time: ends at %d, want 1085, with the other", got)
	}
}

// No more can be given away than nine of ten timers are late by. Some others end with the timers of somebody else.
func TestTimerRangeIsPartOfTheSlack(t *testing.T) {
	for slack, want := range map[int64]int64{0: 0, 30: 30, 80: 50} {
		c := &Costs{TimerRange: 50, TimerSlack: Spread{P10: slack, P50: 100, P90: 100, P99: 100, Max: 100}}
		if got := c.timerRange(); got != want {
			t.Errorf("at least %d late: %d, want %d", slack, got, want)
		}
	}
}

// A thread that sleeps alone is as late as was measured, whatever of that is the CPU's coming to life. Where
// another thread computes on the CPU there is nothing to come to life: if it is known that there is, and
// what the kernel gives away, it is as late as that.
func TestTimersEndSoonerOnABusyCPU(t *testing.T) {
	const late, slack = int64(100 * us), int64(50 * us)
	for _, c := range []struct{ slack, wake, busy int64 }{{slack, 0, late}, {slack, 30_000, slack}, {slack, 50_000, slack}, {slack, 80_000, slack}, {0, 30_000, late - 30_000}} {
		for _, busy := range []bool{false, true} {
			other, want := sleepFor(50*ms), late
			if busy {
				other, want = spinFor(50*ms), c.busy
			}
			p := underLock("none", 20*ms, groupOf("a", 1, sleepFor(1*ms)), groupOf("b", 1, other))
			r := runs(t, p, Config{CPUs: 1, Costs: &Costs{TimerSlack: Exactly(late), TimerRange: c.slack, TimerWake: c.wake}})
			asAsked := 0
			all := rows(r, "a", 0)[1:]
			for _, s := range all {
				if s.Latency() == int64(1*ms)+want {
					asAsked++
				}
			}
			if len(all) < 10 || asAsked < len(all)*9/10 { // a few wait for the other's slice
				t.Errorf("%+v, busy: %t; of %d sleeps %d were %d ns late", c, busy, len(all), asAsked, want)
			}
		}
	}
}

// On a CPU that computes the interrupt takes its time, which the thread pays, and of two that it wakes one does. Where the CPU sleeps it is in the
// slack.
func TestInterruptsOfBusyCPUs(t *testing.T) {
	const slack, late = 50_000, 64_000
	for _, c := range []struct {
		busy, rang bool
		wake       int64 // 0: it is not known what of the slack is CPU time, and timers have all of it on any CPU
		want       int64
	}{{true, false, 20_000, late - slack}, {true, true, 20_000, 0}, {false, false, 20_000, 0}, {true, false, 0, 0}} {
		m := &machine{costs: &Costs{TimerSlack: Exactly(90_000), TimerRange: slack, TimerWake: c.wake, TimerBusy: Exactly(late)}, now: 1e9, q: sim.NewQueue()}
		p := proc{cur: -1}
		if c.busy {
			p.cur = 0
		}
		if c.rang {
			p.rang = m.now
		}
		th := &thread{sched: &sched{procs: []proc{p}}}
		m.setTimer(th, 1e6)
		if m.interrupts(th); th.carry != c.want {
			t.Errorf("%+v: has to pay %d ns", c, th.carry)
		}
	}
	p := underLock("none", 100*ms, groupOf("a", 1, sleepFor(1*ms)), groupOf("b", 1, spinFor(500*ms)))
	r := runs(t, p, Config{CPUs: 1, Costs: &Costs{TimerSlack: Exactly(90_000), TimerRange: slack, TimerWake: 20_000, TimerBusy: Exactly(late)}})
	asAsked, all := 0, rows(r, "a", 0)[1:]
	for _, s := range all {
		if s.Latency() == int64(1*ms)+late {
			asAsked++
		}
	}
	if len(all) < 50 || asAsked < len(all)*9/10 { // a few wait for the other's slice
		t.Errorf("of %d sleeps %d were %d ns late", len(all), asAsked, late)
	}
}

// A thread whose own CPU is busy when its timer ends, and that comes to another which sleeps, is as late as one that sleeps alone.
func TestTimersThatWakeAnotherCPU(t *testing.T) {
	for _, more := range []int64{0, 30_000} {
		m := &machine{costs: &Costs{WakeIdle: Exactly(9_000)}, threads: []thread{{cold: 5_000, more: more}}, now: 1e9, q: sim.NewQueue()}
		cpu := &proc{cur: -1, coming: -1}
		m.wakeCPU(cpu, 0, byTimer, &m.costs.WakeIdle, &m.threads[0].chance, 0)
		if e, ok := m.q.Next(); !ok || e.Time != 1e9+more || cpu.cold != 5_000 {
			t.Errorf("alive after %d ns, %d of them CPU time; want %d", e.Time-1e9, cpu.cold, more)
		}
	}
}

// A CPU that has slept for longer may come to life later: how late a timer is depends on for how long it was set,
// evenly between the two lengths that are measured.
func TestTimersOfLongSleepsAreLater(t *testing.T) {
	for sleep, want := range map[time.Duration]int64{100 * us: 60_000, 1 * ms: 60_000, 2 * ms: 70_000, 3 * ms: 80_000, 5 * ms: 100_000, 40 * ms: 100_000} {
		for _, c := range []struct {
			long Spread
			want int64
		}{{Exactly(100_000), want}, {Spread{}, 60_000}} {
			p := underLock("none", 500*ms, groupOf("a", 1, sleepFor(sleep), sleepFor(1*ms)))
			r := runs(t, p, Config{CPUs: 1, Costs: &Costs{TimerSlack: Exactly(60_000), TimerSlackLong: c.long, TimerRange: 50_000, TimerWake: 10_000}})
			for _, s := range rows(r, "a", 0) {
				if got := s.Latency() - int64(sleep+1*ms) - 60_000; got != c.want {
					t.Fatalf("%v, long %v: %d ns late, want %d", sleep, c.long, got, c.want)
				}
			}
		}
	}
}

// What sleep(0) takes was measured whole: nothing of a sleep before it is added.
func TestComingToLifeIsNoPartOfYield(t *testing.T) {
	p := underLock("none", 20*ms, groupOf("a", 1, sleepFor(1*ms), sleepFor(0)))
	r := runs(t, p, Config{CPUs: 1, Costs: &Costs{TimerSlack: Exactly(100_000), TimerWake: 30_000, Yield: Exactly(70_000)}})
	for _, s := range rows(r, "a", 0) {
		if got, want := s.Latency(), int64(1*ms)+170_000; got != want {
			t.Errorf("took %d ns, want %d", got, want)
		}
	}
}

// An interrupt comes when the slack of its timer is over, however soon the timer then ends, and none before its timer is due.
func TestTimersThatEndSoonerEndNoSooner(t *testing.T) {
	for _, slack := range []int64{0, 50_000} {
		some := Spread{Min: slack, P10: slack + 40_000, P50: slack + 50_000, P90: slack + 50_000, P99: slack + 50_000, Max: slack + 50_000}
		p := underLock("none", 300*ms, groupOf("a", 1, sleepFor(1*ms)), groupOf("b", 1, spinFor(500*ms)))
		r := runs(t, p, Config{CPUs: 1, Costs: &Costs{TimerSlack: some, TimerRange: slack, TimerWake: 40_000}})
		least := int64(time.Second)
		for _, s := range rows(r, "a", 0)[1:] {
			least = min(least, s.Latency()-int64(1*ms))
		}
		if least != slack { // as a tenth of all are
			t.Errorf("a slack of %d ns: the soonest is %d ns late", slack, least)
		}
	}
}

// While a CPU comes to life for one thread it is busy: another one whose timer ends then waits, and has no need to
// wake it.
func TestComingToLifeTakesTheCPU(t *testing.T) {
	const late = int64(100 * us)
	for _, c := range []struct{ wake, after, want int64 }{
		{0, 20_000, late}, {30_000, 20_000, late - 20_000}, {30_000, 29_000, late - 29_000}, {30_000, 40_000, late},
	} {
		p := underLock("none", 10*ms, groupOf("a", 1, sleepFor(1*ms)), groupOf("b", 1, spinFor(time.Duration(c.after)), sleepFor(1*ms)))
		p.Threads[0].Times, p.Threads[1].Times, p.UntilDone = 1, 1, true
		r := runs(t, p, Config{CPUs: 1, Scheduler: "fifo", Costs: &Costs{TimerSlack: Exactly(late), TimerWake: c.wake}})
		a, b := rows(r, "a", 0)[0], rows(r, "b", 0)[0]
		if got := a.Latency() - int64(1*ms); got != late {
			t.Errorf("%+v: the first is %d ns late, want %d", c, got, late)
		}
		if got := b.Latency() - c.after - int64(1*ms); got != c.want {
			t.Errorf("%+v: the second is %d ns late, want %d", c, got, c.want)
		}
	}
}
