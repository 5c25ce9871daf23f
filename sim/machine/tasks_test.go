package machine

import (
	"slices"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// Tasks: the turns that they take are those of the article's loop, and of asyncio's.

func countFrom(n int) workloads.Op { return workloads.Op{Kind: workloads.OpCount, N: n} }

// tasksOf returns groups of one task each, called a, b, c …, that do their body
// once.
func tasksOf(kind workloads.TaskKind, bodies ...[]workloads.Op) []workloads.TaskGroup {
	var out []workloads.TaskGroup
	for i, body := range bodies {
		out = append(out, workloads.TaskGroup{Kind: kind, Group: workloads.Group{Name: string(rune('a' + i)), Count: 1, Times: 1, Body: body}})
	}
	return out
}

func body(ops ...workloads.Op) []workloads.Op { return ops }

func withTasks(p *workloads.Program, groups ...workloads.TaskGroup) *workloads.Program {
	p.Tasks = append(p.Tasks, groups...)
	return p
}

// values returns what counts yielded, in order.
func values(r *trace.Report) (out []int64) {
	for _, v := range r.Values {
		out = append(out, v.Value)
	}
	return out
}

// The article's example: countdown(10), countdown(5), countdown(20) in one deque print
// 10 5 20 9 4 19 8 3 18 7 2 17 6 1 16 5 15 4 14 …, with both kinds of loops, and
// whatever runs beside them.
func TestCountdownInterleaves(t *testing.T) {
	var want []int64
	for i := range int64(20) {
		for _, n := range []int64{10, 5, 20} {
			if n > i {
				want = append(want, n-i)
			}
		}
	}
	if !slices.Equal(want[:9], []int64{10, 5, 20, 9, 4, 19, 8, 3, 18}) {
		t.Fatal(want)
	}
	for _, kind := range []workloads.TaskKind{workloads.YieldTask, workloads.AsyncioTask} {
		for _, c := range []Config{free(), {CPUs: 1}, {CPUs: 2, Native: true}, {CPUs: 2, Costs: DefaultCosts()}} {
			for _, hogs := range []int{0, 2} {
				p := withTasks(underLock("cpython-3", 0, groupOf("hog", hogs, fibOf(18))), tasksOf(kind, body(countFrom(10)), body(countFrom(5)), body(countFrom(20)))...)
				c.Values = true
				r := runs(t, once(p), c)
				if got := values(r); !slices.Equal(got, want) {
					t.Errorf("%s, %d hogs, %+v: %v", kind, hogs, c, got)
				}
				for i, n := range []int64{10, 5, 20} {
					if v := r.Values[i]; v.Group != string(rune('a'+i)) || v.Worker != 0 || v.Value != n {
						t.Errorf("value %d is %+v", i, v)
					}
				}
			}
		}
	}
}

// Values are kept only where somebody asks for them.
func TestValuesAreForThoseWhoAsk(t *testing.T) {
	r := runs(t, once(withTasks(underLock("none", 0), tasksOf(workloads.YieldTask, body(countFrom(3)))...)), free())
	if r.Values != nil {
		t.Errorf("got %v", r.Values)
	}
}

// ends returns when the only iteration of each group of tasks began and ended, in ms.
func spans(t *testing.T, r *trace.Report) (out [][2]int64) {
	t.Helper()
	for _, g := range r.Groups {
		for i := range g.Workers {
			for _, s := range rows(r, g.Name, i) {
				out = append(out, [2]int64{s.Start / int64(ms), s.End / int64(ms)})
			}
		}
	}
	return out
}

// One thread: what a task computes delays all; a sleep of a generator does, too, and
// one of a coroutine of asyncio does not.
func TestTasksShareAThread(t *testing.T) {
	sleeper, worker := body(sleepFor(3*ms), yieldTimes(1)), body(yieldTimes(1), spinFor(4*ms))
	for _, c := range []struct {
		kind workloads.TaskKind
		want [][2]int64
	}{
		// a sleeps to 3, b yields, a ends, b computes to 7.
		{workloads.YieldTask, [][2]int64{{0, 3}, {3, 7}}},
		// a sleeps, b yields and computes to 4, when a has long slept enough.
		{workloads.AsyncioTask, [][2]int64{{0, 4}, {0, 4}}},
	} {
		for _, config := range []Config{free(), {Native: true, Costs: &Costs{}, CPUs: 2}} {
			p := once(withTasks(underLock("cpython-3", 0), tasksOf(c.kind, sleeper, worker)...))
			if got := spans(t, runs(t, p, config)); !slices.Equal(got, c.want) {
				t.Errorf("%s, native %t: %v, want %v", c.kind, config.Native, got, c.want)
			}
		}
	}
}

// The states of a task are those of the thread while it is in the task; the rest it
// is blocked. They add up to the latency.
func TestStatesOfTasks(t *testing.T) {
	p := once(withTasks(underLock("cpython-3", 0, groupOf("hog", 1, spinFor(20*ms))),
		tasksOf(workloads.AsyncioTask, body(spinFor(1*ms), sleepFor(2*ms), nogilFor(1*ms)), body(spinFor(3*ms), yieldTimes(1)))...))
	r := runs(t, p, free())
	for name, want := range map[string][2]int64{"a": {1, 1}, "b": {3, 0}} {
		s := rows(r, name, 0)[0]
		if s.Run/int64(ms) != want[0] || s.NoGIL/int64(ms) != want[1] || s.Run+s.WaitGIL+s.NoGIL+s.Blocked+s.Ready != s.Latency() {
			t.Errorf("%s: %+v", name, s)
		}
		if name == "a" && (s.Planned != int64(2*ms) || s.WaitGIL < int64(4*ms)) {
			t.Errorf("a: planned %d, wait_gil %d", s.Planned, s.WaitGIL)
		}
	}
}

// epoll_wait takes whole milliseconds, so asyncio.sleep does unless something is
// ready; timers that end together end in one turn.
func TestAsyncioSleepsWholeMilliseconds(t *testing.T) {
	p := once(withTasks(underLock("cpython-3", 0),
		tasksOf(workloads.AsyncioTask, body(sleepFor(300*us)), body(sleepFor(1200*us)), body(sleepFor(900*us)), body(sleepFor(0)))...))
	r := runs(t, p, free())
	want := []time.Duration{1 * ms, 2 * ms, 1 * ms, 0}
	for i, g := range r.Groups {
		if s := rows(r, g.Name, 0)[0]; s.End != int64(want[i]) {
			t.Errorf("%s ends at %d, want %v", g.Name, s.End, want[i])
		}
	}
}

// A task comes when its group starts, at the right of those that are there.
func TestTasksStart(t *testing.T) {
	for _, kind := range []workloads.TaskKind{workloads.YieldTask, workloads.AsyncioTask} {
		groups := tasksOf(kind, body(yieldTimes(1), spinFor(1*ms)), body(spinFor(1*ms), yieldTimes(1)), body(spinFor(1*ms)))
		groups[0].Start, groups[2].Start = 5*ms, 5*ms
		got := spans(t, runs(t, once(withTasks(underLock("none", 0), groups...)), free()))
		if want := [][2]int64{{5, 7}, {0, 1}, {5, 6}}; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", kind, got, want)
		}
	}
}

// A generator that never yields has a turn for each pass.
func TestTaskWithoutAYield(t *testing.T) {
	groups := tasksOf(workloads.YieldTask, body(spinFor(1*ms)), body(spinFor(1*ms)))
	groups[0].Times, groups[1].Times = 2, 2
	got := spans(t, runs(t, once(withTasks(underLock("none", 0), groups...)), free()))
	if want := [][2]int64{{0, 1}, {2, 3}, {1, 2}, {3, 4}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// No pass begins after the end of the window, and the loop ends with its tasks.
func TestTasksEndWithTheWindow(t *testing.T) {
	for _, kind := range []workloads.TaskKind{workloads.YieldTask, workloads.AsyncioTask} {
		groups := tasksOf(kind, body(spinFor(3*ms), yieldTimes(1)), body(spinFor(2*ms), yieldTimes(1)))
		groups[0].Times, groups[1].Times = 0, 0
		r := runs(t, withTasks(underLock("cpython-3", 20*ms), groups...), free())
		for _, name := range []string{"a", "b"} {
			all := rows(r, name, 0)
			if last := all[len(all)-1]; last.Start >= int64(20*ms) || last.End > int64(26*ms) || len(all) < 4 {
				t.Errorf("%s: %d iterations, the last %+v", name, len(all), last)
			}
		}
		if len(r.Warnings) > 0 {
			t.Errorf("%v", r.Warnings)
		}
	}
}
