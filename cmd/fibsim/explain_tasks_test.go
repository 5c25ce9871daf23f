package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/explain"
	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
)

// loops is a scenario with both kinds of event loops next to a thread that computes.
const loops = `
version: 1
name: loops
warmup: 10ms
duration: 300ms
threads:
  - {name: hog, body: [{fib: 18}, {sleep: 2ms}]}
tasks:
  - {name: step, kind: asyncio, body: [{fib: 22}, {yield: 1}, {fib: 20}, {sleep: 3ms}]}
  - {name: tick, kind: asyncio, count: 2, body: [{sleep: {exponential: 5ms}}, {fib: 10}, {sleep: 0ms}]}
  - {name: ask, kind: asyncio, body: [{submit: {pool: workers, body: [{fib: 15}]}}, {nogil: {spin: 100us}}]}
  - {name: turn, kind: yield, count: 2, body: [{loop: {times: 2, body: [{fib: 18}, {yield: 2}]}}]}
  - {name: nap, kind: yield, body: [{sleep: 2ms}, {count: 3}]}
pools: {workers: {workers: 1}}
`

// talk is one with a server that is a loop.
const talk = `
version: 1
name: talk
warmup: 10ms
duration: 300ms
server: {model: MODEL}
clients:
  - {name: slow, request: {fib: 22}}
  - {name: fast, count: 2, request: {fib: 1}, rate: 200/s}
`

// taken is a scenario with the threads and tasks of takenLog.
const taken = `
version: 1
name: taken
warmup: 10ms
duration: 1s
threads:
  - {name: hog, body: [{fib: 5}]}
tasks:
  - {name: step, kind: asyncio, body: [{fib: 5}, {yield: 1}]}
  - {name: tick, kind: asyncio, body: [{sleep: 1ms}, {fib: 5}]}
`

// takenLog is a log in which tick-0 sleeps and then waits for step-0, which takes 2 ms
// more in each iteration, and in the middle of them waits for hog-0. Iteration 0 lies
// before the window.
func takenLog() *trace.Log {
	log := &trace.Log{
		Threads: []trace.Thread{{Group: "hog"}, {Group: "asyncio-loop"}},
		Tasks:   []trace.Thread{{Group: "step"}, {Group: "tick"}},
	}
	const hog, loop, step, tick = 0, 1, 0, 1
	at, seq, pieces, waits := int64(8000), int64(0), int64(0), int64(0)
	add := func(e trace.Event) {
		if e.Time = at * 1000; e.Kind.OfLock() {
			seq++
			e.Seq = seq
		}
		log.Events = append(log.Events, e)
	}
	lock := func(thread int32, k trace.Kind, other int32, arg int64) {
		add(trace.Event{Kind: k, Thread: thread, Other: other, Arg: arg})
	}
	state := func(thread int32, s trace.State) {
		add(trace.Event{Kind: trace.StateChange, Thread: thread, Other: -1, Arg: int64(s)})
	}
	enter := func(task int32, since int64) {
		add(trace.Event{Kind: trace.IterBegin, Thread: loop, Other: task, Arg: pieces, Arg2: since * 1000})
		pieces++
	}
	leave := func(sleep int64) { add(trace.Event{Kind: trace.IterEnd, Thread: loop, Other: -1, Arg: sleep}) }
	lock(loop, trace.Take, -1, 0)
	state(loop, trace.Run)
	for i := range int64(5) {
		add(trace.Event{Kind: trace.TaskBegin, Thread: loop, Other: tick, Arg: i})
		enter(tick, at)
		timer := at + 1003
		at += 5
		leave(1_000_000)
		at += 2 // the loop itself
		add(trace.Event{Kind: trace.TaskBegin, Thread: loop, Other: step, Arg: i})
		enter(step, at)
		at += 1000 + 1000*i
		lock(loop, trace.Release, -1, 0)
		state(loop, trace.IO)
		lock(hog, trace.Take, loop, 0)
		state(hog, trace.Run)
		at += 10
		lock(loop, trace.Ask, hog, 0)
		state(loop, trace.WaitGIL)
		waits++
		lock(loop, trace.Wait, -1, waits)
		at += 300
		lock(hog, trace.Release, -1, 0)
		lock(hog, trace.Handoff, loop, waits)
		state(hog, trace.IO)
		at += 20
		lock(loop, trace.Woken, -1, waits)
		lock(loop, trace.Take, hog, 0)
		state(loop, trace.Run)
		at += 1000 + 1000*i
		leave(0)
		add(trace.Event{Kind: trace.TaskEnd, Thread: loop, Other: step})
		at += 3
		enter(tick, timer)
		at += 7
		leave(0)
		add(trace.Event{Kind: trace.TaskEnd, Thread: loop, Other: tick, Arg: 1_000_000})
		at++
	}
	return log
}

// What the command prints of tasks in a log of which all is known.
func TestExplainTasks(t *testing.T) {
	if broken := trace.Check(takenLog(), trace.Rules{Lock: true}); len(broken) > 0 {
		t.Fatal(broken)
	}
	for name, args := range map[string][]string{
		"explain-tasks.txt": {"--slowest", "2"},
		"explain-task.txt":  {"--iteration", "tick-0:2"},
	} {
		backend := &fake{name: "gil", delay: 1000, log: takenLog()}
		got := with(t.Context(), []session.Backend{backend}, append([]string{"explain", write(t, taken)}, args...)...)
		if got.status != 0 || got.stderr != "" {
			t.Errorf("status %d, %s", got.status, got.stderr)
		}
		golden(t, name, got.stdout)
	}
}

// A request waits behind what the loop computes for others, and a task behind others, in
// a prediction and in a measured run.
func TestExplainLoops(t *testing.T) {
	talk := strings.ReplaceAll(talk, "MODEL", "coroutines")
	for _, c := range []struct {
		name, text, backend string
		behind              map[string]string // whom a group waits for among others
	}{
		{"talk", talk, "--sim=gil", map[string]string{"fast": "slow", "slow": "fast"}},
		{"talk", talk, "--sim=native", map[string]string{"fast": "slow", "slow": "fast"}},
		{"talk", talk, "--gil", map[string]string{"fast": "slow", "slow": "fast"}},
		{"talk", talk, "--native", map[string]string{"fast": "slow", "slow": "fast"}},
		{"loops", loops, "--gil", map[string]string{"tick": "step", "turn": "turn"}},
		{"loops", loops, "--native", map[string]string{"tick": "step", "turn": "turn"}},
	} {
		t.Run(c.name+c.backend, func(t *testing.T) {
			t.Parallel()
			args := []string{"explain", write(t, c.text), c.backend, "--json", "--slowest", "50"}
			if !strings.HasPrefix(c.backend, "--sim") {
				args = append(args, "--set", "interpreter.pace=500") // which the race detector leaves time for
			}
			got := fibsim(args...)
			var run explainedRun
			if err := json.Unmarshal([]byte(got.stdout), &run); err != nil || got.status != 0 {
				t.Fatalf("status %d, %v: %s", got.status, err, got.stderr)
			}
			for _, g := range run.Groups {
				other, waits := c.behind[g.Group], false
				for _, s := range g.AllShares {
					waits = waits || s.Cause == "behind" && s.Group == other && s.NS > 0
				}
				if other != "" && !waits {
					t.Errorf("%s: %d iterations, none behind %s: %+v", g.Group, g.Iterations, other, g.AllShares)
				}
				for _, it := range g.Slowest {
					sum := int64(0)
					for _, p := range it.Parts {
						sum += p.NS
					}
					if sum != it.Latency {
						t.Errorf("%s-%d:%d: the parts are %d ns of %d", g.Group, it.Worker, it.Seq, sum, it.Latency)
					}
				}
			}
		})
	}
}

// The parts of every predicted iteration of a task are its latency, and those of its
// own pieces what its meter counted. What others had of it is counted here once more, by
// hand, from what the thread of the loop was about.
func TestPartsOfTasksAddUp(t *testing.T) {
	t.Parallel()
	race.SkipComputing(t)
	for _, text := range []string{loops, strings.ReplaceAll(talk, "MODEL", "coroutines"), strings.ReplaceAll(talk, "MODEL", "coroutines+processes, workers: 2")} {
		s, err := scenarios.Parse("tasks.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		costs, err := loadCosts(s)
		if err != nil {
			t.Fatal(err)
		}
		p := *s.Variants[0].Program
		for _, b := range []*predict.Backend{predict.NewGIL(), predict.NewNative()} {
			b.Costs = costs
			for p.Seed = range uint64(2) {
				report, err := b.Run(t.Context(), &p, session.Options{Events: true})
				if err != nil {
					t.Fatal(err)
				}
				for _, err := range trace.Check(report.Log, report.Log.Rules) {
					t.Errorf("%s on %s: %v", s.Name, b.Name(), err)
				}
				h, groups := explain.Read(report)
				for i, g := range groups {
					w := worked{t: t, h: h, log: report.Log, group: g.Name, client: report.Groups[i].Client}
					w.check(&report.Groups[i], g.Iterations)
				}
				if t.Failed() {
					t.Fatalf("%s on %s, seed %d", s.Name, b.Name(), p.Seed)
				}
			}
		}
	}
}

// worked is a group of a run whose iterations are held against what is known of them.
type worked struct {
	t      *testing.T
	h      *explain.History
	log    *trace.Log
	group  string
	client bool
	lane   []trace.Event // of the thread of the group's loop
}

func (w worked) check(report *trace.GroupReport, list []explain.Iteration) {
	rows := map[[2]int64]trace.Sample{}
	for id, m := range report.Workers {
		m.Rows(func(s *trace.Sample) { rows[[2]int64{int64(id), s.Seq}] = *s })
	}
	if len(list) < 5 {
		w.t.Errorf("%s: %d iterations", w.group, len(list))
		return
	}
	if task := list[0].Thread - int32(len(w.log.Threads)); task >= 0 {
		w.lane = loopOf(w.log, task)
	}
	for i := range list {
		it := &list[i]
		s, ok := rows[[2]int64{int64(w.h.Threads()[it.Thread].Worker), it.Seq}]
		if !ok || s.Start != it.Start || s.End != it.End || s.Planned != it.Planned || s.Err != it.Err {
			w.t.Fatalf("%s:%d is %+v, and its row %+v", w.group, it.Seq, it, s)
		}
		w.parts(it, &s)
	}
}

func (w worked) parts(it *explain.Iteration, s *trace.Sample) {
	sum, work, nogil := int64(0), int64(0), int64(0)
	behind := map[int32]int64{}
	parts := w.h.Parts(it)
	for _, p := range parts {
		sum += p.NS
		switch p.Cause {
		case explain.Work:
			work = p.NS
		case explain.NoGIL:
			nogil = p.NS
		case explain.Behind:
			behind[p.Culprit-int32(len(w.log.Threads))] = p.NS
		}
		if p.NS < 0 || p.Count < 1 || p.Culprit == it.Thread {
			w.t.Errorf("%s:%d: %+v", w.group, it.Seq, p)
		}
	}
	if sum != it.Latency() || !w.client && (work != s.Run || nogil != s.NoGIL) {
		w.t.Errorf("%s:%d: the parts are %d ns of %d, work %d of %d, without the lock %d of %d: %+v", w.group, it.Seq,
			sum, it.Latency(), work, s.Run, nogil, s.NoGIL, parts)
	}
	task := it.Thread - int32(len(w.log.Threads))
	if task < 0 || w.client {
		return // what a client's request waits for begins before its task knows of it
	}
	want := w.byHand(task, it.Start, it.End)
	for other := range w.log.Tasks {
		if got := behind[int32(other)]; got != want[int32(other)] {
			w.t.Errorf("%s:%d: %d ns behind task %d, want %d: %+v", w.group, it.Seq, got, other, want[int32(other)], parts)
		}
	}
}

// byHand adds up what other tasks had the thread for while one was ready: what the thread
// waits for, the lock or a CPU, is not theirs.
func (w worked) byHand(task int32, from, to int64) map[int32]int64 {
	sums := map[int32]int64{}
	state, now, at := trace.Done, int32(-1), int64(0)
	var stretches []stretch // since the task's last piece
	for _, e := range w.lane {
		if e.Time > to {
			break
		}
		if end := min(e.Time, to); now >= 0 && now != task && state != trace.WaitGIL && state != trace.Ready && end > max(at, from) {
			stretches = append(stretches, stretch{now, max(at, from), end})
		}
		at = e.Time
		switch e.Kind {
		case trace.StateChange:
			state = trace.State(e.Arg)
		case trace.IterBegin:
			if now = e.Other; now == task {
				for _, s := range stretches {
					if s.to > e.Arg2 {
						sums[s.task] += s.to - max(s.from, e.Arg2)
					}
				}
				stretches = stretches[:0]
			}
		case trace.IterEnd:
			now = -1
		}
	}
	return sums
}

// loopOf returns the events of the thread that runs a task.
func loopOf(log *trace.Log, task int32) (lane []trace.Event) {
	i := slices.IndexFunc(log.Events, func(e trace.Event) bool { return e.Kind == trace.TaskBegin && e.Other == task })
	for _, e := range log.Events {
		if e.Thread == log.Events[i].Thread {
			lane = append(lane, e)
		}
	}
	return lane
}

// stretch is a time for which a task had the thread.
type stretch struct {
	task     int32
	from, to int64
}
