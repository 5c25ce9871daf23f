package calibrate

import (
	"context"
	"runtime"
	"time"

	"github.com/fibsim/fibsim/sim/machine"
)

const (
	shortSleep = time.Millisecond
	longSleep  = 5 * time.Millisecond // the switch interval of CPython 3
	briefly    = 20 * time.Microsecond
)

// ofSystem returns the steps that need system calls of Linux, those between two
// CPUs where there are two.
func ofSystem() []step {
	list := cpus()
	if len(list) == 0 {
		return nil
	}
	s := system{list[0], list[0]}
	steps := []step{{"system calls", s.calls}, {"sleep(0)", s.yields}, {"threads", s.starts}, {"sockets", s.sockets}}
	if len(list) == 1 {
		return append(steps, step{"sleeps", s.sleeps})
	}
	s.b = list[1]
	steps = append(steps, step{"sleeps", s.sleeps})
	return append(steps, []step{
		{"wake-ups of a CPU that has just become idle", s.shallowWakes}, {"falling asleep", s.sleepCalls}, {"wake-ups of an idle CPU", s.deepWakes},
		{"wake-ups of a busy CPU", s.busyWakes},
		{"where threads wake", s.packs}, {"waits for the lock", s.lockWaits}, {"messages", s.messages}, {"requests", s.requests},
	}...)
}

// raceOfSystem returns the race for a signal on two CPUs, nil where there is one.
func raceOfSystem() drawnOut {
	list := cpus()
	if len(list) < 2 {
		return nil
	}
	return &heats{system: system{list[0], list[1]}}
}

// system measures on two CPUs, which are one where there is no other.
type system struct{ a, b int }

func (s system) calls(_ context.Context, f *figures) error {
	alone(s.a, func() {
		f.set("system_call", cost(func(n int) {
			for range n {
				systemCall()
			}
		}))
	})
	var wake float64
	alone(s.a, func() { wake = emptyWakeCost() })
	f.set("switch", switchCost(s.a, wake))
	if longer, ok := processSwitch(s.a); ok {
		f.set("switch_process", longer)
	}
	return nil
}

func (s system) yields(ctx context.Context, f *figures) error {
	all, err := repeated(ctx, f, rounds, func() (Sample, error) { return zeroSleeps(anyCPU, 500), nil })
	f.spread("yield", all)
	return err
}

func (s system) starts(_ context.Context, f *figures) error {
	f.set("thread_start", float64(threadStarts(100).Median()))
	return nil
}

func (s system) sockets(_ context.Context, f *figures) error {
	links, accept, err := connect(100)
	if err != nil {
		return err
	}
	defer closeLinks(links)
	send, recv := links[0].sendAndRecv(s.a, 5000)
	f.set("accept", float64(accept.Median()))
	f.set("send", float64(send.Median()))
	f.set("recv", float64(recv.Median()))
	return nil
}

// sleeps measures timed waits: half of them next to a CPU that computes, where there
// is another one; and some on a CPU that does.
func (s system) sleeps(ctx context.Context, f *figures) error {
	times := map[time.Duration]int{shortSleep: 48, longSleep: 16}
	hogs := []int{anyCPU}
	if s.a != s.b {
		hogs = append(hogs, s.a)
	}
	type round struct{ short, long, busy Sample }
	runs, err := repeated(ctx, f, rounds, func() (one round, err error) {
		for _, hog := range hogs {
			one.short = sorted(one.short, lateSleeps(s.b, hog, shortSleep, times[shortSleep]))
			one.long = sorted(one.long, lateSleeps(s.b, hog, longSleep, times[longSleep]))
		}
		one.busy = lateSleeps(s.b, s.b, shortSleep, times[shortSleep])
		return one, nil
	})
	if err != nil {
		return err
	}
	var short, long, busy []Sample
	for _, r := range runs {
		short, long, busy = append(short, r.short), append(long, r.long), append(busy, r.busy)
	}
	slack, stalls, perRound := withoutStalls(short)
	f.spread("timer_slack", slack)
	slack, more, morePerRound := withoutStalls(long)
	f.spread("timer_slack_long", slack)
	f.spread("stall", []Sample{sorted(stalls, more)})
	busy, _, _ = withoutStalls(busy)
	f.nets["timer_busy"] = net{spreadOf(busy), comingBack}
	perRound += morePerRound
	f.set("stall_every", takenEvery(perRound/float64(len(hogs)), float64(f.costs.Stall.Mean()), times))
	return nil
}

// shallowWakes measures wake-ups of a CPU that has become idle just before, but has slept for long before that, as most CPUs under a
// lock do. A host of virtual machines that polls for a CPU which halts does so the less the longer those sleeps are (KVM, halt_poll_ns_shrink): wake-ups from 20 to
// 100 µs of sleep took 12 to 15 µs, and in better minutes 7, where each sleep was as short, 26 to 37 where every other one was of 2 ms, and 27 to 30 of 1 ms; medians (AMD EPYC, Linux 6.18, November 2026). Under
// the emulated lock and CPython next to two threads with 5 ms it was 24 to 30, by the kernel's events. What the call costs the waker is that of these, too.
func (s system) shallowWakes(ctx context.Context, f *figures) error {
	type ends struct{ latency, paid Sample }
	all, err := repeated(ctx, f, rounds, func() (ends, error) {
		latency, paid := s.rareWakes(briefly, 80).run()
		return ends{latency, paid}, nil
	})
	if err != nil {
		return err
	}
	var latencies []Sample
	var calls [][]int64
	for _, e := range all {
		latencies, calls = append(latencies, e.latency), append(calls, e.paid)
	}
	f.spread("wake_idle", latencies)
	f.set("wake_call", float64(sorted(calls...).Median()))
	return nil
}

// sleepCalls measures the way to sleep. Half of a call that wakes is over when it looks for
// a sleeper.
func (s system) sleepCalls(ctx context.Context, f *figures) error {
	var wake float64
	alone(s.a, func() { wake = emptyWakeCost() })
	var lengths []int64
	for range 3 {
		if err := ctx.Err(); err != nil {
			return err
		}
		lengths = append(lengths, fallsAsleep(s.b, s.a))
	}
	if middle := sorted(lengths).Median(); middle < int64(asleepMost)-asleepStep {
		f.set("fall_asleep", float64(middle)+wake/2)
	}
	return nil
}

func (s system) wakes(asleep time.Duration, busy bool, times int) wakes {
	return wakes{sleeper: s.b, waker: s.a, asleep: asleep, busy: busy, times: times}
}

// rareWakes are by one that computes, of a CPU that sleeps for long each time before.
func (s system) rareWakes(asleep time.Duration, times int) wakes {
	w := s.wakes(asleep, true, times)
	w.before = shortSleep
	return w
}

// deepWakes measures wake-ups of a CPU that has been idle for long, by one that
// was as idle itself and by one that computed; and after which time they take so long.
func (s system) deepWakes(ctx context.Context, f *figures) error {
	all, err := repeated(ctx, f, rounds, func() (Sample, error) {
		var one [][]int64
		for _, busy := range []bool{true, false} {
			short, _ := s.wakes(shortSleep, busy, 42).run()
			long, _ := s.wakes(longSleep, busy, 14).run()
			one = append(one, short, long)
		}
		return sorted(one...), nil
	})
	if err != nil {
		return err
	}
	short, _, _ := withoutStalls(all)
	f.spread("wake_deep", short)
	return s.polls(ctx, f)
}

// longestPoll is where the search for idle_poll ends.
const longestPoll = time.Millisecond

// polls looks for the time after which a wake-up of an idle CPU takes as long as
// that of one that has long been idle. Where the two are alike there is none to be
// found.
func (s system) polls(ctx context.Context, f *figures) error {
	shallow, deep := f.costs.WakeIdle.P50, f.costs.WakeDeep.P50
	if !f.found["wake_idle"] || deep < shallow*3/2 {
		return nil
	}
	slow := func(asleep time.Duration) bool {
		latency, _ := s.rareWakes(asleep, 24).run()
		return latency.Median() > (shallow+deep)/2
	}
	last := briefly
	for next := last * 3 / 2; next < longestPoll; last, next = next, next*3/2 {
		if err := ctx.Err(); err != nil {
			return err
		}
		// Twice, since a burst of other work on the host is as slow.
		first, second := slow(next), slow(next)
		if first && second {
			break
		}
	}
	f.set("idle_poll", float64(last)*5/4)
	return nil
}

// place keeps threads on the two CPUs in turn, since the kernel has them all on one for a while now
// and then.
func (s system) place(number int) {
	runtime.LockOSThread() // never undone, which is what ends the thread: nobody inherits its binding
	bind([...]int{s.a, s.b}[number%2])
}

// busyWakes measures wake-ups on a CPU that computes. The one who does has the idle
// policy, so that every sleeper takes the CPU over at once, whatever the scheduler
// thinks of fairness: what it takes beyond the switch is the way to the CPU. The waker
// has slept before, since under a lock one CPU computes at a time: on a virtual machine with two it took 15 to 22 µs,
// p10 to p90, and 17 to 50 where the waker had computed (AMD EPYC, Linux 6.18, November 2026).
func (s system) busyWakes(ctx context.Context, f *figures) error {
	all, err := repeated(ctx, f, rounds, func() (Sample, error) {
		w := s.wakes(shortSleep, false, 40)
		w.hog = true
		latency, _ := w.run()
		return latency, nil
	})
	if err != nil {
		return err
	}
	f.nets["wake_busy"] = net{spreadOf(all), comingBack}
	return nil
}

// lockWaits measures waits for the lock that time out. The switch to the thread that waited is none
// of them. Where a wait has its CPU woken, the rest of its CPU time is that of coming to life.
func (s system) lockWaits(ctx context.Context, f *figures) error {
	each := func(waiters int) (float64, error) {
		all, err := repeated(ctx, f, rounds, func() (Sample, error) {
			wait, err := lockWaits(ctx, waiters)
			return Sample{int64(wait)}, err
		})
		return float64(sorted(all...).Median()), err
	}
	crowded, err := each(50)
	if err != nil {
		return err
	}
	alone, err := each(1)
	if err != nil {
		return err
	}
	f.nets["lock_wait"] = net{machine.Exactly(int64(crowded)), switchOf}
	f.set("timer_wake", max(0, alone-crowded))
	return nil
}

func switchOf(c *machine.Costs) int64 { return c.Switch }

// comingBack is what a thread that slept has to do on a busy CPU once that looks at it.
func comingBack(c *machine.Costs) int64 { return c.Switch + c.WayBack() }

// messages measures what a message costs two CPUs that have no rest, and takes off what
// its parts cost one by one.
func (s system) messages(_ context.Context, f *figures) error {
	all, err := echoes(s.a, s.b)
	f.nets["message"] = net{machine.Exactly(int64(all)), func(c *machine.Costs) int64 { return c.Send + c.Recv + c.WakeCall + c.Switch }}
	return err
}

// loopback measures round trips between two threads. Nobody keeps them on a CPU, for where the
// kernel lets the receiver of a message run decides how long its wake-up takes; unless that is
// in pack already. The way of a message to its receiver is taken as that of a send, in whose call
// it goes.
func (s system) loopback(ctx context.Context, f *figures) error {
	links, _, err := connect(1)
	if err != nil {
		return err
	}
	defer closeLinks(links)
	way := f.costs.Send
	f.set("loopback", float64(way))
	here, there := anyCPU, anyCPU
	if f.costs.Pack > 0 {
		here, there = s.a, s.b
	}
	all, err := repeated(ctx, f, rounds, func() (Sample, error) {
		trips := links[0].roundTrips(here, there, 400)
		for i := range trips {
			trips[i] = max(0, trips[i]/2-way-f.costs.Recv)
		}
		return trips, nil
	})
	f.spread("wake_message", all)
	return err
}
