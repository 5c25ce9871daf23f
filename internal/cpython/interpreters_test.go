package cpython

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

var discovered = sync.OnceValue(func() []Interpreter { return Discover(context.Background()) })

// opened are the interpreters that tests have opened, by path: looking at one takes
// longer than many a test.
var opened sync.Map

// reopened opens an interpreter, or returns a copy of what opening it gave before.
func reopened(path string) (*Backend, error) {
	if b, ok := opened.Load(path); ok {
		again := *b.(*Backend)
		return &again, nil
	}
	b, err := Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	again := *b
	opened.Store(path, &again)
	return b, nil
}

// needsPython skips a test with -short, which asks for what depends on how the threads of
// fibsim park: Python's do so by themselves.
func needsPython(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves Python out")
	}
}

// ofPython skips a test of what an interpreter does under the race detector, which sees
// nothing of that; the goroutines of fibsim are those of the other tests.
func ofPython(t *testing.T) {
	t.Helper()
	if race.Enabled {
		t.Skip("what Python does has no goroutine")
	}
}

// eachInterpreter runs f on every interpreter of this host, on some at the same time;
// under the race detector, which sees nothing of what they do, on the default alone.
func eachInterpreter(t *testing.T, f func(t *testing.T, b *Backend)) {
	t.Helper()
	needsPython(t)
	if len(discovered()) == 0 {
		t.Skip("no Python interpreter on this host")
	}
	if race.Enabled {
		twoInterpreters(t, f)
		return
	}
	for _, i := range discovered() {
		t.Run(i.Name, func(t *testing.T) {
			t.Parallel()
			b, err := reopened(i.Path)
			if err != nil {
				t.Fatal(err)
			}
			f(t, b)
		})
	}
}

// twoInterpreters runs f on the default and on the oldest interpreter, at the same time;
// under the race detector on the default alone.
func twoInterpreters(t *testing.T, f func(t *testing.T, b *Backend)) {
	t.Helper()
	needsPython(t)
	t.Run("default", func(t *testing.T) {
		t.Parallel()
		f(t, defaultBackend(t))
	})
	if race.Enabled {
		return
	}
	t.Run("python_2_7", func(t *testing.T) {
		t.Parallel()
		for _, i := range discovered() {
			if i.Name == "python_2_7" {
				b, err := reopened(i.Path)
				if err != nil {
					t.Fatal(err)
				}
				f(t, b)
				return
			}
		}
		t.Skip("no Python 2.7 on this host")
	})
}

// defaultBackend opens python3.
func defaultBackend(t *testing.T) *Backend {
	t.Helper()
	needsPython(t)
	b, err := reopened("")
	if err != nil {
		t.Skipf("no working python3 on this host: %v", err)
	}
	return b
}

// long is a program that goes on for an hour.
func long() *workloads.Program {
	return &workloads.Program{
		Duration: time.Hour, Interpreter: interpreter(),
		Threads: []workloads.Group{
			{Name: "hog", Count: 2, Body: []workloads.Op{{Kind: workloads.OpFib, N: 15}}},
			{Name: "quick", Count: 1, Body: []workloads.Op{{Kind: workloads.OpSleep, For: fixed(time.Millisecond)}}},
		},
	}
}

func run(t *testing.T, b *Backend, p *workloads.Program) *trace.Report {
	t.Helper()
	rep, err := b.Run(context.Background(), p, session.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// ample runs a program whose window is so short that a busy host may not let everybody
// begin in it; then it runs again, for twice as long. It returns the window, too.
func ample(t *testing.T, b *Backend, p *workloads.Program) (*trace.Report, trace.Window) {
	t.Helper()
	for q := *p; ; q.Duration *= 2 {
		rep := run(t, b, &q)
		if everybody(rep) || q.Duration > 10*time.Second {
			return rep, trace.Window{Start: int64(q.Warmup), End: int64(q.Warmup + q.Duration)}
		}
	}
}

// runInterrupted interrupts a run in its middle; once more and later where the
// host is so busy that the run had hardly begun.
func runInterrupted(t *testing.T, b *Backend, p *workloads.Program) *trace.Report {
	t.Helper()
	for after := 400 * time.Millisecond; ; after *= 2 {
		ctx, cancel := context.WithTimeout(context.Background(), after)
		rep, err := b.Run(ctx, p, session.Options{})
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error is %v", err)
		}
		if rep != nil && rep.Window.End >= int64(100*time.Millisecond) && everybody(rep) {
			return rep
		}
		if after > 20*time.Second {
			t.Fatal("no report")
		}
	}
}

// everybody reports whether every worker, or connection, has an iteration.
func everybody(rep *trace.Report) bool {
	for _, g := range rep.Groups {
		for _, m := range g.Workers {
			rows := 0
			m.Rows(func(*trace.Sample) { rows++ })
			if rows == 0 {
				return false
			}
		}
	}
	return true
}

// samples returns all rows of a group by worker.
func samples(t *testing.T, rep *trace.Report, group string) [][]trace.Sample {
	t.Helper()
	for _, g := range rep.Groups {
		if g.Name != group {
			continue
		}
		all := make([][]trace.Sample, len(g.Workers))
		for i, m := range g.Workers {
			m.Rows(func(s *trace.Sample) { all[i] = append(all[i], *s) })
		}
		return all
	}
	t.Fatalf("no group %s in the report", group)
	return nil
}

func fixed(d time.Duration) workloads.Duration { return workloads.Duration{Mean: int64(d)} }

func exponential(d time.Duration) workloads.Duration {
	return workloads.Duration{Dist: workloads.Exponential, Mean: int64(d)}
}

// everything uses every operation and both kinds of duration.
var everything = []workloads.Op{
	{Kind: workloads.OpFib, N: 10},
	{Kind: workloads.OpSpin, For: fixed(200 * time.Microsecond)},
	{Kind: workloads.OpSleep, For: fixed(time.Millisecond)},
	{Kind: workloads.OpYield, N: 1},
	{Kind: workloads.OpYield, N: 3},
	{Kind: workloads.OpNoGILHash, Bytes: 4096},
	{Kind: workloads.OpNoGILSpin, For: exponential(200 * time.Microsecond)},
	{Kind: workloads.OpHold, For: fixed(200 * time.Microsecond)},
	{Kind: workloads.OpLoop, N: 2, Body: []workloads.Op{
		{Kind: workloads.OpSleep, For: exponential(time.Millisecond)},
		{Kind: workloads.OpLoop, N: 2, Body: []workloads.Op{{Kind: workloads.OpFib, N: 5}}},
	}},
	{Kind: workloads.OpRead, Bytes: 3<<20 + 5},
	{Kind: workloads.OpSend, Ref: 1},
	{Kind: workloads.OpRecv, Ref: 1},
	{Kind: workloads.OpLock},
	{Kind: workloads.OpUnlock},
	{Kind: workloads.OpScript, Source: script},
}

const script = `
def half(n):
    return n / 2

def run():
    total = 0
    for i in range(100):
        if i % 3 == 0:
            total += half(i)
    return total
`

// shared are the queues and locks that everything uses.
func shared(p *workloads.Program) *workloads.Program {
	p.Queues = []workloads.Queue{{Name: "jobs", Size: 1}, {Name: "results"}}
	p.Locks = []workloads.Lock{{Name: "table"}, {Name: "log"}}
	return p
}

func interpreter() workloads.Interpreter {
	return workloads.Interpreter{Lock: "cpython-3", Params: map[string]any{"switch_interval": 5 * time.Millisecond}}
}

// Every supported interpreter compiles the driver, does every operation and
// returns samples that a worker can have made.
func TestEveryOperationOnEveryInterpreter(t *testing.T) {
	ofPython(t)
	p := shared(&workloads.Program{
		Seed: 3, Warmup: 50 * time.Millisecond, Duration: 100 * time.Millisecond, Interpreter: interpreter(),
		Threads: []workloads.Group{
			{Name: "all", Count: 2, Body: everything},
			{Name: "hog", Count: 1, Body: []workloads.Op{{Kind: workloads.OpFib, N: 12}}, Start: 20 * time.Millisecond},
		},
		Tasks: []workloads.TaskGroup{{Group: workloads.Group{
			Name: "generator", Count: 2, Body: []workloads.Op{count(3), {Kind: workloads.OpYield, N: 2}, {Kind: workloads.OpSleep, For: exponential(time.Millisecond)}},
		}}},
	})
	eachInterpreter(t, func(t *testing.T, b *Backend) {
		p := p
		if b.id.Major > 2 {
			p = withPython3(*p)
		}
		rep, window := ample(t, b, p)
		if rep.Window != window {
			t.Errorf("window is %v, want %v", rep.Window, window)
		}
		if rep.States || rep.Lock || rep.Ready {
			t.Error("the report claims to see what Python does not show")
		}
		if rep.PeakMemory < 1<<20 {
			t.Errorf("peak memory is %d bytes", rep.PeakMemory)
		}
		for _, g := range groupsOf(p) {
			name := g.Name
			for worker, rows := range samples(t, rep, name) {
				checkRows(t, rows, rep.Window)
				plan := newPlanner(p.Seed, g.Group, worker)
				for i, s := range rows {
					if want := plan.next(); s.Planned != want || s.Latency() < want {
						t.Fatalf("%s %d: iteration %d: planned %d, latency %d, want at least %d of both", name, worker, i, s.Planned, s.Latency(), want)
					}
				}
			}
		}
		if hog := samples(t, rep, "hog")[0]; hog[0].Start < 20e6 {
			t.Errorf("a group with start 20ms began at %d ns", hog[0].Start)
		}
		t.Logf("facts %v", rep.Facts)
		t.Logf("warnings %v", rep.Warnings)
	})
}

// withPython3 adds what Python 2 lacks: a pool, and coroutines.
func withPython3(p workloads.Program) *workloads.Program {
	p.Pools = []workloads.Pool{{Name: "crew", Workers: 2}}
	work := submit(workloads.Op{Kind: workloads.OpSleep, For: exponential(time.Millisecond)})
	p.Threads = append(slices.Clone(p.Threads), workloads.Group{Name: "pooled", Count: 2, Body: []workloads.Op{work}})
	p.Tasks = append(slices.Clone(p.Tasks), workloads.TaskGroup{Kind: workloads.AsyncioTask, Group: workloads.Group{
		Name: "coroutine", Count: 2, Body: []workloads.Op{
			work, count(3), {Kind: workloads.OpSleep, For: fixed(time.Millisecond)}, {Kind: workloads.OpYield, N: 2},
		},
	}})
	return &p
}

// checkRows holds the rules that the rows of one worker obey.
func checkRows(t *testing.T, rows []trace.Sample, w trace.Window) {
	t.Helper()
	if len(rows) == 0 {
		t.Fatal("no iterations")
	}
	end, seq := int64(0), int64(-1)
	for i, s := range rows {
		// A fast interpreter makes more rows than are kept of a second.
		if s.Seq <= seq || i < 1000 && s.Seq != int64(i) || s.Intended != s.Start || s.Start < end || s.End <= s.Start || s.Start >= w.End {
			t.Fatalf("iteration %d after %d ns, window %v: %+v", i, end, w, s)
		}
		end, seq = s.End, s.Seq
	}
}
