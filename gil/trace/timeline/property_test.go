package timeline_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/explain"
	"github.com/fibsim/fibsim/gil/trace/timeline"
	"github.com/fibsim/fibsim/internal/live"
	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/workloads"
)

// record is what a part of a scenario led to on a backend, with its log.
type record struct {
	name   string
	report *trace.Report
}

// records are made once for all tests: predictions of several kinds of programs, and
// measured runs of one.
var records = sync.OnceValues(func() (list []record, err error) {
	var calibrator live.Calibrator
	measured := []session.Backend{live.NewGIL(&calibrator, live.Commands{}), live.NewNative(&calibrator, live.Commands{})}
	for _, name := range []string{"mixed", "go-convoy", "old-lock", "c-extension", "server-mixed"} {
		s, err := scenarios.Find(name)
		if err != nil {
			return nil, err
		}
		p := *s.Variants[0].Program
		p.Warmup, p.Duration = 20*time.Millisecond, 100*time.Millisecond
		p.Interpreter.Pace = workloads.Pace{Mode: workloads.PaceNative}
		backends := []session.Backend{predict.NewGIL(), predict.NewNative()}
		if name == "mixed" {
			backends = append(backends, measured...)
		}
		for _, b := range backends {
			report, err := b.Run(context.Background(), &p, session.Options{Events: true, Rep: 1})
			if err != nil {
				return nil, err
			}
			list = append(list, record{name + "/" + b.Name(), report})
		}
	}
	measurable, err := scenarios.Parse("loops", []byte(loops))
	if err != nil {
		return nil, err
	}
	all, err := scenarios.Parse("loops", []byte(loops+submits))
	if err != nil {
		return nil, err
	}
	server, err := scenarios.Find("server-mixed", scenarios.Override{Flag: "model", Path: "server.model", Value: "coroutines"})
	if err != nil {
		return nil, err
	}
	for _, one := range []struct {
		name     string
		scenario *scenarios.Scenario
		backends []session.Backend
	}{
		{"loops", measurable, measured},
		{"loops", all, []session.Backend{predict.NewGIL(), predict.NewNative()}},
		{"coroutines", server, []session.Backend{predict.NewGIL()}},
	} {
		p := *one.scenario.Variants[0].Program
		p.Warmup, p.Duration = 20*time.Millisecond, 100*time.Millisecond
		p.Interpreter.Pace = workloads.Pace{Mode: workloads.PaceNative}
		for _, b := range one.backends {
			report, err := b.Run(context.Background(), &p, session.Options{Events: true, Rep: 1})
			if err != nil {
				return nil, err
			}
			list = append(list, record{one.name + "/" + b.Name(), report})
		}
	}
	return list, nil
})

// loops is a scenario with both kinds of event loops next to a thread that computes.
const loops = `
version: 1
name: loops
threads:
  - {name: hog, body: [{fib: 18}, {sleep: 2ms}]}
tasks:
  - {name: step, kind: asyncio, body: [{fib: 18}, {yield: 1}, {fib: 16}, {sleep: 3ms}]}
  - {name: tick, kind: asyncio, count: 2, body: [{sleep: {exponential: 5ms}}, {fib: 10}, {sleep: 0ms}]}
  - {name: turn, kind: yield, count: 2, body: [{loop: {times: 2, body: [{fib: 16}, {yield: 2}]}}]}
  - {name: nap, kind: yield, body: [{sleep: 2ms}, {count: 3}]}
`

// submits is a task of it that another process computes for.
const submits = `
  - {name: ask, kind: asyncio, body: [{submit: {pool: workers, body: [{fib: 15}]}}, {nogil: {spin: 100us}}]}
pools: {workers: {workers: 1}}
`

// recorded calls f with the report of each record.
func recorded(t *testing.T, f func(t *testing.T, r *trace.Report)) {
	list, err := records()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		t.Run(r.name, func(t *testing.T) { f(t, r.report) })
	}
}

// The spans of a thread tile its life, neighbours differ, and nobody runs without
// the lock where there is one.
func TestSpansTileTheLifeOfAThread(t *testing.T) {
	recorded(t, func(t *testing.T, r *trace.Report) {
		line := timeline.Of(r.Log)
		begun, ended := lives(r.Log, line.End)
		for i, lane := range line.Lanes {
			if len(lane) == 0 {
				t.Fatalf("thread %d never did anything", i)
			}
			if lane[0].Start != begun[i] || lane[len(lane)-1].End != ended[i] {
				t.Errorf("thread %d: drawn from %d to %d, it lived from %d to %d", i, lane[0].Start, lane[len(lane)-1].End, begun[i], ended[i])
			}
			for k := range lane {
				if lane[k].End < lane[k].Start || lane[k].State == trace.Done {
					t.Fatalf("thread %d: span %+v", i, lane[k])
				}
				if k > 0 && (lane[k].Start != lane[k-1].End || lane[k].State == lane[k-1].State) {
					t.Fatalf("thread %d: %+v after %+v", i, lane[k], lane[k-1])
				}
			}
		}
	})
}

// lives returns when each thread began and ended.
func lives(log *trace.Log, end int64) (begun, ended []int64) {
	begun, ended = make([]int64, len(log.Threads)), make([]int64, len(log.Threads))
	seen := make([]bool, len(log.Threads))
	for _, e := range log.Events {
		if e.Kind != trace.StateChange {
			continue
		}
		if !seen[e.Thread] {
			seen[e.Thread], begun[e.Thread], ended[e.Thread] = true, e.Time, end
		}
		if trace.State(e.Arg) == trace.Done {
			ended[e.Thread] = e.Time
		}
	}
	return begun, ended
}

// The spans of a task tile the time from when it could first go on, and neighbours
// differ. Where it computes it does so in a turn of its own, so that tasks of one loop
// never run at the same time.
func TestSpansOfTasks(t *testing.T) {
	tasks := 0
	recorded(t, func(t *testing.T, r *trace.Report) {
		line := timeline.Of(r.Log)
		if len(line.Tasks) != len(line.TaskLanes) || len(line.Tasks) != len(r.Log.Tasks) {
			t.Fatalf("%d tasks, %d lanes, the log has %d", len(line.Tasks), len(line.TaskLanes), len(r.Log.Tasks))
		}
		for i, lane := range line.TaskLanes {
			if len(lane) == 0 {
				t.Errorf("%v never did anything", line.Tasks[i])
			}
			tasks++
			for k, s := range lane {
				if s.End <= s.Start || s.State == trace.Done || s.State != trace.Behind && (s.Behind >= 0 || s.Turns > 0) || s.Behind == int32(i) {
					t.Fatalf("%v: span %+v", line.Tasks[i], s)
				}
				if k > 0 && (s.Start != lane[k-1].End || s.State == lane[k-1].State) {
					t.Fatalf("%v: %+v after %+v", line.Tasks[i], s, lane[k-1])
				}
			}
		}
	})
	if tasks < 20 {
		t.Errorf("%d tasks were looked at", tasks)
	}
}

// Of each iteration of a task, the timeline and its explanation tell the same time of
// work, and no less that it was behind others than the explanation puts down to them.
func TestTasksAgreeWithTheirExplanation(t *testing.T) {
	compared := 0
	recorded(t, func(t *testing.T, r *trace.Report) {
		line, history := timeline.Of(r.Log), explain.New(r.Log)
		for i := range history.Iterations() {
			it := &history.Iterations()[i]
			task := int(it.Thread) - len(r.Log.Threads)
			if task < 0 {
				continue
			}
			compared++
			var got [trace.Behind + 1]int64
			for _, s := range line.Window(it.Start, it.End).TaskLanes[task] {
				got[s.State] += s.End - s.Start
			}
			want := map[explain.Cause]int64{}
			for _, p := range history.Parts(it) {
				want[p.Cause] += p.NS
			}
			if got[trace.Run] != want[explain.Work] || got[trace.NoGIL] != want[explain.NoGIL] || got[trace.Behind] < want[explain.Behind] {
				t.Errorf("%v, iteration %d from %d to %d: run %d, nogil %d, behind %d; explained by %v",
					line.Tasks[task], it.Seq, it.Start, it.End, got[trace.Run], got[trace.NoGIL], got[trace.Behind], want)
			}
		}
	})
	if compared < 100 {
		t.Errorf("%d iterations were compared", compared)
	}
}

// One thread at a time has the lock; hand-offs join the hold of one to that of
// another.
func TestHoldsNeverOverlap(t *testing.T) {
	recorded(t, func(t *testing.T, r *trace.Report) {
		line := timeline.Of(r.Log)
		if r.Lock != (len(line.Holds) > 0) {
			t.Fatalf("a lock: %v, and %d holds", r.Lock, len(line.Holds))
		}
		var arrows []timeline.Handoff
		for i := 1; i < len(line.Holds); i++ {
			h, before := line.Holds[i], line.Holds[i-1]
			if h.Start < before.End {
				t.Fatalf("%+v overlaps %+v", h, before)
			}
			if h.Thread != before.Thread {
				arrows = append(arrows, timeline.Handoff{
					From: before.Thread, To: h.Thread, Released: before.End, Taken: h.Start, Forced: before.Forced,
				})
			}
		}
		if len(arrows) != len(line.Handoffs) {
			t.Fatalf("%d hand-offs, and the holder changes %d times", len(line.Handoffs), len(arrows))
		}
		for i := range arrows {
			if arrows[i] != line.Handoffs[i] {
				t.Errorf("hand-off %d: got %+v, want %+v", i, line.Handoffs[i], arrows[i])
			}
		}
	})
}

// The spans of a thread, cut to its iterations, give the figures that the meter
// folded along with the run.
func TestSpansAgreeWithTheMeters(t *testing.T) {
	compared := 0
	recorded(t, func(t *testing.T, r *trace.Report) {
		line := timeline.Of(r.Log)
		workers := map[trace.Thread]*trace.Meter{}
		for _, g := range r.Groups {
			if !g.Client { // whose rows are those of connections
				for i, m := range g.Workers {
					workers[trace.Thread{Group: g.Name, Worker: i}] = m
				}
			}
		}
		for i, thread := range line.Threads {
			m := workers[thread]
			if m == nil {
				continue
			}
			m.Rows(func(s *trace.Sample) {
				compared++
				var sum [trace.Done]int64
				for _, span := range line.Window(s.Start, s.End).Lanes[i] {
					sum[span.State] += span.End - span.Start
				}
				got := [...]int64{sum[trace.Run], sum[trace.WaitGIL], sum[trace.NoGIL], sum[trace.Sleep] + sum[trace.IO], sum[trace.Ready]}
				if want := [...]int64{s.Run, s.WaitGIL, s.NoGIL, s.Blocked, s.Ready}; got != want {
					t.Errorf("%v, iteration %d: got %v, the meter has %v", thread, s.Seq, got, want)
				}
			})
		}
	})
	if compared < 100 {
		t.Errorf("%d iterations were compared", compared)
	}
}

// The number of waiters is at each time that of the threads drawn in wait_gil.
func TestWaitersAreThoseDrawn(t *testing.T) {
	recorded(t, func(t *testing.T, r *trace.Report) {
		line := timeline.Of(r.Log)
		random := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			at := random.Int64N(line.End)
			drawn, counted := 0, 0
			for _, lane := range line.Lanes {
				for _, s := range lane {
					if s.State == trace.WaitGIL && s.Start <= at && at < s.End {
						drawn++
					}
				}
			}
			for _, c := range line.Waiters {
				if c.Time <= at {
					counted = c.N
				}
			}
			if drawn != counted {
				t.Errorf("at %d: %d drawn, %d counted", at, drawn, counted)
			}
		}
	})
}

// Windows that follow one another hold what the whole holds.
func TestWindowsAddUp(t *testing.T) {
	recorded(t, func(t *testing.T, r *trace.Report) {
		line := timeline.Of(r.Log)
		want, got := sums(line), map[trace.State]int64{}
		const parts = 7
		for i := range int64(parts) {
			length := line.End - line.Start
			for s, d := range sums(line.Window(line.Start+length*i/parts, line.Start+length*(i+1)/parts)) {
				got[s] += d
			}
		}
		for s, d := range want {
			if got[s] != d {
				t.Errorf("%s: %d in parts, %d in the whole", s, got[s], d)
			}
		}
	})
}

func sums(line *timeline.Timeline) map[trace.State]int64 {
	sum := map[trace.State]int64{}
	for _, lane := range line.Lanes {
		for _, s := range lane {
			sum[s.State] += s.End - s.Start
		}
	}
	return sum
}
