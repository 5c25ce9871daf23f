package machine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/workloads"
)

func submitTo(pool int, body ...workloads.Op) workloads.Op {
	return workloads.Op{Kind: workloads.OpSubmit, Ref: pool, Body: body}
}

// withPools adds pools of so many workers, which are called by their numbers.
func withPools(p *workloads.Program, workers ...int) *workloads.Program {
	for i, n := range workers {
		p.Pools = append(p.Pools, workloads.Pool{Name: "pool" + string(rune('0'+i)), Workers: n})
	}
	return p
}

// bare is a machine on which nothing but the work takes time, not even Python code
// (a call of fib takes none), and every thread has a CPU.
func bare(p *workloads.Program) (*workloads.Program, Config) {
	p.Interpreter.Pace.NS = 0
	return p, Config{CPUs: 64, Costs: &Costs{}, Scheduler: "fifo"}
}

// Jobs compute beside each other, as many as there are workers; who submits one waits
// for it, computing without the lock as far as the worker does.
func TestPoolComputesBeside(t *testing.T) {
	for _, native := range []bool{false, true} {
		p, c := bare(once(withPools(underLock("cpython-3", 0, groupOf("a", 4, submitTo(0, spinFor(2*ms), sleepFor(1*ms)))), 2)))
		if c.Native = native; native {
			c.Scheduler = ""
		}
		r := runs(t, p, c)
		var ends []int64
		for i := range 4 {
			s := rows(r, "a", i)[0]
			ends = append(ends, s.End/int64(ms))
			if s.Planned != int64(ms) || s.NoGIL != int64(3*ms) {
				t.Errorf("native %t: %+v", native, s)
			}
		}
		slices.Sort(ends)
		if !slices.Equal(ends, []int64{3, 3, 6, 6}) {
			t.Errorf("native %t: jobs end at %v ms", native, ends)
		}
	}
}

// The call queue holds one job more than there are workers. (Of jobs that come all at
// once fewer get there: nobody tells the manager that a worker has taken one.)
func TestPoolPrefetches(t *testing.T) {
	p, c := bare(withPools(underLock("cpython-3", 10*ms), 3))
	for i := range 9 {
		g := groupOf(string(rune('a'+i)), 1, submitTo(0, spinFor(time.Hour)))
		g.Start = time.Duration(i) * ms
		p.Threads = append(p.Threads, g)
	}
	m, err := newMachine(p, c)
	if err != nil {
		t.Fatal(err)
	}
	m.limit = int64(10 * ms)
	if err := m.run(nil); err != nil || m.failed != nil {
		t.Fatal(err, m.failed)
	}
	pool := &m.pools[0]
	if held, waiting := pool.calls.len()+pool.written.len(), pool.pending.len(); held != 4 || waiting != 2 || pool.idle.len() != 0 {
		t.Errorf("the call queue holds %d, %d wait, %d workers are idle", held, waiting, pool.idle.len())
	}
}

// A job takes the lock of the program's process four times at least: for who submits
// it, the manager, the feeder, the manager again and who waits. Next to a thread that
// computes, each costs an interval; the job itself, next to nothing.
func TestPoolNextToAHog(t *testing.T) {
	run := func(hogs int) int64 {
		p, c := bare(withPools(underLock("cpython-3", 2*time.Second, groupOf("hog", hogs, spinFor(time.Hour)), groupOf("a", 1, submitTo(0, spinFor(1*ms)))), 1))
		s := total(runs(t, p, c), "a")
		return s.LatencySum / s.Iterations
	}
	if alone, beside := run(0), run(1); alone > int64(1100*us) || beside < int64(20*ms) || beside > int64(60*ms) {
		t.Errorf("a job takes %d ns alone, %d ns next to a hog", alone, beside)
	}
}

// Alone, a job of no work takes about what it takes CPython 3.11, where a call of fib
// took 34.6 ns: a server with a pool answered 7,750 requests a second, or one in
// 129 µs with all that a request takes beside.
func TestPoolRoundTrip(t *testing.T) {
	p := withPools(underLock("cpython-3", 300*ms, groupOf("a", 1, submitTo(0, fibOf(1)))), 1)
	p.Interpreter.Pace.NS = 34.6
	s := total(runs(t, p, Config{CPUs: 4}), "a")
	if mean := s.LatencySum / s.Iterations; mean < int64(80*us) || mean > int64(250*us) {
		t.Errorf("a round trip takes %d ns", mean)
	}
}

// The random durations of a job are those that its body would have in the thread that
// submits it.
func TestPoolDrawsForItsSubmitter(t *testing.T) {
	planned := func(ops ...workloads.Op) (out []int64) {
		p, c := bare(withPools(underLock("cpython-3", 0, groupOf("a", 1, ops...)), 2))
		p.UntilDone, p.Threads[0].Times = true, 20
		for _, s := range rows(runs(t, p, c), "a", 0) {
			out = append(out, s.Planned)
		}
		return out
	}
	inside := planned(sleepExp(100*us), submitTo(0, loopOf(2, sleepExp(200*us))), sleepExp(50*us))
	outside := planned(sleepExp(100*us), loopOf(2, sleepExp(200*us)), sleepExp(50*us))
	if len(inside) != 20 || !slices.Equal(inside, outside) {
		t.Errorf("planned %v, without a pool %v", inside, outside)
	}
}

// A task of asyncio lets the others run while its job does; a generator does not.
func TestTasksSubmit(t *testing.T) {
	for _, native := range []bool{false, true} {
		// The manager comes to the lock when the other task has done its work.
		beside := [][2]int64{{0, 7}, {0, 2}}
		if native {
			beside = [][2]int64{{0, 5}, {0, 2}}
		}
		for kind, want := range map[workloads.TaskKind][][2]int64{
			workloads.AsyncioTask: beside,
			workloads.YieldTask:   {{0, 5}, {5, 7}},
		} {
			p, c := bare(once(withTasks(withPools(underLock("cpython-3", 0), 1), tasksOf(kind, body(submitTo(0, spinFor(5*ms))), body(spinFor(2*ms)))...)))
			if c.Native = native; native {
				c.Scheduler = ""
			}
			r := runs(t, p, c)
			if got := spans(t, r); !slices.Equal(got, want) {
				t.Errorf("%s, native %t: %v, want %v", kind, native, got, want)
			}
			if s := rows(r, "a", 0)[0]; s.NoGIL != int64(5*ms) || s.Run+s.WaitGIL+s.NoGIL+s.Blocked+s.Ready != s.Latency() {
				t.Errorf("%s, native %t: %+v", kind, native, s)
			}
		}
	}
}

// A file is read a mebibyte at a time, with the lock released around each call.
func TestRead(t *testing.T) {
	read := func(bytes int64) workloads.Op { return workloads.Op{Kind: workloads.OpRead, Bytes: bytes} }
	p := once(underLock("cpython-3", 0, groupOf("a", 1, read(2<<20+1<<19)), groupOf("b", 1, read(1)), groupOf("c", 1, read(1<<20))))
	r := runs(t, p, Config{CPUs: 4, Scheduler: "fifo", Costs: &Costs{ReadMiB: 1 << 20, SystemCall: 1000}})
	for name, want := range map[string]int64{"a": 2<<20 + 1<<19 + 3000, "b": 1001, "c": 1<<20 + 1000} {
		if s := rows(r, name, 0)[0]; s.Latency() != want || s.Blocked != want {
			t.Errorf("%s: %+v, want %d ns", name, s, want)
		}
	}
}

// scriptOf returns a script that goes round so often.
func scriptOf(n int) string {
	return fmt.Sprintf("def run():\n    x = 0\n    while x < %d:\n        x += 1\n", n)
}

// A script takes its steps, looks at each whether it has to let go, and counts each as
// a tick.
func TestScript(t *testing.T) {
	op := workloads.Op{Kind: workloads.OpScript, Source: scriptOf(50_000)}
	counter := scripts{most: mostSteps}
	steps, err := counter.count(op.Source)
	if err != nil || steps < 100_000 {
		t.Fatal(steps, err)
	}
	c := free()
	c.Costs = &Costs{ScriptStep: 100}
	last := time.Duration(steps) * 100
	wantEnd(t, runs(t, once(underLock("none", 0, groupOf("a", 1, op))), c), "a", 0, last)
	// Two take turns of an interval, and who is asked lets go within a step.
	r := runs(t, once(underLock("cpython-3", 0, groupOf("a", 2, op))), c)
	wantLater := func(worker int, want time.Duration) {
		if end := rows(r, "a", worker)[0].End; end < int64(want) || end > int64(want+5*us) {
			t.Errorf("a-%d ends at %d, want %v", worker, end, want)
		}
	}
	wantLater(1, 2*last)
	wantLater(0, 2*last-last%(5*ms))
	r = runs(t, once(underLock("cpython-2", 0, groupOf("a", 2, op))), c)
	if n := total(r, "a").Forced; n < steps/101-10 || n > 2*steps/101 {
		t.Errorf("let go %d times", n)
	}
}

// What is wrong with a script is said with its place; one that takes too long is not
// counted to its end.
func TestScriptsThatFail(t *testing.T) {
	c := scripts{most: 1000}
	for want, source := range map[string]string{
		"script: line 2":                        "def run():\n    return 1 // 0\n",
		"script: it takes more than 1000 steps": scriptOf(1000),
	} {
		if _, err := c.count(source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	p := once(underLock("none", 0, groupOf("a", 1, workloads.Op{Kind: workloads.OpScript, Source: "def run(x): pass"})))
	if _, err := Run(p, free(), nil); err == nil || !strings.Contains(err.Error(), "sim: a: script: line 1") {
		t.Errorf("got %v", err)
	}
}
