package cpython

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

// A run until all is done makes exactly the iterations that were asked for, and
// its window ends with the last one.
func TestUntilDone(t *testing.T) {
	ofPython(t)
	twoInterpreters(t, func(t *testing.T, b *Backend) {
		p := shared(&workloads.Program{Seed: 5, UntilDone: true, Interpreter: interpreter(), Threads: []workloads.Group{
			{Name: "few", Count: 3, Times: 2, Body: everything},
			{Name: "many", Count: 1, Times: 50, Body: []workloads.Op{{Kind: workloads.OpSleep, For: exponential(time.Millisecond)}}},
		}})
		rep := run(t, b, p)
		last := int64(0)
		for name, times := range map[string]int{"few": 2, "many": 50} {
			for worker, rows := range samples(t, rep, name) {
				checkRows(t, rows, trace.Window{End: 1 << 60})
				if len(rows) != times {
					t.Errorf("%s %d: %d iterations, want %d", name, worker, len(rows), times)
				}
				last = max(last, rows[len(rows)-1].End)
			}
		}
		if rep.Window != (trace.Window{End: last}) {
			t.Errorf("window is %v, want it to end at %d", rep.Window, last)
		}
	})
}

// Times end a group before the run does.
func TestTimesInAWindow(t *testing.T) {
	t.Parallel()
	ofPython(t)
	p := &workloads.Program{Duration: 400 * time.Millisecond, Interpreter: interpreter(), Threads: []workloads.Group{
		{Name: "g", Count: 1, Times: 3, Body: []workloads.Op{{Kind: workloads.OpYield, N: 1}}},
	}}
	rep := run(t, defaultBackend(t), p)
	if rows := samples(t, rep, "g")[0]; len(rows) != 3 || rep.Window.End != 400e6 {
		t.Errorf("%d iterations in window %v", len(rows), rep.Window)
	}
}

// What is in flight at the end finishes and keeps its true end; nothing follows.
func TestInFlightAtTheEnd(t *testing.T) {
	t.Parallel()
	ofPython(t)
	p := &workloads.Program{Warmup: 100 * time.Millisecond, Duration: 200 * time.Millisecond, Interpreter: interpreter(), Threads: []workloads.Group{
		{Name: "g", Count: 2, Body: []workloads.Op{{Kind: workloads.OpSleep, For: fixed(500 * time.Millisecond)}}},
		{Name: "late", Count: 1, Start: 400 * time.Millisecond, Body: []workloads.Op{{Kind: workloads.OpYield, N: 1}}},
	}}
	rep := run(t, defaultBackend(t), p)
	for _, rows := range samples(t, rep, "g") {
		if len(rows) != 1 || rows[0].End < 500e6 || rows[0].Start >= 300e6 {
			t.Errorf("rows are %+v", rows)
		}
	}
	if rows := samples(t, rep, "late")[0]; len(rows) != 0 {
		t.Errorf("a group that starts after the end ran: %+v", rows)
	}
	if n := rep.Groups[0].Workers[0].EndedInWindow(); n != 0 {
		t.Errorf("%d iterations ended inside the window", n)
	}
}

// After the grace an iteration that goes on is left behind.
func TestGraceEnds(t *testing.T) {
	t.Parallel()
	b := defaultBackend(t)
	p := long()
	p.Threads[1].Body[0].For = fixed(time.Hour)
	// On a busy host the sleep may not have begun after so short a window.
	for p.Duration = 50 * time.Millisecond; ; p.Duration *= 2 {
		req, draws, err := newRequest(p)
		if err != nil {
			t.Fatal(err)
		}
		req.GraceNS = 50e6
		rep, err := b.run(context.Background(), p, req, draws)
		if err != nil {
			t.Fatal(err)
		}
		if rows := samples(t, rep, "quick")[0]; len(rows) != 0 {
			t.Errorf("an hour's sleep has ended: %+v", rows)
		}
		if rep.Window.End != int64(p.Duration) {
			t.Errorf("window is %v", rep.Window)
		}
		if slices.Contains(codes(rep), "cut-off") {
			return
		}
		if p.Duration > 5*time.Second {
			t.Fatalf("warnings are %v", rep.Warnings)
		}
	}
}

// A thread with more iterations than can be kept is an error, not a full memory.
func TestTooManyIterations(t *testing.T) {
	t.Parallel()
	ofPython(t)
	b := defaultBackend(t)
	p := long()
	req, draws, err := newRequest(p)
	if err != nil {
		t.Fatal(err)
	}
	req.Groups[1].Most = 5
	_, err = b.run(context.Background(), p, req, draws)
	want := "quick: more than 5 iterations of one thread; make its body longer or the run shorter"
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error is %v", err)
	}
}

// delays runs a sleeper next to a body and returns its latencies in the window,
// sorted.
func delays(t *testing.T, b *Backend, interval time.Duration, body ...workloads.Op) []int64 {
	t.Helper()
	in := interpreter()
	in.Params["switch_interval"] = interval
	p := &workloads.Program{Warmup: 100 * time.Millisecond, Duration: 700 * time.Millisecond, Interpreter: in, Threads: []workloads.Group{
		{Name: "other", Count: 1, Body: body},
		{Name: "quick", Count: 1, Body: []workloads.Op{{Kind: workloads.OpSleep, For: fixed(time.Millisecond)}}},
	}}
	rep := run(t, b, p)
	var all []int64
	for _, s := range samples(t, rep, "quick")[0] {
		if rep.Window.Phase(s.Start) == trace.Measure {
			all = append(all, s.Latency())
		}
	}
	slices.Sort(all)
	if len(all) == 0 {
		t.Fatal("no iteration began in the window")
	}
	return all
}

// mostOfTheTime is the latency such that half of the time went by in iterations
// of at least that, given all of them, sorted. While the host keeps the other
// thread from running, hundreds of short iterations fit between two long ones, and
// the median would be one of those.
func mostOfTheTime(sorted []int64) int64 {
	total := int64(0)
	for _, d := range sorted {
		total += d
	}
	below := int64(0)
	for _, d := range sorted {
		if below += d; 2*below >= total {
			return d
		}
	}
	return 0
}

// CPython 3.2 and later: a waiter waits for at least the switch interval next to
// a thread that does not let go by itself. The host's load can only add to it.
func TestSwitchIntervalIsObeyed(t *testing.T) {
	ofPython(t)
	b := defaultBackend(t)
	if b.id.lock() != "cpython-3" {
		t.Skipf("%s has not the lock of cpython-3", b.Name())
	}
	all := delays(t, b, 50*time.Millisecond, workloads.Op{Kind: workloads.OpFib, N: 18})
	if usual := mostOfTheTime(all); usual < 50e6 {
		t.Errorf("latency is %d ns for most of the time with a switch interval of 50 ms", usual)
	}
}

// hold keeps everybody waiting until it is over; nogil and sleep nobody.
func TestHoldKeepsTheLockAndNoGILDoesNot(t *testing.T) {
	ofPython(t)
	b := defaultBackend(t)
	if b.id.lock() != "cpython-3" {
		t.Skipf("%s has not the lock of cpython-3", b.Name())
	}
	hold := delays(t, b, time.Millisecond, workloads.Op{Kind: workloads.OpHold, For: fixed(80 * time.Millisecond)})
	free := delays(t, b, time.Millisecond, workloads.Op{Kind: workloads.OpNoGILSpin, For: fixed(80 * time.Millisecond)})
	if h, f := mostOfTheTime(hold), free[len(free)/2]; h < 3*f {
		t.Errorf("latency next to hold is %d ns for most of the time, next to nogil %d ns in half of the iterations", h, f)
	}
}

func fact(rep *trace.Report, name string) any {
	for _, f := range rep.Facts {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

func codes(rep *trace.Report) []string {
	var all []string
	for _, w := range rep.Warnings {
		if w.Message == "" || w.Hint == "" {
			all = append(all, "incomplete")
		}
		all = append(all, w.Code)
	}
	return all
}

// The interpreter is set up as the scenario asks where it can be, and says so.
func TestWhatAnInterpreterObeys(t *testing.T) {
	ofPython(t)
	twoInterpreters(t, func(t *testing.T, b *Backend) {
		p := tiny()
		p.Interpreter.Params["switch_interval"] = 2 * time.Millisecond
		p.Interpreter.Params["wake_order"] = "fifo"
		p.Interpreter.Park = "futex"
		p.Interpreter.Pace = workloads.Pace{NS: 1e6}
		three := run(t, b, p)
		p.Interpreter = workloads.Interpreter{Lock: "cpython-2", Params: map[string]any{"check_interval": 77}, Pace: workloads.Pace{Mode: workloads.PacePython}}
		two := run(t, b, p)
		if got := fact(three, "ignored"); got != "interpreter.park, interpreter.wake_order" {
			t.Errorf("ignored is %v", got)
		}
		if !slices.Contains(codes(three), "python-pace-differs") || slices.Contains(codes(two), "python-pace-differs") {
			t.Errorf("warnings are %v with a fixed pace, %v with that of Python", codes(three), codes(two))
		}
		if slices.Contains(codes(three), "incomplete") {
			t.Errorf("a warning lacks its message or hint: %v", three.Warnings)
		}
		three2, two2 := slices.Contains(codes(three), "python-lock-differs"), slices.Contains(codes(two), "python-lock-differs")
		switch b.id.lock() {
		case "cpython-3":
			if fact(three, "switch_interval_ns") != int64(2e6) || three2 || !two2 {
				t.Errorf("facts %v, warnings %v and %v", three.Facts, codes(three), codes(two))
			}
		case "cpython-2":
			if fact(two, "check_interval") != int64(77) || !three2 || two2 {
				t.Errorf("facts %v, warnings %v and %v", two.Facts, codes(three), codes(two))
			}
		default:
			if !three2 || !two2 {
				t.Errorf("warnings %v and %v", codes(three), codes(two))
			}
		}
		if fact(two, "version") != b.Interpreter().Version || fact(two, "implementation") == nil || fact(two, "gil_enabled") == nil {
			t.Errorf("facts are %v", two.Facts)
		}
		if v, ok := fact(two, "fib_call_ns").(float64); !ok || v <= 0 {
			t.Errorf("fib_call_ns is %v", fact(two, "fib_call_ns"))
		}
	})
}

// A hash that is too short for the lock to be released is told.
func TestWarningOfAShortHash(t *testing.T) {
	t.Parallel()
	p := tiny()
	p.Threads[0].Body = []workloads.Op{{Kind: workloads.OpLoop, N: 1, Body: []workloads.Op{{Kind: workloads.OpNoGILHash, Bytes: 100}}}}
	if rep := run(t, defaultBackend(t), p); !slices.Contains(codes(rep), "python-hash-keeps-lock") {
		t.Errorf("warnings are %v", rep.Warnings)
	}
}

// Rows are thinned out as the group asks, and all iterations are counted.
func TestSampling(t *testing.T) {
	t.Parallel()
	p := tiny()
	p.Threads[0].Times, p.Threads[0].Samples = 100, 10
	rep := run(t, defaultBackend(t), p)
	if rows := samples(t, rep, "one")[0]; len(rows) != 10 || rows[3].Seq != 30 {
		t.Errorf("rows are %+v", rows)
	}
	if n := rep.Groups[0].Workers[0].Total(trace.Measure).Iterations; n != 100 {
		t.Errorf("%d iterations are counted", n)
	}
}

// Many threads are started before time 0 and let go together.
func TestManyThreads(t *testing.T) {
	t.Parallel()
	ofPython(t)
	p := tiny()
	p.Threads[0].Count = 300
	rep := run(t, defaultBackend(t), p)
	if n := len(rep.Groups[0].Workers); n != 300 {
		t.Fatalf("%d workers", n)
	}
	for worker, rows := range samples(t, rep, "one") {
		if len(rows) != 1 {
			t.Errorf("worker %d has %d iterations", worker, len(rows))
		}
	}
}

// The pace is that of the interpreter: positive, and far from that of another
// kind of machine.
func TestPace(t *testing.T) {
	t.Parallel()
	b := defaultBackend(t)
	ns, err := b.Pace(context.Background())
	if err != nil || ns < 0.1 || ns > 1e5 {
		t.Errorf("pace %v ns, error %v", ns, err)
	}
	// A pace that comes from here is the right one to ask for, whatever the run finds;
	// that the speed has changed since is told.
	b.pace = 1e6
	p := tiny()
	p.Interpreter.Pace.NS = b.pace
	rep := run(t, b, p)
	if all := codes(rep); slices.Contains(all, "python-pace-differs") || !slices.Contains(all, "python-speed-changed") {
		t.Errorf("warnings are %v", rep.Warnings)
	}
	// Another pace than the one that was measured says nothing about the speed.
	p.Interpreter.Pace.NS = 1e6 + 1
	if rep := run(t, b, p); slices.Contains(codes(rep), "python-speed-changed") {
		t.Errorf("warnings are %v", rep.Warnings)
	}
}

// A line that is sent at once comes after the driver, which is written meanwhile.
func TestSendWaitsForTheDriver(t *testing.T) {
	t.Parallel()
	b := defaultBackend(t)
	p, err := launch(t.Context(), b.path, (&request{Mode: "pace"}).encode(nil), b.limits.start)
	if err != nil {
		t.Fatal(err)
	}
	defer p.abort()
	p.send("again")
	if m, err := p.next(); err != nil || m.Pace == nil {
		t.Errorf("%+v, %v", m, err)
	}
}

// Backends of the same name are told apart by a number.
func TestOpenAll(t *testing.T) {
	t.Parallel()
	defaultBackend(t)
	all, err := OpenAll(context.Background(), []string{"", ""})
	if err != nil {
		t.Fatal(err)
	}
	if name := all[0].Name(); all[1].Name() != name+"_2" {
		t.Errorf("names are %s, %s", name, all[1].Name())
	}
	if _, err := OpenAll(context.Background(), []string{"", "/no/such/python"}); !errors.Is(err, ErrMissing) {
		t.Errorf("error is %v", err)
	}
}

// The default comes first, and each executable once.
func TestDiscover(t *testing.T) {
	needsPython(t)
	all := discovered()
	if len(all) == 0 {
		t.Skip("no Python interpreter on this host")
	}
	seen := map[string]bool{}
	for i, in := range all {
		if seen[real(in.Path)] {
			t.Errorf("%s comes twice", in.Path)
		}
		seen[real(in.Path)] = true
		if in.Default && i > 0 || in.Name == "" || in.Version == "" {
			t.Errorf("interpreter %d is %+v", i, in)
		}
	}
}

// A context that has ended starts nothing.
func TestEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b := &Backend{path: "/nonexistent", limits: defaultLimits}
	if rep, err := b.Run(ctx, tiny(), session.Options{}); rep != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("report %v, error %v", rep, err)
	}
	if len(Discover(ctx)) != 0 {
		t.Error("interpreters were executed")
	}
}

// Names follow implementation, version and build.
func TestNames(t *testing.T) {
	for want, id := range map[string]identity{
		"python_3_11":  {Implementation: "CPython", Major: 3, Minor: 11},
		"python_3_13t": {Implementation: "CPython", Major: 3, Minor: 13, FreeThreaded: true},
		"python_2_7":   {Implementation: "CPython", Major: 2, Minor: 7},
		"pypy_3_9":     {Implementation: "PyPy", Major: 3, Minor: 9},
		"graalvm_3_10": {Implementation: "GraalVM", Major: 3, Minor: 10},
	} {
		if got := id.name(); got != want {
			t.Errorf("%+v is named %s, want %s", id, got, want)
		}
	}
	for _, c := range []struct {
		id   identity
		want string
	}{
		{identity{Implementation: "CPython", Major: 3, Minor: 11, GILEnabled: true}, "cpython-3"},
		{identity{Implementation: "CPython", Major: 3, Minor: 14, FreeThreaded: true, GILEnabled: true}, "cpython-3"},
		{identity{Implementation: "CPython", Major: 3, Minor: 14, FreeThreaded: true}, "none"},
		{identity{Implementation: "CPython", Major: 2, Minor: 7, GILEnabled: true}, "cpython-2"},
		{identity{Implementation: "PyPy", Major: 3, Minor: 9, GILEnabled: true}, ""},
	} {
		if got := c.id.lock(); got != c.want {
			t.Errorf("%s has the lock %q, want %q", fmt.Sprint(c.id), got, c.want)
		}
	}
}

// The costs of an interpreter are those of real operations: each takes some time
// and none a millisecond. What letting go of the lock costs cannot be told of
// interpreters whose zlib keeps it.
func TestCosts(t *testing.T) {
	ofPython(t)
	twoInterpreters(t, func(t *testing.T, b *Backend) {
		c, err := b.Costs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for name, ns := range map[string]float64{"fib": c.FibCall, "send": c.Send, "recv": c.Recv, "request": c.Request} {
			if ns <= 0 || ns >= 1e6 {
				t.Errorf("%s takes %g ns", name, ns)
			}
		}
		if c.ReleaseTake < 0 || c.ReleaseTake >= 1e6 {
			t.Errorf("the lock takes %g ns", c.ReleaseTake)
		}
		t.Logf("%+v", c)
	})
}
