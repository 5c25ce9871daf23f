package live

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

var calibrator Calibrator

func on(k workloads.OpKind, ref int) workloads.Op { return workloads.Op{Kind: k, Ref: ref} }
func sleeping(d time.Duration) workloads.Op {
	return workloads.Op{Kind: workloads.OpSleep, For: workloads.Duration{Mean: int64(d)}}
}

// threads returns a program that runs until all is done.
func threads(groups ...workloads.Group) *workloads.Program {
	return &workloads.Program{
		Name: "test", Seed: 1, UntilDone: true, Threads: groups,
		Interpreter: workloads.Interpreter{Lock: "cpython-3", Pace: workloads.Pace{Mode: workloads.PaceNative}},
	}
}

// eachBackend runs a test on both backends: on gil with each way to park, and with a
// lock that counts ticks and none at all.
func eachBackend(t *testing.T, p *workloads.Program, f func(t *testing.T, b session.Backend, p *workloads.Program)) {
	for _, park := range gil.Parks() {
		onGIL(t, p, "cpython-3", park, f)
	}
	onGIL(t, p, "cpython-2", gil.ParkAuto, f)
	onGIL(t, p, "none", gil.ParkAuto, f)
	onNative(t, p, f)
}

// bothBackends runs a test once on each.
func bothBackends(t *testing.T, p *workloads.Program, f func(t *testing.T, b session.Backend, p *workloads.Program)) {
	onGIL(t, p, "cpython-3", gil.ParkAuto, f)
	onNative(t, p, f)
}

func onGIL(t *testing.T, p *workloads.Program, lock string, park gil.Park, f func(t *testing.T, b session.Backend, p *workloads.Program)) {
	t.Run(fmt.Sprintf("%s-%s", lock, park), func(t *testing.T) {
		leavesNothing(t)
		q := *p
		q.Interpreter.Lock, q.Interpreter.Park = lock, string(park)
		f(t, NewGIL(&calibrator, Commands{Worker: acting("worker")}), &q)
	})
}

func onNative(t *testing.T, p *workloads.Program, f func(t *testing.T, b session.Backend, p *workloads.Program)) {
	t.Run("native", func(t *testing.T) {
		leavesNothing(t)
		f(t, NewNative(&calibrator, Commands{Worker: acting("worker")}), p)
	})
}

// mustRun runs a program and holds its log against the invariants, and the meters
// against the fold of the log.
func mustRun(t *testing.T, b session.Backend, p *workloads.Program) *trace.Report {
	t.Helper()
	r, err := b.Run(t.Context(), p, session.Options{Events: true, Values: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range trace.Check(r.Log, r.Log.Rules) {
		t.Error(err)
	}
	return r
}

// iterations returns how many iterations of a group went well, and how many did not.
func iterations(r *trace.Report, group string) (good, failed int64) {
	for _, g := range r.Groups {
		for _, m := range g.Workers {
			if g.Name == group {
				total := m.Total(trace.Measure)
				good, failed = good+total.Iterations, failed+total.Failed
			}
		}
	}
	return good, failed
}

// What is sent is received, whoever is faster, and a run that passes items to and fro
// a thousand times is never taken for one in which nobody goes on.
func TestQueues(t *testing.T) {
	const times = 300
	p := threads(
		workloads.Group{Name: "producer", Count: 2, Times: times, Body: []workloads.Op{on(workloads.OpSend, 0)}},
		workloads.Group{Name: "consumer", Count: 3, Times: times, Body: []workloads.Op{
			{Kind: workloads.OpLoop, N: 2, Body: []workloads.Op{on(workloads.OpRecv, 0)}}, on(workloads.OpSend, 2),
		}},
		workloads.Group{Name: "other", Count: 1, Times: 4 * times, Body: []workloads.Op{on(workloads.OpSend, 0)}},
		workloads.Group{Name: "ping", Count: 1, Times: times, Body: []workloads.Op{on(workloads.OpSend, 1), on(workloads.OpRecv, 3)}},
		workloads.Group{Name: "pong", Count: 1, Times: times, Body: []workloads.Op{on(workloads.OpRecv, 1), on(workloads.OpSend, 3)}},
	)
	p.Queues = []workloads.Queue{{Name: "jobs", Size: 3}, {Name: "there", Size: 1}, {Name: "done"}, {Name: "back", Size: 1}}
	eachBackend(t, p, func(t *testing.T, b session.Backend, p *workloads.Program) {
		r := mustRun(t, b, p)
		for group, want := range map[string]int64{"producer": 2 * times, "consumer": 3 * times, "other": 4 * times, "ping": times, "pong": times} {
			if good, failed := iterations(r, group); good != want || failed != 0 {
				t.Errorf("%s: %d iterations and %d failed, want %d", group, good, failed, want)
			}
		}
	})
}

// Whoever has a lock sleeps with it, so that the sleeps of all follow each other.
func TestLocks(t *testing.T) {
	p := threads(workloads.Group{Name: "one", Count: 3, Times: 4, Body: []workloads.Op{
		on(workloads.OpLock, 0), sleeping(time.Millisecond), on(workloads.OpLock, 1), on(workloads.OpUnlock, 1), on(workloads.OpUnlock, 0),
	}})
	p.Locks = []workloads.Lock{{Name: "outer"}, {Name: "inner"}}
	eachBackend(t, p, func(t *testing.T, b session.Backend, p *workloads.Program) {
		r := mustRun(t, b, p)
		if good, _ := iterations(r, "one"); good != 12 || r.Window.End < 12e6 {
			t.Errorf("%d iterations in %v, want 12, one after the other", good, time.Duration(r.Window.End))
		}
	})
}

// A run in which every thread waits for another ends, and says who waits for what.
func TestDeadlock(t *testing.T) {
	opposed := threads(
		workloads.Group{Name: "left", Count: 1, Times: 1, Body: []workloads.Op{
			on(workloads.OpLock, 0), on(workloads.OpSend, 0), on(workloads.OpRecv, 1), on(workloads.OpLock, 1), on(workloads.OpUnlock, 1), on(workloads.OpUnlock, 0),
		}},
		workloads.Group{Name: "right", Count: 1, Times: 1, Body: []workloads.Op{
			on(workloads.OpLock, 1), on(workloads.OpSend, 1), on(workloads.OpRecv, 0), on(workloads.OpLock, 0), on(workloads.OpUnlock, 0), on(workloads.OpUnlock, 1),
		}},
	)
	starving := threads(
		workloads.Group{Name: "consumer", Count: 2, Times: 2, Body: []workloads.Op{on(workloads.OpRecv, 0)}},
		workloads.Group{Name: "producer", Count: 1, Times: 1, Body: []workloads.Op{on(workloads.OpSend, 0), sleeping(time.Millisecond)}},
		workloads.Group{Name: "full", Count: 1, Times: 2, Body: []workloads.Op{on(workloads.OpSend, 1)}},
	)
	stuck := tasks(workloads.AsyncioTask,
		workloads.Group{Name: "fine", Count: 1, Times: 3, Body: []workloads.Op{yielding(1)}},
		workloads.Group{Name: "stuck", Count: 1, Times: 1, Body: []workloads.Op{yielding(1), on(workloads.OpRecv, 0)}},
	)
	for _, c := range []struct {
		p    *workloads.Program
		want string
	}{
		{opposed, "left (1) to take lock b, right (1) to take lock a; "},
		{stuck, "stuck (1) to receive from queue one; "},
		{starving, "consumer (2) to receive from queue one, full (1) to send to queue other; "},
	} {
		c.p.Locks = []workloads.Lock{{Name: "a"}, {Name: "b"}}
		c.p.Queues = []workloads.Queue{{Name: "one", Size: 1}, {Name: "other", Size: 1}}
		bothBackends(t, c.p, func(t *testing.T, b session.Backend, p *workloads.Program) {
			_, err := b.Run(t.Context(), p, session.Options{})
			if err == nil || !strings.Contains(err.Error(), "deadlock: every thread that is left waits for another: "+c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// At the end of a window nobody waits for threads that wait for what will not come.
// A deadlock before is told.
func TestLeftWaiting(t *testing.T) {
	p := threads(
		workloads.Group{Name: "producer", Count: 1, Body: []workloads.Op{sleeping(time.Millisecond), on(workloads.OpSend, 0)}},
		workloads.Group{Name: "consumer", Count: 3, Body: []workloads.Op{on(workloads.OpRecv, 0)}},
	)
	p.UntilDone = false
	p.Queues = []workloads.Queue{{Name: "jobs"}}
	bothBackends(t, p, func(t *testing.T, b session.Backend, p *workloads.Program) {
		r := longEnough(t, b, p, func(r *trace.Report) bool { good, _ := iterations(r, "consumer"); return good > 0 })
		if good, failed := iterations(r, "consumer"); good == 0 || failed != 0 || warned(r, "deadlock") != "" || warned(r, "cut-off") != "" {
			t.Errorf("%d iterations and %d failed, warnings %v", good, failed, r.Warnings)
		}
	})
	q := *p
	q.Threads = p.Threads[1:]
	bothBackends(t, &q, func(t *testing.T, b session.Backend, p *workloads.Program) {
		r := longEnough(t, b, p, func(r *trace.Report) bool { return warned(r, "deadlock") != "" })
		if got := warned(r, "deadlock"); !strings.Contains(got, "consumer (3) to receive from queue jobs") {
			t.Errorf("warned of %q", got)
		}
	})
}

// longEnough runs a program in a short window, and in longer ones as long as the host is
// so busy that not all begin in it.
func longEnough(t *testing.T, b session.Backend, p *workloads.Program, begun func(r *trace.Report) bool) *trace.Report {
	t.Helper()
	q := *p
	for q.Duration = 40 * time.Millisecond; ; q.Duration *= 2 {
		if r := mustRun(t, b, &q); begun(r) || q.Duration > 5*time.Second {
			return r
		}
	}
}

// warned returns the message of the warning with a code; empty if there is none.
func warned(r *trace.Report, code string) string {
	for _, w := range r.Warnings {
		if w.Code == code {
			return w.Message
		}
	}
	return ""
}

// An interrupt ends threads that wait for each other, read and interpret, and loops of
// tasks that wait or never do. What they did until then is kept.
func TestInterruptedBodies(t *testing.T) {
	wait := []workloads.Op{on(workloads.OpLock, 0), on(workloads.OpRecv, 0)}
	p := threads(
		workloads.Group{Name: "waiting", Count: 3, Times: 1, Body: wait},
		workloads.Group{Name: "reading", Count: 1, Times: 1e9, Body: []workloads.Op{{Kind: workloads.OpRead, Bytes: 2 << 20}}},
		workloads.Group{Name: "endless", Count: 1, Times: 1, Body: []workloads.Op{{Kind: workloads.OpScript, Source: "def run():\n  while True:\n    pass\n"}}},
	)
	p.Locks, p.Queues = []workloads.Lock{{Name: "a"}}, []workloads.Queue{{Name: "q"}}
	p.Tasks = []workloads.TaskGroup{
		{Group: workloads.Group{Name: "asleep", Count: 2, Times: 1, Body: []workloads.Op{sleeping(time.Hour)}}, Kind: workloads.AsyncioTask},
		{Group: workloads.Group{Name: "busy", Count: 2, Times: 1e9, Body: []workloads.Op{yielding(1)}}},
	}
	eachBackend(t, p, func(t *testing.T, b session.Backend, p *workloads.Program) {
		// On a busy host it takes longer until each has had a CPU.
		read := false
		for limit := 80 * time.Millisecond; !read && limit < 5*time.Second; limit *= 2 {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			r, err := b.Run(ctx, p, session.Options{Events: true})
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			read = r != nil && r.Log != nil && slices.ContainsFunc(r.Log.Events, func(e trace.Event) bool {
				return e.Kind == trace.StateChange && r.Log.Threads[e.Thread].Group == "reading"
			})
		}
		if !read {
			t.Error("nothing is known of the thread that read")
		}
	})
}

// The file is there while a run reads it, and gone after.
func TestReads(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	p := threads(workloads.Group{Name: "reading", Count: 2, Times: 3, Body: []workloads.Op{{Kind: workloads.OpRead, Bytes: 3<<20 + 1}}})
	bothBackends(t, p, func(t *testing.T, b session.Backend, p *workloads.Program) {
		r := mustRun(t, b, p)
		if good, failed := iterations(r, "reading"); good != 6 || failed != 0 {
			t.Errorf("%d iterations and %d failed, want 6", good, failed)
		}
		for _, m := range r.Groups[0].Workers {
			m.Rows(func(s *trace.Sample) {
				if s.Blocked == 0 {
					t.Error("a read that did not block")
				}
			})
		}
	})
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	t.Setenv("TMPDIR", dir+"/nowhere")
	if _, err := NewNative(&calibrator, Commands{}).Run(t.Context(), p, session.Options{}); err == nil || !strings.Contains(err.Error(), "set TMPDIR") {
		t.Errorf("without a directory: %v", err)
	}
}

// A script that fails is a failed iteration with the error and its line. The locks
// that it had are free again for the next; a task gives back none of another's.
func TestScripts(t *testing.T) {
	locked := func(source string) []workloads.Op {
		return []workloads.Op{on(workloads.OpLock, 0), {Kind: workloads.OpScript, Source: source}, on(workloads.OpUnlock, 0)}
	}
	p := threads(
		workloads.Group{Name: "good", Count: 2, Times: 3, Body: locked("def run():\n  return [i * i for i in range(2000)]\n")},
		workloads.Group{Name: "bad", Count: 2, Times: 3, Body: locked("def run():\n  x = [1]\n  return x[3]\n")},
	)
	p.Tasks = tasks(workloads.YieldTask,
		workloads.Group{Name: "keeper", Count: 1, Times: 1, Body: []workloads.Op{on(workloads.OpLock, 1), yielding(3), on(workloads.OpUnlock, 1)}},
		workloads.Group{Name: "failing", Count: 1, Times: 2, Body: []workloads.Op{
			on(workloads.OpLock, 2), {Kind: workloads.OpLoop, N: 2, Body: []workloads.Op{{Kind: workloads.OpScript, Source: "def run():\n  return 1 // 0\n"}}},
			on(workloads.OpUnlock, 2), yielding(1),
		}},
	).Tasks
	p.Locks = []workloads.Lock{{Name: "a"}, {Name: "b"}, {Name: "c"}}
	bothBackends(t, p, func(t *testing.T, b session.Backend, p *workloads.Program) {
		r := mustRun(t, b, p)
		for group, want := range map[string][2]int64{"good": {6, 0}, "bad": {0, 6}, "keeper": {1, 0}, "failing": {0, 2}} {
			if good, failed := iterations(r, group); good != want[0] || failed != want[1] {
				t.Errorf("%s: %d iterations and %d failed, want %v", group, good, failed, want)
			}
		}
		checkStates(t, r)
		r.Groups[1].Workers[0].Rows(func(s *trace.Sample) {
			if !strings.Contains(s.Err, "line 3") || !strings.Contains(s.Err, "out of range") {
				t.Errorf("got %q", s.Err)
			}
		})
	})
	p.Threads[0].Body[1].Source = "def run(:\n"
	if _, err := NewNative(&calibrator, Commands{}).Run(t.Context(), p, session.Options{}); err == nil || !strings.Contains(err.Error(), "script: line 1") {
		t.Errorf("a script that is none: %v", err)
	}
}

// The steps of a script are the ticks of a lock that counts them: of two that run at
// the same time, each has to let go again and again.
func TestScriptsAreMadeToLetGo(t *testing.T) {
	p := threads(workloads.Group{Name: "one", Count: 2, Times: 4, Body: []workloads.Op{
		{Kind: workloads.OpScript, Source: "def run():\n  n = 0\n  while n < 100000:\n    n += 1\n"},
	}})
	p.Interpreter.Lock = "cpython-2"
	r := mustRun(t, NewGIL(&calibrator, Commands{}), p)
	for _, m := range r.Groups[0].Workers {
		if total := m.Total(trace.Measure); total.Iterations != 4 || total.Forced == 0 {
			t.Errorf("%d iterations, made to let go %d times", total.Iterations, total.Forced)
		}
	}
}

// A pool computes for threads and for the tasks of both loops, in processes that
// need the lock for nothing; what fails there fails the iteration, and a loop of
// asyncio goes on meanwhile.
func TestSubmits(t *testing.T) {
	submit := func(body ...workloads.Op) []workloads.Op {
		return []workloads.Op{{Kind: workloads.OpSubmit, Body: body}}
	}
	fails := workloads.Op{Kind: workloads.OpScript, Source: "def run():\n  return 1 // 0\n"}
	p := threads(
		workloads.Group{Name: "thread", Count: 3, Times: 4, Body: submit(computing(15), sleeping(time.Millisecond), workloads.Op{Kind: workloads.OpRead, Bytes: 1000})},
		workloads.Group{Name: "failing", Count: 1, Times: 2, Body: submit(fails)},
	)
	p.Tasks = append(
		tasks(workloads.YieldTask, workloads.Group{Name: "deque", Count: 2, Times: 3, Body: append(submit(computing(10)), yielding(1))}).Tasks,
		tasks(workloads.AsyncioTask,
			workloads.Group{Name: "awaiting", Count: 2, Times: 3, Body: append(submit(sleeping(2*time.Millisecond)), computing(5))},
			workloads.Group{Name: "wrong", Count: 1, Times: 2, Body: append(submit(fails), computing(5))},
			workloads.Group{Name: "meanwhile", Count: 1, Times: 30, Body: []workloads.Op{yielding(1)}},
		).Tasks...)
	p.Pools = []workloads.Pool{{Name: "helpers", Workers: 2}}
	eachBackend(t, p, func(t *testing.T, b session.Backend, p *workloads.Program) {
		r := mustRun(t, b, p)
		for group, want := range map[string][2]int64{
			"thread": {12, 0}, "failing": {0, 2}, "deque": {6, 0}, "awaiting": {6, 0}, "wrong": {0, 2}, "meanwhile": {30, 0},
		} {
			if good, failed := iterations(r, group); good != want[0] || failed != want[1] {
				t.Errorf("%s: %d iterations and %d failed, want %v", group, good, failed, want)
			}
		}
		checkStates(t, r)
		// A thread, and a loop, learns late that a process has begun, and until then is
		// blocked, or waits for the lock before it can be; on a busy host for longer than the
		// process takes, but not each time.
		computed := map[string]bool{}
		awaited := false // a thread was without the lock for as long as its task slept
		for _, g := range r.Groups {
			for _, w := range g.Workers {
				w.Rows(func(s *trace.Sample) {
					computed[g.Name] = computed[g.Name] || s.NoGIL > 0
					away := s.NoGIL + s.Blocked
					awaited = awaited || g.Name == "thread" && away >= s.Planned
					if s.NoGIL > s.Latency() || g.Name == "thread" && (s.Planned != int64(time.Millisecond) || away+s.WaitGIL < s.Planned) {
						t.Errorf("%s: %+v", g.Name, *s)
					}
				})
			}
		}
		if !computed["thread"] || !computed["awaiting"] || !awaited {
			t.Errorf("a process never computed for a thread or for a task: %v, or no thread awaited it (%v)", computed, awaited)
		}
	})
}

func TestDequeKeepsItsOrder(t *testing.T) {
	var d deque[int]
	next, want := 0, 0
	for range 5 {
		for range 13 {
			d.push(next)
			next++
		}
		for range 9 {
			if got := d.pop(); got != want {
				t.Fatalf("got %d, want %d", got, want)
			}
			want++
		}
	}
	if d.len() != next-want {
		t.Errorf("%d left, want %d", d.len(), next-want)
	}
}
