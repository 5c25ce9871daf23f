package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/others"
	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// asProgram is the environment variable that makes the test the program.
const asProgram = "FIBSIM_TEST_AS_PROGRAM"

// A run starts its client and worker processes from its own executable, which here
// is the test.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	if len(os.Args) == 2 && (os.Args[1] == clientName || os.Args[1] == workerName) {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	race.QuickChildren()
	os.Exit(m.Run())
}

// output is what one command line led to.
type output struct {
	status         int
	stdout, stderr string
}

// fibsim executes a command line in this process, with the true backends.
func fibsim(args ...string) output {
	var stdout, stderr bytes.Buffer
	a := newApp(args, strings.NewReader(""), &stdout, &stderr)
	a.cpuTime, a.yardstick, a.renew, a.costs = unknownTime, steadyYardstick, func() {}, noCosts
	return output{a.run(context.Background()), stdout.String(), stderr.String()}
}

// unknownTime says nothing of what others do: beside other tests they always do something.
func unknownTime() (others.Used, bool) { return others.Used{}, false }

// steadyYardstick says that nobody slows the host, as other tests do all the time.
func steadyYardstick() time.Duration { return time.Millisecond }

// noCosts says that nothing was calibrated.
func noCosts() int64 { return 0 }

// with executes a command line on the given backends.
func with(ctx context.Context, backends []session.Backend, args ...string) output {
	var stdout, stderr bytes.Buffer
	a := &app{args: args, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, cpuTime: unknownTime, yardstick: steadyYardstick, renew: func() {}, costs: noCosts}
	a.open = func(context.Context, *runOptions) ([]session.Backend, []trace.Warning, error) {
		return backends, nil, nil
	}
	return output{a.run(ctx), stdout.String(), stderr.String()}
}

// fake is a backend that takes no time: every iteration of the first group takes
// its delay, that of the others ten times as long.
type fake struct {
	name  string
	delay int64
	log   *trace.Log
	err   error
	begin func(runs int) // is told how many runs there were before this one
	pace  float64
	paces []workloads.Pace // of the runs
}

func (f *fake) Name() string     { return f.name }
func (f *fake) Evidence() string { return "measured" }

func (f *fake) Run(ctx context.Context, p *workloads.Program, o session.Options) (*trace.Report, error) {
	if f.begin != nil {
		f.begin(len(f.paces))
	}
	f.paces = append(f.paces, p.Interpreter.Pace)
	w := trace.Window{Start: int64(p.Warmup), End: int64(p.Warmup + p.Duration)}
	report := &trace.Report{Window: w, States: true}
	if o.Events {
		report.Log = f.log
	}
	for i, g := range p.Threads {
		group := trace.GroupReport{Name: g.Name}
		for range g.Count {
			group.Workers = append(group.Workers, steady(w, f.delay*int64(1+9*i)))
		}
		report.Groups = append(report.Groups, group)
	}
	for _, g := range p.Tasks {
		report.Groups = append(report.Groups, trace.GroupReport{Name: g.Name, Workers: []*trace.Meter{steady(w, f.delay)}})
	}
	return report, errors.Join(f.err, ctx.Err())
}

// steady folds a hundred iterations of one length.
func steady(w trace.Window, length int64) *trace.Meter {
	m := trace.NewMeter(w, 0, 0)
	for i := range int64(100) {
		start := w.Start + i*(w.End-w.Start)/100
		m.Add(&trace.Sample{Seq: i, Intended: start, Start: start, End: start + length, Run: length})
	}
	return m
}

// paced is a fake interpreter.
type paced struct{ *fake }

func (f paced) Pace(context.Context) (float64, error) { return f.pace, f.err }

// both returns the two fakes that most tests run on.
func both() []session.Backend {
	return []session.Backend{&fake{name: "gil", delay: 100_000}, &fake{name: "native", delay: 50_000}}
}

// tiny is a scenario whose claims hold on the fakes.
const tiny = `
version: 1
name: tiny
title: Little to do
duration: 1s
threads:
  - {name: one, count: 1, body: [{fib: 5}]}
  - {name: two, count: 2, body: [{fib: 5}]}
expect:
  - claim: The lock costs something
    check: gil.one.latency_p50_ns > native.one.latency_p50_ns
`

// write puts a scenario into a file of its own and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tiny.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// golden compares a text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; -update rewrites it; got\n%s", path, got)
	}
}
