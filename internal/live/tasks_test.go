package live

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

func counting(n int) workloads.Op  { return workloads.Op{Kind: workloads.OpCount, N: n} }
func yielding(n int) workloads.Op  { return workloads.Op{Kind: workloads.OpYield, N: n} }
func computing(n int) workloads.Op { return workloads.Op{Kind: workloads.OpFib, N: n} }

// tasks returns a program of tasks that runs until all is done.
func tasks(kind workloads.TaskKind, groups ...workloads.Group) *workloads.Program {
	p := threads()
	for _, g := range groups {
		p.Tasks = append(p.Tasks, workloads.TaskGroup{Group: g, Kind: kind})
	}
	return p
}

// checkStates checks that the parts of each iteration add up to it.
func checkStates(t *testing.T, r *trace.Report) {
	t.Helper()
	for _, g := range r.Groups {
		for _, m := range g.Workers {
			m.Rows(func(s *trace.Sample) {
				if sum := s.Run + s.WaitGIL + s.NoGIL + s.Blocked; sum != s.Latency() || s.Run <= 0 || s.Blocked < 0 || s.WaitGIL < 0 {
					t.Errorf("%s: the states of %+v add up to %d", g.Name, *s, sum)
				}
			})
		}
	}
}

// The article's three countdowns take turns: 10 5 20 9 4 19 …
func TestCountdown(t *testing.T) {
	var want []int64
	for i := range int64(20) {
		for _, n := range []int64{10, 5, 20} {
			if n > i {
				want = append(want, n-i)
			}
		}
	}
	p := threads()
	for _, kind := range []workloads.TaskKind{workloads.YieldTask, workloads.AsyncioTask} {
		for _, n := range []int{10, 5, 20} {
			p.Tasks = append(p.Tasks, workloads.TaskGroup{Kind: kind, Group: workloads.Group{
				Name: fmt.Sprintf("%v_%d", kind, n), Count: 1, Times: 1, Body: []workloads.Op{counting(n)},
			}})
		}
	}
	eachBackend(t, p, func(t *testing.T, b session.Backend, p *workloads.Program) {
		r := mustRun(t, b, p)
		got := map[string][]int64{}
		for _, v := range r.Values {
			kind, _, _ := strings.Cut(v.Group, "_")
			got[kind] = append(got[kind], v.Value)
		}
		for _, kind := range []string{"yield", "asyncio"} {
			if !slices.Equal(got[kind], want) {
				t.Errorf("%s: got %v, want %v", kind, got[kind], want)
			}
		}
		checkStates(t, r)
	})
}

// Loops, several passes and several workers keep their places; a task that starts
// later comes in behind the others.
func TestTasksTakeTurns(t *testing.T) {
	p := tasks(workloads.YieldTask,
		workloads.Group{Name: "two", Count: 2, Times: 2, Body: []workloads.Op{
			{Kind: workloads.OpLoop, N: 2, Body: []workloads.Op{counting(2), computing(5)}}, yielding(2),
		}},
		workloads.Group{Name: "late", Count: 1, Times: 1, Body: []workloads.Op{counting(2)}},
	)
	want := "two-0:2 two-1:2 two-0:1 two-1:1 two-0:2 two-1:2 two-0:1 two-1:1 two-0:2 two-1:2 two-0:1 two-1:1 two-0:2 two-1:2 two-0:1 two-1:1 late-0:2 late-0:1"
	turns := func(r *trace.Report) string {
		var all []string
		for _, v := range r.Values {
			all = append(all, fmt.Sprintf("%s-%d:%d", v.Group, v.Worker, v.Value))
		}
		return strings.Join(all, " ")
	}
	bothBackends(t, p, func(t *testing.T, b session.Backend, p *workloads.Program) {
		// A host that is busy for so long lets the late one come before the others are done.
		late := &p.Tasks[1]
		late.Start = 30 * time.Millisecond
		r := mustRun(t, b, p)
		for ; turns(r) != want && late.Start < 2*time.Second; late.Start *= 2 {
			r = mustRun(t, b, p)
		}
		if got := turns(r); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if good, failed := iterations(r, "two"); good != 4 || failed != 0 {
			t.Errorf("%d iterations and %d failed, want 4", good, failed)
		}
		checkStates(t, r)
	})
}

// order returns the iterations of the tasks of a kind in the order in which they began.
func order(r *trace.Report, kind workloads.TaskKind) string {
	type begun struct {
		at   int64
		name string
	}
	var all []begun
	for _, g := range r.Groups {
		name, ours := strings.CutPrefix(g.Name, kind.String()+"_")
		for _, m := range g.Workers {
			m.Rows(func(s *trace.Sample) {
				if ours {
					all = append(all, begun{s.Start, name})
				}
			})
		}
	}
	slices.SortFunc(all, func(a, b begun) int { return int(a.at - b.at) })
	var names []string
	for _, b := range all {
		names = append(names, b.name)
	}
	return strings.Join(names, " ")
}

// A body that never yields does its pass in one turn of the deque; in asyncio nothing
// lets the others in before all its passes are over.
func TestTasksThatNeverYield(t *testing.T) {
	want := map[workloads.TaskKind]string{workloads.YieldTask: "a b a b a b", workloads.AsyncioTask: "a a a b b b"}
	p := threads()
	for kind := range want {
		for _, name := range []string{"a", "b"} {
			p.Tasks = append(p.Tasks, workloads.TaskGroup{Kind: kind, Group: workloads.Group{
				Name: kind.String() + "_" + name, Count: 1, Times: 3, Body: []workloads.Op{computing(12)},
			}})
		}
	}
	bothBackends(t, p, func(t *testing.T, b session.Backend, p *workloads.Program) {
		r := mustRun(t, b, p)
		for kind, want := range want {
			if got := order(r, kind); got != want {
				t.Errorf("%v: got %s, want %s", kind, got, want)
			}
		}
		checkStates(t, r)
	})
}

// In asyncio a sleep lets the others go on; in the deque it holds them all up.
func TestTasksSleep(t *testing.T) {
	const each, count, times = 3 * time.Millisecond, 8, 2
	group := workloads.Group{Count: count, Times: times, Body: []workloads.Op{sleeping(each), yielding(1)}}
	p := threads()
	for _, kind := range []workloads.TaskKind{workloads.YieldTask, workloads.AsyncioTask} {
		group.Name = kind.String()
		p.Tasks = append(p.Tasks, workloads.TaskGroup{Kind: kind, Group: group})
	}
	bothBackends(t, p, func(t *testing.T, b session.Backend, p *workloads.Program) {
		r := mustRun(t, b, p)
		var ends [2]int64
		for i, g := range r.Groups {
			for _, m := range g.Workers {
				ends[i] = max(ends[i], m.LastEnd())
				m.Rows(func(s *trace.Sample) {
					if s.Planned != int64(each) || s.Blocked < s.Planned {
						t.Errorf("%s: %+v did not sleep for %v", g.Name, *s, each)
					}
				})
			}
			if good, _ := iterations(r, g.Name); good != count*times {
				t.Errorf("%s: %d iterations, want %d", g.Name, good, count*times)
			}
		}
		if ends[0] < int64(each)*count*times || ends[1] < int64(each)*times || ends[1] >= ends[0] {
			t.Errorf("a deque took %v, and asyncio %v", time.Duration(ends[0]), time.Duration(ends[1]))
		}
		checkStates(t, r)
	})
}

// Next to a thread that computes, a task that sleeps in its loop waits for the lock.
func TestTasksShareTheLock(t *testing.T) {
	// The tasks outlast the thread, whoever of the two a busy host lets begin first.
	p := tasks(workloads.YieldTask, workloads.Group{Name: "task", Count: 2, Times: 200, Body: []workloads.Op{sleeping(100 * time.Microsecond), yielding(1)}})
	p.Threads = []workloads.Group{{Name: "hog", Count: 1, Times: 40, Body: []workloads.Op{computing(27)}}}
	r := mustRun(t, NewGIL(&calibrator, Commands{}), p)
	var wait, requests int64
	for _, m := range r.Groups[1].Workers {
		total := m.Total(trace.Measure)
		wait, requests = wait+total.WaitGIL, requests+total.Requests
	}
	if wait == 0 || requests == 0 {
		t.Errorf("tasks waited for the lock for %d ns and asked for it %d times", wait, requests)
	}
	checkStates(t, r)
}

// A wake is noticed, read once, and not needed by a wait whose time is over.
func TestSelectors(t *testing.T) {
	leavesNothing(t)
	epoll, err := newEpollSelector()
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]selector{"epoll": epoll, "channel": newChannelSelector()} {
		never := func() bool { return false }
		for _, ns := range []int64{0, 1, 2_500_000} {
			before := gil.Monotonic()
			if p.wait(ns, never) {
				t.Errorf("%s: woken by nobody", name)
			}
			if d := gil.Monotonic() - before; d < ns {
				t.Errorf("%s: waited for %d ns, want %d", name, d, ns)
			}
		}
		if p.wait(-1, func() bool { return true }) {
			t.Errorf("%s: woken when it had to stop", name)
		}
		go p.wake()
		if !p.wait(-1, never) {
			t.Errorf("%s: not woken", name)
		}
		for p.read() {
		}
		p.wake()
		p.wake()
		if !p.wait(0, never) {
			t.Errorf("%s: a wake before the wait is lost", name)
		}
		for p.read() {
		}
		if p.wait(0, never) {
			t.Errorf("%s: woken by what was read", name)
		}
		p.close()
	}
}

func TestTimersKeepTheirOrder(t *testing.T) {
	s := workloads.NewStream(1, "", 0, "timers")
	var ts timers
	for i := range int64(500) {
		ts.push(timer{at: int64(s.Uint64() % 50), order: i})
		if s.Uint64()%3 == 0 {
			ts.pop()
		}
	}
	last := timer{at: -1}
	for len(ts) > 0 {
		next := ts.pop()
		if next.before(last) {
			t.Fatalf("%+v comes after %+v", next, last)
		}
		last = next
	}
}

// bench runs a program of b.N iterations and reports what each took.
func bench(b *testing.B, p *workloads.Program) {
	for _, backend := range []session.Backend{NewGIL(&calibrator, Commands{}), NewNative(&calibrator, Commands{})} {
		b.Run(backend.Name(), func(b *testing.B) {
			q := *p
			q.Threads, q.Tasks = slices.Clone(p.Threads), slices.Clone(p.Tasks)
			for i := range q.Threads {
				q.Threads[i].Times, q.Threads[i].Samples = b.N, workloads.SampleNone
			}
			for i := range q.Tasks {
				q.Tasks[i].Body = []workloads.Op{yielding(b.N)}
				q.Tasks[i].Times = 1
			}
			r, err := backend.Run(b.Context(), &q, session.Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(r.Window.End)/float64(b.N), "ns/round")
		})
	}
}

// What it costs that two tasks of a deque take a turn each.
func BenchmarkYield(b *testing.B) {
	bench(b, tasks(workloads.YieldTask, workloads.Group{Name: "task", Count: 2}))
}

// What a turn of asyncio's loop costs, with a step of two tasks each.
func BenchmarkAsyncio(b *testing.B) {
	bench(b, tasks(workloads.AsyncioTask, workloads.Group{Name: "task", Count: 2}))
}

// What an item costs that one thread sends and another receives.
func BenchmarkQueue(b *testing.B) {
	p := threads(
		workloads.Group{Name: "producer", Count: 1, Body: []workloads.Op{on(workloads.OpSend, 0)}},
		workloads.Group{Name: "consumer", Count: 1, Body: []workloads.Op{on(workloads.OpRecv, 0)}},
	)
	p.Queues = []workloads.Queue{{Name: "q", Size: 16}}
	bench(b, p)
}
