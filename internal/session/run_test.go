package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/workloads"
)

// record is an Add that writes down what it gets.
type record struct {
	infos []string
	err   error // of the last Add
	after int   // Adds that go well
}

func (r *record) add(info results.RunInfo, _ *trace.Report) error {
	text := info.Backend + fmt.Sprint(info.Rep) + info.Alone
	if info.Partial {
		text += " partial"
	}
	r.infos = append(r.infos, text)
	if len(r.infos) > r.after {
		return r.err
	}
	return nil
}

func (r *record) String() string { return strings.Join(r.infos, ", ") }

// stepsOf plans n repetitions on one backend.
func stepsOf(b Backend, n int) []Step {
	return NewPlan(PlanOptions{
		Variants: []Variant{{Program: &workloads.Program{Duration: time.Second, Threads: []workloads.Group{{Name: "g", Count: 1}}}}},
		Backends: []Backend{b}, Repeat: n, Baseline: true,
	})
}

func TestRunHandsOnEveryReport(t *testing.T) {
	var r record
	err := Run(context.Background(), stepsOf(&fake{name: "A"}, 2), Hooks{Add: r.add})
	if err != nil || r.String() != "A0g, A1, A2" {
		t.Errorf("got %s, %v", &r, err)
	}
}

func TestInterrupt(t *testing.T) {
	for name, c := range map[string]struct {
		report *trace.Report
		err    func(context.Context) error
		want   string
	}{
		"with what it had": {&trace.Report{}, func(ctx context.Context) error { return ctx.Err() }, "A0g partial"},
		"with nothing":     {nil, func(ctx context.Context) error { return ctx.Err() }, ""},
		// A child that got the same signal fails in its own way.
		"another error":    {nil, func(context.Context) error { return errors.New("client lost") }, ""},
		"between two runs": {&trace.Report{}, func(context.Context) error { return nil }, "A0g"},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		b := &fake{name: "A", run: func(ctx context.Context, _ *workloads.Program, _ Options) (*trace.Report, error) {
			cancel()
			return c.report, c.err(ctx)
		}}
		var r record
		err := Run(ctx, stepsOf(b, 2), Hooks{Add: r.add})
		if !errors.Is(err, ErrInterrupted) || r.String() != c.want || Status(err, true) != StatusInterrupted {
			t.Errorf("%s: got %q, %v, status %d", name, &r, err, Status(err, true))
		}
	}
}

func TestFailedRunStopsTheSession(t *testing.T) {
	cause := errors.New("port 25000 is in use")
	b := &fake{name: "A", run: func(context.Context, *workloads.Program, Options) (*trace.Report, error) {
		return &trace.Report{}, cause
	}}
	var r record
	err := Run(context.Background(), stepsOf(b, 2), Hooks{Add: r.add})
	var failed *RunError
	if !errors.As(err, &failed) || !errors.Is(err, cause) || r.String() != "A0g partial" {
		t.Fatalf("got %s, %v", &r, err)
	}
	if got := err.Error(); got != "A, g alone: port 25000 is in use" {
		t.Errorf("got %q", got)
	}
	empty := &fake{name: "A", run: func(context.Context, *workloads.Program, Options) (*trace.Report, error) { return nil, nil }}
	if err := Run(context.Background(), stepsOf(empty, 1), Hooks{Add: r.add}); !errors.As(err, &failed) {
		t.Errorf("no report and no error: got %v", err)
	}
}

func TestFullDiskStopsTheSession(t *testing.T) {
	r := record{err: &results.WriteError{Path: "samples.csv", Err: syscall.ENOSPC}, after: 1}
	err := Run(context.Background(), stepsOf(&fake{name: "A"}, 5), Hooks{Add: r.add})
	if len(r.infos) != 2 || Status(err, false) != StatusRun {
		t.Errorf("got %s, %v", &r, err)
	}
}

func TestBrokenInvariantsDoNotStopTheSession(t *testing.T) {
	b := &fake{name: "A", run: func(_ context.Context, _ *workloads.Program, o Options) (*trace.Report, error) {
		if !o.Events {
			t.Error("a run that is to be verified keeps no events")
		}
		return &trace.Report{Log: &trace.Log{}}, nil
	}}
	var r record
	err := Run(context.Background(), stepsOf(b, 2), Hooks{Add: r.add, Verify: func(*trace.Log) []error {
		return []error{errors.New("one-holder: two threads in run")}
	}})
	if len(r.infos) != 3 || Status(err, true) != StatusInvariant {
		t.Errorf("got %s, status %d", &r, Status(err, true))
	}
	if n := strings.Count(err.Error(), "broken invariant: one-holder"); n != 3 {
		t.Errorf("%d of 3 reported: %v", n, err)
	}
}

// A log that was full before its run ended shows nothing of the rest: that is no
// success, and no broken invariant.
func TestVerifiedInPart(t *testing.T) {
	b := &fake{name: "A", run: func(context.Context, *workloads.Program, Options) (*trace.Report, error) {
		return &trace.Report{Log: &trace.Log{Cut: 1_234_567_890}}, nil
	}}
	var r record
	hooks := Hooks{Add: r.add, Verify: func(*trace.Log) []error { return nil }}
	err := Run(context.Background(), stepsOf(b, 1), hooks)
	want := "A, repetition 1: verified for the first 1.235s only, as far as its events were kept; a shorter --duration is verified whole"
	if len(r.infos) != 2 || Status(err, false) != StatusRun || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %s, %v", &r, err)
	}
	if hooks.Verify, hooks.Events = nil, true; Run(context.Background(), stepsOf(b, 1), hooks) != nil {
		t.Error("who verifies nothing is told that only a part was verified")
	}
}

// What prepares a run is asked before each, and fails like the run.
func TestBefore(t *testing.T) {
	var order []string
	b := &fake{name: "A", run: func(context.Context, *workloads.Program, Options) (*trace.Report, error) {
		order = append(order, "run")
		return &trace.Report{}, nil
	}}
	var r record
	err := Run(context.Background(), stepsOf(b, 2), Hooks{Add: r.add, Before: func(_ context.Context, info results.RunInfo) error {
		order = append(order, fmt.Sprint(info.Order))
		if info.Order == 3 {
			return errors.New("no more")
		}
		return nil
	}})
	if strings.Join(order, " ") != "1 run 2 run 3" || Status(err, false) != StatusRun || !strings.Contains(err.Error(), "no more") {
		t.Errorf("got %v, %v", order, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = Run(ctx, stepsOf(b, 1), Hooks{Add: r.add, Before: func(ctx context.Context, _ results.RunInfo) error {
		cancel()
		return ctx.Err()
	}})
	if Status(err, false) != StatusInterrupted {
		t.Errorf("interrupted: %v", err)
	}
}

// A run that is to be made again is prepared again, and only the last report counts. One
// that failed is not asked about.
func TestAgain(t *testing.T) {
	var order []string
	runs := 0
	b := &fake{name: "A", run: func(context.Context, *workloads.Program, Options) (*trace.Report, error) {
		runs++
		order = append(order, fmt.Sprint("run", runs))
		if runs == 5 {
			return &trace.Report{}, errors.New("broken")
		}
		return &trace.Report{Warnings: []trace.Warning{{Code: fmt.Sprint(runs)}}}, nil
	}}
	err := Run(context.Background(), stepsOf(b, 2), Hooks{
		Before: func(context.Context, results.RunInfo) error { order = append(order, "before"); return nil },
		Again: func(_ context.Context, info results.RunInfo) bool {
			order = append(order, fmt.Sprint("again", info.Order))
			return runs == 2 || runs == 3
		},
		Add: func(info results.RunInfo, report *trace.Report) error {
			if !info.Partial {
				order = append(order, "add"+report.Warnings[0].Code)
			}
			return nil
		},
	})
	want := "before run1 again1 add1 before run2 again2 before run3 again2 before run4 again2 add4 before run5"
	if got := strings.Join(order, " "); got != want || Status(err, false) != StatusRun {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestEventsAreKeptWhereAsked(t *testing.T) {
	for _, c := range []struct {
		hooks Hooks
		want  string
	}{
		{Hooks{}, "false false"}, {Hooks{Events: true}, "false true"},
		{Hooks{Events: true, BaselineEvents: true}, "true true"}, {Hooks{BaselineEvents: true}, "false false"},
	} {
		var got []string
		b := &fake{name: "A", run: func(_ context.Context, _ *workloads.Program, o Options) (*trace.Report, error) {
			got = append(got, fmt.Sprint(o.Events))
			return &trace.Report{}, nil
		}}
		c.hooks.Add = (&record{}).add
		if err := Run(context.Background(), stepsOf(b, 1), c.hooks); err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%+v: got %v, %v", c.hooks, got, err)
		}
	}
}

func TestProgress(t *testing.T) {
	var got []string
	var r record
	err := Run(context.Background(), stepsOf(&fake{name: "A"}, 2), Hooks{Add: r.add, Progress: func(p Progress) {
		got = append(got, fmt.Sprintf("%d of %d: %s", p.Run.Order, p.Runs, p.Run))
		if p.Run.Order == 1 && (p.Left != 2500*time.Millisecond || !p.Known) {
			t.Errorf("left at the start: %v, %v", p.Left, p.Known)
		}
	}})
	want := "1 of 3: A, g alone|2 of 3: A, repetition 1|3 of 3: A, repetition 2"
	if err != nil || strings.Join(got, "|") != want {
		t.Errorf("got %v, %v", got, err)
	}
}

// Runs that last until all is done are known once one of them has run.
func TestEstimate(t *testing.T) {
	fixed := &workloads.Program{Warmup: time.Second, Duration: 2 * time.Second}
	open := &workloads.Program{UntilDone: true}
	step := func(p *workloads.Program) Step { return Step{RunInfo: results.RunInfo{Program: p}} }
	e := newEstimate([]Step{step(fixed), step(open), step(fixed), step(open)})
	if d, known := e.left(0); d != 6*time.Second || known {
		t.Errorf("at the start: %v, %v", d, known)
	}
	e.took(0, 3500*time.Millisecond)
	e.took(1, 5*time.Second)
	if d, known := e.left(2); d != 8500*time.Millisecond || !known {
		t.Errorf("later: %v, %v", d, known)
	}
}

// Runs in virtual time take next to no time, whatever their window: they count as
// nothing until one of their kind has run.
func TestEstimateOfPredictions(t *testing.T) {
	p := &workloads.Program{Warmup: time.Second, Duration: time.Hour}
	step := func(backend, evidence string) Step {
		return Step{RunInfo: results.RunInfo{Program: p, Backend: backend, Evidence: evidence}}
	}
	sim := step("sim_gil", "predicted")
	e := newEstimate([]Step{sim, sim, step("sim_native", "predicted")})
	if d, known := e.left(0); d != 0 || !known {
		t.Errorf("at the start: %v, %v", d, known)
	}
	e.took(0, 20*time.Millisecond)
	if d, known := e.left(1); d != 20*time.Millisecond || !known {
		t.Errorf("later: %v, %v", d, known)
	}
}

func TestStatus(t *testing.T) {
	internal := errors.New("cannot be")
	run := &RunError{Err: internal}
	invariant := &InvariantError{Err: internal}
	output := &results.OutputError{Err: internal}
	full := fmt.Errorf("finish: %w", &results.WriteError{Err: syscall.ENOSPC})
	for _, c := range []struct {
		name   string
		err    error
		failed bool
		want   int
	}{
		{"fine", nil, false, 0},
		{"a claim failed", nil, true, 99},
		{"a run failed", run, true, 4},
		{"disk full", full, false, 4},
		{"bad path", output, false, 2},
		{"invariant before run", errors.Join(run, invariant), true, 5},
		{"internal before invariant", errors.Join(invariant, internal), true, 1},
		{"reader left before claim", fmt.Errorf("x: %w", ErrReaderLeft), true, 141},
		{"a run failed before reader left", errors.Join(ErrReaderLeft, run), true, 4},
		{"interrupt before all", errors.Join(run, invariant, internal, fmt.Errorf("x: %w", ErrInterrupted)), true, 130},
	} {
		if got := Status(c.err, c.failed); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}
