package validate

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/sim/machine"
	"github.com/fibsim/fibsim/workloads"
)

// costs are round figures: sleeps end 60 µs late, a request is noticed after 1 µs,
// a wake-up takes 4 µs.
func costs() *machine.Costs {
	c := machine.DefaultCosts()
	c.TimerSlack, c.Noticed, c.WakeIdle = machine.Exactly(60_000), machine.Exactly(1_000), machine.Exactly(4_000)
	return c
}

const (
	us = 1_000
	ms = 1_000_000
)

func lasting(ns int64) workloads.Duration { return workloads.Duration{Mean: ns} }

func op(kind workloads.OpKind, ns int64) workloads.Op {
	return workloads.Op{Kind: kind, For: lasting(ns)}
}

func fib(n int) workloads.Op { return workloads.Op{Kind: workloads.OpFib, N: n} }

func group(name string, count int, body ...workloads.Op) workloads.Group {
	return workloads.Group{Name: name, Count: count, Body: body}
}

func program(groups ...workloads.Group) *workloads.Program {
	return &workloads.Program{
		Name: "test", Seed: 1, Warmup: 100 * time.Millisecond, Duration: 4 * time.Second,
		Interpreter: workloads.Interpreter{
			Lock: "cpython-3", Params: map[string]any{"switch_interval": 5 * time.Millisecond, "wake_order": "fifo"},
			Pace: workloads.Pace{NS: 25},
		},
		Machine: workloads.Machine{CPUs: 2, Scheduler: "eevdf", NativeScheduler: "go", HZ: 250, Costs: "default"},
		Threads: groups,
	}
}

// By hand, with h = 60 + 1 + 4 µs. fib(20) makes 13,529 calls, 338.225 µs of work.
func TestTheoryByHand(t *testing.T) {
	hog := group("hog", 1, fib(20))
	const work = 13_529 * 25
	for _, c := range []struct {
		name string
		p    *workloads.Program
		want map[string]float64
	}{
		{"one hog", program(hog), map[string]float64{"hog": 1e9 / work}},
		{"a poll alone", program(group("poll", 1, op(workloads.OpSleep, ms))), map[string]float64{"poll": 1e9 / (ms + 60*us)}},
		{"a poll and a hog", program(hog, group("poll", 1, op(workloads.OpSleep, ms))), map[string]float64{
			"poll": 1e9 / (ms + 60*us + 5*ms + 65*us),
			"hog":  1e9 / work * (1 - 8.0/6125),
		}},
		{"two sleeps in an iteration", program(hog, group("poll", 1, op(workloads.OpSleep, ms), op(workloads.OpSpin, 100*us), op(workloads.OpSleep, 2*ms), op(workloads.OpHold, 50*us))), map[string]float64{
			"poll": 1e9 / (3*ms + 2*60*us + 150*us + 2*(5*ms+65*us)),
			"hog":  1e9 / work * (1 - (150+16)/13_400.0),
		}},
		{"a loop is what it repeats", program(group("poll", 1, workloads.Op{Kind: workloads.OpLoop, N: 3, Body: []workloads.Op{op(workloads.OpSleep, ms)}})), map[string]float64{"poll": 1e9 / (3 * (ms + 60*us))}},
		{"four of a group", program(group("hog", 4, fib(20))), map[string]float64{"hog": 1e9 / work * (1 - 4.0/5065)}},
		{"two groups of one", program(group("hog", 1, fib(20)), group("spin", 1, op(workloads.OpSpin, ms))), map[string]float64{
			"hog": 0.5e9 / work * (1 - 4.0/5065), "spin": 500 * (1 - 4.0/5065),
		}},
	} {
		got := TheoryOf(c.p, costs())
		if len(got) != len(c.want) {
			t.Errorf("%s: got %v", c.name, got)
		}
		for name, want := range c.want {
			if !near(got[name].Rate, want, 1e-9) {
				t.Errorf("%s: %s: got %g, want %g", c.name, name, got[name].Rate, want)
			}
		}
	}
}

func TestTheoryForms(t *testing.T) {
	got := TheoryOf(program(group("hog", 1, fib(20)), group("poll", 1, op(workloads.OpSleep, ms), fib(12))), costs())
	for name, want := range map[string]string{
		"poll": "1/(1.06ms asleep + 7.18µs of work + 1 x (5ms interval + 65µs hand-over))",
		"hog":  "1/338µs less 0.25 % for poll",
	} {
		if got[name].Form != want {
			t.Errorf("%s: %s", name, got[name].Form)
		}
	}
}

// Where order or races decide, there is no closed form.
func TestNoTheory(t *testing.T) {
	hog, poll := group("hog", 1, fib(20)), group("poll", 1, op(workloads.OpSleep, ms))
	change := func(f func(*workloads.Program)) *workloads.Program {
		p := program(hog, poll)
		f(p)
		return p
	}
	random := func(d workloads.Dist, mean int64) workloads.Op {
		return workloads.Op{Kind: workloads.OpSleep, For: workloads.Duration{Dist: d, Mean: mean, Shape: 1.5}}
	}
	for name, p := range map[string]*workloads.Program{
		"two hogs and a poll":         program(group("hog", 2, fib(20)), poll),
		"two polls":                   program(hog, group("poll", 2, op(workloads.OpSleep, ms))),
		"two polls without a hog":     program(group("poll", 2, op(workloads.OpSleep, ms))),
		"three hogs in two groups":    program(group("a", 2, fib(20)), group("b", 1, fib(22))),
		"a yield":                     program(hog, group("polite", 1, workloads.Op{Kind: workloads.OpYield, N: 1})),
		"a hash without the lock":     program(hog, group("hash", 1, workloads.Op{Kind: workloads.OpNoGILHash, Bytes: 1 << 20})),
		"a sleep shorter than a race": program(hog, group("poll", 1, op(workloads.OpSleep, 10*us))),
		"work as long as the turn":    program(hog, group("work", 1, op(workloads.OpSleep, ms), op(workloads.OpSpin, 5*ms))),
		"and around the end of it":    program(hog, group("work", 1, op(workloads.OpSpin, 3*ms), op(workloads.OpSleep, ms), op(workloads.OpSpin, 3*ms))),
		"a hog without checkpoints":   program(group("hog", 1, op(workloads.OpHold, ms)), poll),
		"sleeps of a heavy tail":      program(hog, group("poll", 1, random(workloads.Pareto, 50*ms))),
		"short random sleeps":         program(hog, group("poll", 1, random(workloads.Exponential, ms))),
		"another lock":                change(func(p *workloads.Program) { p.Interpreter.Lock = "none" }),
		"an unknown pace":             change(func(p *workloads.Program) { p.Interpreter.Pace = workloads.Pace{Mode: workloads.PaceNative} }),
		"one CPU":                     change(func(p *workloads.Program) { p.Machine.CPUs = 1 }),
		"a late start":                change(func(p *workloads.Program) { p.Threads[1].Start = time.Second }),
		"an early end":                change(func(p *workloads.Program) { p.Threads[1].Times = 3 }),
		"clients":                     change(func(p *workloads.Program) { p.Server = &workloads.Server{} }),
	} {
		if got := TheoryOf(p, costs()); len(got) > 0 {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// The simulator knows nothing of the closed forms; with the same costs both come to
// the same rates. What neither holds the other to, some events a second, stays below
// one part in a hundred.
func TestTheoryAgainstTheSimulator(t *testing.T) {
	hog := group("hog", 1, fib(20))
	for name, p := range map[string]*workloads.Program{
		"one hog":      program(hog),
		"poll alone":   program(group("poll", 1, op(workloads.OpSleep, ms))),
		"poll-1-hog":   program(hog, group("poll", 1, op(workloads.OpSleep, ms))),
		"work-1-hog":   program(hog, group("work", 1, op(workloads.OpSleep, 2*ms), fib(18))),
		"two sleeps":   program(hog, group("work", 1, op(workloads.OpSleep, 2*ms), fib(18), op(workloads.OpSleep, ms))),
		"exponential":  program(hog, group("work", 1, workloads.Op{Kind: workloads.OpSleep, For: workloads.Duration{Dist: workloads.Exponential, Mean: 25 * ms}}, fib(12))),
		"hogs share":   program(group("hog", 3, fib(22))),
		"unequal hogs": program(group("a", 1, fib(22)), group("b", 1, fib(18))),
	} {
		p.Duration = 60 * time.Second
		c := costs()
		theory := TheoryOf(p, c)
		report, err := machine.Run(p, machine.Config{CPUs: 2, HZ: 250, Scheduler: "eevdf", Costs: c}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range report.Groups {
			ended := int64(0)
			for _, m := range g.Workers {
				ended += m.EndedInWindow()
			}
			rate := float64(ended) / p.Duration.Seconds()
			want, known := theory[g.Name]
			tolerance := 0.01
			if name == "exponential" && g.Name == "work" {
				// 2,000 draws: three standard deviations of their mean.
				tolerance = 3 / math.Sqrt(rate*60)
			}
			if !known || !near(rate, want.Rate, tolerance) {
				t.Errorf("%s: %s: the simulator gives %g/s, theory %g/s = %s", name, g.Name, rate, want.Rate, want.Form)
			}
		}
	}
}

func TestSpansHaveThreeDigits(t *testing.T) {
	var got []string
	for _, ns := range []float64{0, 7, 999.6, 7_175, 338_225, 5_000_000, 1_234_567_890} {
		got = append(got, span(ns))
	}
	if text := strings.Join(got, " "); text != "0s 7ns 1µs 7.18µs 338µs 5ms 1.23s" {
		t.Errorf("got %s", text)
	}
}
