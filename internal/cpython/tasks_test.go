package cpython

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

// task is a group of one task that does its body once.
func task(kind workloads.TaskKind, name string, body ...workloads.Op) workloads.TaskGroup {
	return workloads.TaskGroup{Kind: kind, Group: workloads.Group{Name: name, Count: 1, Times: 1, Body: body}}
}

func count(n int) workloads.Op { return workloads.Op{Kind: workloads.OpCount, N: n} }

// tasked is a program of tasks until all are done.
func tasked(tasks ...workloads.TaskGroup) *workloads.Program {
	return &workloads.Program{UntilDone: true, Interpreter: interpreter(), Tasks: tasks}
}

// interleaved is what the article's run() prints of countdowns from these numbers.
func interleaved(names []string, from []int64) []trace.Value {
	var out []trace.Value
	left := slices.Clone(from)
	for {
		before := len(out)
		for i := range left {
			if left[i] > 0 {
				out = append(out, trace.Value{Group: names[i], Value: left[i]})
				left[i]--
			}
		}
		if len(out) == before {
			return out
		}
	}
}

func withValues(t *testing.T, b *Backend, p *workloads.Program) *trace.Report {
	t.Helper()
	rep, err := b.Run(context.Background(), p, session.Options{Values: true})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// Countdowns interleave as in the article: 10 5 20 9 4 19 8 3 18 …, on generators
// and on an event loop.
func TestCountdown(t *testing.T) {
	ofPython(t)
	names, from := []string{"a", "b", "c"}, []int64{10, 5, 20}
	twoInterpreters(t, func(t *testing.T, b *Backend) {
		for _, kind := range []workloads.TaskKind{workloads.YieldTask, workloads.AsyncioTask} {
			p := tasked()
			for i := range names {
				p.Tasks = append(p.Tasks, task(kind, names[i], count(int(from[i]))))
			}
			if b.lacks(p) != nil {
				continue
			}
			rep := withValues(t, b, p)
			if want := interleaved(names, from); !slices.Equal(rep.Values, want) {
				t.Errorf("%s: values are %v, want %v", kind, rep.Values, want)
			}
			if rows := samples(t, rep, "c")[0]; len(rows) != 1 || rows[0].End != rep.Window.End {
				t.Errorf("%s: rows are %+v, window %v", kind, rows, rep.Window)
			}
		}
	})
}

// Values come in the order of the program where a group has several tasks, and only
// where they are asked for.
func TestValuesOfAGroup(t *testing.T) {
	t.Parallel()
	ofPython(t)
	b := defaultBackend(t)
	p := tasked(task(workloads.YieldTask, "a", count(2)))
	p.Tasks[0].Count, p.Tasks[0].Times = 2, 2
	want := []trace.Value{{Group: "a", Worker: 0, Value: 2}, {Group: "a", Worker: 1, Value: 2}, {Group: "a", Worker: 0, Value: 1}, {Group: "a", Worker: 1, Value: 1}}
	if rep := withValues(t, b, p); !slices.Equal(rep.Values, append(want, want...)) {
		t.Errorf("values are %v", rep.Values)
	}
	if rep := run(t, b, p); rep.Values != nil {
		t.Errorf("values that nobody asked for are %v", rep.Values)
	}
}

// A sleep blocks every generator, and of the coroutines only its own.
func TestWhoSleepsBlocks(t *testing.T) {
	t.Parallel()
	ofPython(t)
	b := defaultBackend(t)
	nap := workloads.Op{Kind: workloads.OpSleep, For: exponential(20 * time.Millisecond)}
	for _, kind := range []workloads.TaskKind{workloads.YieldTask, workloads.AsyncioTask} {
		p := tasked(task(kind, "naps", nap, nap, workloads.Op{Kind: workloads.OpYield, N: 1}), task(kind, "quick", count(3)))
		rep := run(t, b, p)
		naps, quick := samples(t, rep, "naps")[0][0], samples(t, rep, "quick")[0][0]
		if blocked := quick.Start >= naps.Start+naps.Planned; blocked != (kind == workloads.YieldTask) {
			t.Errorf("%s: naps %+v, quick %+v", kind, naps, quick)
		}
		if want := newPlanner(p.Seed, &p.Tasks[0].Group, 0).next(); naps.Planned != want || naps.Latency() < want {
			t.Errorf("%s: naps %+v, want at least %d planned", kind, naps, want)
		}
	}
}

// Coroutines wait for a pool at the same time, generators one after the other.
func TestTasksAndPool(t *testing.T) {
	t.Parallel()
	ofPython(t)
	b := defaultBackend(t)
	work := submit(workloads.Op{Kind: workloads.OpSleep, For: fixed(30 * time.Millisecond)})
	for _, kind := range []workloads.TaskKind{workloads.YieldTask, workloads.AsyncioTask} {
		p := tasked(task(kind, "a", work), task(kind, "b", work))
		p.Pools = []workloads.Pool{{Name: "crew", Workers: 2}}
		rep := run(t, b, p)
		first, second := samples(t, rep, "a")[0][0], samples(t, rep, "b")[0][0]
		if together := second.Start < first.End; together != (kind == workloads.AsyncioTask) {
			t.Errorf("%s: a %+v, b %+v", kind, first, second)
		}
	}
}

// Tasks begin at their start, begin no iteration after the end, and share the
// interpreter with threads.
func TestTasksInAWindow(t *testing.T) {
	ofPython(t)
	twoInterpreters(t, func(t *testing.T, b *Backend) {
		late := 60 * time.Millisecond
		p := &workloads.Program{Duration: 150 * time.Millisecond, Interpreter: interpreter(), Threads: []workloads.Group{
			{Name: "hog", Count: 1, Body: []workloads.Op{{Kind: workloads.OpFib, N: 10}}},
		}}
		for _, kind := range []workloads.TaskKind{workloads.YieldTask, workloads.AsyncioTask} {
			for _, name := range []string{"early", "late"} {
				g := task(kind, name+kind.String(), workloads.Op{Kind: workloads.OpFib, N: 5}, workloads.Op{Kind: workloads.OpYield, N: 2})
				g.Times, g.Count = 0, 2
				if name == "late" {
					g.Start = late
				}
				p.Tasks = append(p.Tasks, g)
			}
			if b.lacks(p) != nil {
				p.Tasks = p.Tasks[:2]
				break
			}
		}
		rep, _ := ample(t, b, p)
		if len(rep.Groups) != 1+len(p.Tasks) {
			t.Fatalf("%d groups", len(rep.Groups))
		}
		for _, g := range p.Tasks {
			for _, rows := range samples(t, rep, g.Name) {
				checkRows(t, rows, rep.Window)
				if rows[0].Start < int64(g.Start) {
					t.Errorf("%s began at %d ns", g.Name, rows[0].Start)
				}
			}
		}
		checkRows(t, samples(t, rep, "hog")[0], rep.Window)
	})
}
