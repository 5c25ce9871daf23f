package cpython

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

// submit hands a body to the first pool.
func submit(body ...workloads.Op) workloads.Op {
	return workloads.Op{Kind: workloads.OpSubmit, Body: body}
}

// once is a program whose groups do their bodies a number of times.
func once(groups ...workloads.Group) *workloads.Program {
	return shared(&workloads.Program{Seed: 7, UntilDone: true, Interpreter: interpreter(), Threads: groups})
}

// A pool does whatever a thread can, with the durations that its thread drew.
func TestSubmit(t *testing.T) {
	t.Parallel()
	ofPython(t)
	b := defaultBackend(t)
	p := once(workloads.Group{Name: "g", Count: 2, Times: 3, Body: []workloads.Op{
		submit(everything[:9]...),
		submit(workloads.Op{Kind: workloads.OpLoop, N: 10, Body: []workloads.Op{{Kind: workloads.OpSleep, For: exponential(time.Millisecond)}}}),
		submit(everything[9], everything[14]),
	}})
	p.Pools = []workloads.Pool{{Name: "crew", Workers: 2}}
	rep := run(t, b, p)
	for worker, rows := range samples(t, rep, "g") {
		if len(rows) != 3 {
			t.Errorf("worker %d: rows are %+v", worker, rows)
		}
		plan := newPlanner(p.Seed, &p.Threads[0], worker)
		for i, s := range rows {
			if want := plan.next(); s.Planned != want || s.Latency() < want {
				t.Errorf("worker %d: iteration %d: planned %d, latency %d, want at least %d of both", worker, i, s.Planned, s.Latency(), want)
			}
		}
	}
	if fact(rep, "start_method") != "fork" {
		t.Errorf("facts are %v", rep.Facts)
	}
}

// Items pass through a queue that is too short for them, from thread to thread.
func TestQueue(t *testing.T) {
	ofPython(t)
	twoInterpreters(t, func(t *testing.T, b *Backend) {
		p := once(
			workloads.Group{Name: "makes", Count: 2, Times: 50, Body: []workloads.Op{{Kind: workloads.OpSend}}},
			workloads.Group{Name: "takes", Count: 4, Times: 25, Body: []workloads.Op{{Kind: workloads.OpRecv}, {Kind: workloads.OpLock}, {Kind: workloads.OpFib, N: 8}, {Kind: workloads.OpUnlock}}},
		)
		rep := run(t, b, p)
		for _, rows := range samples(t, rep, "takes") {
			if len(rows) != 25 {
				t.Errorf("%d items were taken", len(rows))
			}
		}
	})
}

// Threads that wait for each other for ever are told from threads that are slow.
func TestDeadlock(t *testing.T) {
	t.Parallel()
	ofPython(t)
	b := defaultBackend(t)
	nap := workloads.Op{Kind: workloads.OpSleep, For: fixed(200 * time.Millisecond)}
	both := func(name string, first, second int) workloads.Group {
		return workloads.Group{Name: name, Count: 1, Times: 1, Body: []workloads.Op{
			{Kind: workloads.OpLock, Ref: first}, nap, {Kind: workloads.OpLock, Ref: second},
			{Kind: workloads.OpUnlock, Ref: second}, {Kind: workloads.OpUnlock, Ref: first},
		}}
	}
	p := once(both("one", 0, 1), both("other", 1, 0),
		workloads.Group{Name: "idle", Count: 3, Times: 1, Body: []workloads.Op{{Kind: workloads.OpRecv, Ref: 1}}},
		workloads.Group{Name: "full", Count: 1, Times: 5, Body: []workloads.Op{{Kind: workloads.OpSend}}},
		workloads.Group{Name: "done", Count: 1, Times: 1, Body: []workloads.Op{{Kind: workloads.OpFib, N: 2}}},
	)
	_, err := b.Run(context.Background(), p, session.Options{})
	want := "every thread waits for another, so that the run has no end: one waits for lock log; other waits for lock table; " +
		"idle waits to receive from queue results; full waits to send to queue jobs"
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error is %v, want %s", err, want)
	}
}

// What a script does wrong in Python ends the run, in a thread and in a pool.
func TestScriptThatFails(t *testing.T) {
	t.Parallel()
	ofPython(t)
	b := defaultBackend(t)
	for source, want := range map[string]string{
		"def run():\n    return 1 // 0\n":          "ZeroDivisionError",
		"def run():\n    return 1 +\n":             "script: line 2: ",
		"def a():\n    pass\ndef b():\n    pass\n": "script: must define one function, or one that is called run; it defines 2",
	} {
		op := workloads.Op{Kind: workloads.OpScript, Source: source}
		p := once(workloads.Group{Name: "g", Count: 1, Times: 1, Body: []workloads.Op{op}})
		if want == "ZeroDivisionError" {
			p.Pools = []workloads.Pool{{Name: "crew", Workers: 1}}
			p.Threads[0].Body[0] = submit(op)
		}
		_, err := b.Run(context.Background(), p, session.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
}

// The file that bodies read does not outlast the run, however that ends.
func TestReadLeavesNoFile(t *testing.T) {
	b, dir := defaultBackend(t), t.TempDir()
	t.Setenv("TMPDIR", dir)
	p := once(workloads.Group{Name: "g", Count: 1, Times: 2, Body: []workloads.Op{{Kind: workloads.OpRead, Bytes: 100}}})
	run(t, b, p)
	b.limits.start = time.Nanosecond
	if _, err := b.Run(context.Background(), p, session.Options{}); err == nil {
		t.Error("no error")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left are %v, error %v", left, err)
	}
	t.Setenv("TMPDIR", "/nonexistent")
	_, err := (&Backend{path: "/nonexistent"}).Run(context.Background(), p, session.Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "cannot make the file that bodies read: ") {
		t.Errorf("error is %v", err)
	}
}
