package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/cpython"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

var background = context.Background()

// broken is a log in which a thread ends twice.
var broken = &trace.Log{Threads: []trace.Thread{{Group: "one"}}, Events: []trace.Event{
	{Kind: trace.StateChange, Arg: int64(trace.Run)},
	{Kind: trace.StateChange, Arg: int64(trace.Done), Time: 1},
	{Kind: trace.StateChange, Arg: int64(trace.Done), Time: 2},
}}

// The exit status says what happened; of several things, the worst.
func TestExitStatus(t *testing.T) {
	lost := errors.New("client process for group web ended early")
	failing := strings.Replace(tiny, ">", "<", 1)
	for name, c := range map[string]struct {
		text   string
		gil    fake
		args   string
		status int
		stderr string
	}{
		"all is well":          {tiny, fake{}, "", 0, ""},
		"a claim failed":       {failing, fake{}, "", 99, "fibsim: 1 claim failed\n"},
		"a run failed":         {tiny, fake{err: lost}, "", 4, "fibsim: gil, one alone: client process for group web ended early\n"},
		"an invariant broke":   {tiny, fake{log: broken}, "--verify --no-baseline", 5, "fibsim: gil, repetition 1: broken invariant: "},
		"nobody looked":        {tiny, fake{log: broken}, "", 0, ""},
		"an invariant, too":    {failing, fake{log: broken}, "--verify", 5, "1 claim failed\n"},
		"a port in use and so": {failing, fake{err: lost}, "", 4, ""},
	} {
		gil, native := c.gil, fake{name: "native", delay: 50_000, log: &trace.Log{}}
		gil.name, gil.delay = "gil", 100_000
		got := with(background, []session.Backend{&gil, &native}, append(strings.Fields("run "+write(t, c.text)+" --quiet"), strings.Fields(c.args)...)...)
		if got.status != c.status || !strings.Contains(got.stderr, c.stderr) || c.stderr == "" && c.status == 0 && got.stderr != "" {
			t.Errorf("%s: status %d, stderr %s", name, got.status, got.stderr)
		}
	}
}

// A panic is an internal error, which Go's own status for it would hide.
func TestPanic(t *testing.T) {
	b := &fake{name: "gil", begin: func(int) { panic("out of order") }}
	got := with(background, []session.Backend{b}, "run", write(t, tiny))
	if got.status != 1 || !strings.HasPrefix(got.stderr, "fibsim: internal error: out of order\n") {
		t.Errorf("status %d, stderr %.200s", got.status, got.stderr)
	}
}

// After an interrupt the files are complete, and say that they do not hold all.
func TestInterrupt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	ctx, cancel := context.WithCancel(background)
	b := &fake{name: "gil", delay: 1000, begin: func(runs int) {
		if runs == 3 {
			cancel()
		}
	}}
	got := with(ctx, []session.Backend{b}, "run", write(t, tiny), "-o", dir, "--repeat", "5")
	if got.status != 130 || !strings.HasSuffix(got.stderr, "fibsim: interrupted; the results of the runs before it are complete\n") {
		t.Errorf("status %d, stderr %s", got.status, got.stderr)
	}
	var file struct {
		Aborted bool
		Runs    []struct{ Partial bool }
	}
	if err := json.Unmarshal(read(t, filepath.Join(dir, "run.json")), &file); err != nil {
		t.Fatal(err)
	}
	if !file.Aborted || len(file.Runs) != 4 || !file.Runs[3].Partial {
		t.Errorf("run.json: %+v", file)
	}
	if !strings.Contains(got.stdout, "Stopped early") {
		t.Errorf("stdout %s", got.stdout)
	}
}

func TestInterruptBeforeTheFirstRun(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	cancel()
	if got := with(ctx, both(), "run", write(t, tiny)); got.status != 130 {
		t.Errorf("status %d, stderr %s", got.status, got.stderr)
	}
	if got := fibsimIn(ctx, "run", "mixed", "--python"); got.status != 130 && got.status != 4 {
		t.Errorf("while an interpreter is opened: status %d, stderr %s", got.status, got.stderr)
	}
}

// A path that cannot be used is refused before anything runs.
func TestOutputPaths(t *testing.T) {
	file := write(t, tiny)
	full := filepath.Dir(file)
	for _, c := range []struct{ args, want string }{
		{"-o " + full, full + ": the output directory is not empty; name another one or add --force"},
		{"-o " + file, "cannot write results: "},
		{"--csv " + filepath.Join(full, "missing", "x.csv"), "cannot write results: "},
	} {
		got := with(background, []session.Backend{&fake{name: "gil", begin: func(int) { t.Error("a run was made") }}},
			append([]string{"run", file}, strings.Fields(c.args)...)...)
		if got.status != 2 || got.stdout != "" || !strings.HasPrefix(got.stderr, "fibsim: "+c.want) {
			t.Errorf("%s: status %d, %s", c.args, got.status, got.stderr)
		}
	}
	if got := with(background, both(), "run", file, "-o", full, "--force", "--quiet"); got.status != 0 {
		t.Errorf("--force: status %d, %s", got.status, got.stderr)
	}
}

// Results go to standard output and nothing else does.
func TestStreams(t *testing.T) {
	file := write(t, tiny)
	table := with(background, both(), "run", file)
	if table.status != 0 || !strings.HasPrefix(table.stdout, "tiny: Little to do\n") || strings.Contains(table.stdout, "warning") {
		t.Errorf("a plain run: %+v", table)
	}
	csv := with(background, both(), "run", file, "--csv", "-")
	if !strings.HasPrefix(csv.stdout, "scenario,variant,backend") || strings.Contains(csv.stdout, "✓") || !strings.Contains(csv.stderr, "✓") {
		t.Errorf("--csv -: stdout %.200s, stderr %s", csv.stdout, csv.stderr)
	}
	quiet := with(background, both(), "run", file, "--quiet", "--no-baseline")
	if !strings.HasPrefix(quiet.stdout, "✓ The lock costs something") || strings.Count(quiet.stdout, "\n") != 2 || quiet.stderr != "" {
		t.Errorf("--quiet: %+v", quiet)
	}
	var content struct {
		Command []string
		Summary []map[string]any
	}
	out := with(background, both(), "run", file, "--json")
	if err := json.Unmarshal([]byte(out.stdout), &content); err != nil {
		t.Fatal(err)
	}
	if len(content.Summary) != 8 || !slices.Equal(content.Command, []string{"fibsim", "run", file, "--json"}) {
		t.Errorf("--json: %d rows, command %q", len(content.Summary), content.Command)
	}
}

// The files that flags ask for are there.
func TestFiles(t *testing.T) {
	for args, want := range map[string]string{
		"":         "datapackage.json run.json samples.csv summary.csv",
		"--states": "datapackage.json events.csv run.json samples.csv states.csv summary.csv",
	} {
		dir := filepath.Join(t.TempDir(), "new", "out")
		got := with(background, both(), append([]string{"run", write(t, tiny), "-o", dir}, strings.Fields(args)...)...)
		entries, err := os.ReadDir(dir)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if err != nil || got.status != 0 || strings.Join(names, " ") != want {
			t.Errorf("%s: status %d, %v, %v", args, got.status, names, err)
		}
	}
}

// failing is standard output that cannot be written to, or one that forgets.
type failing struct{ err error }

func (f failing) Write(b []byte) (int, error) {
	if f.err == nil {
		return len(b), nil
	}
	return 0, f.err
}

// leaves is a pipe whose reader takes the first few lines and leaves.
type leaves struct{ writes int }

func (l *leaves) Write(b []byte) (int, error) {
	if l.writes--; l.writes < 0 {
		return 0, syscall.EPIPE
	}
	return len(b), nil
}

// The runs end once who reads the samples has left, as head does, but for one: where the
// last has been made already nothing is cut short. Who else has something of them gets all.
func TestReaderOfSamplesLeaves(t *testing.T) {
	for _, c := range []struct {
		args         string
		writes       int // that are read: the header, and what each run has
		runs, status int
		told         string
	}{
		{"--no-baseline --repeat 3", 0, 0, 141, "nobody reads standard output any more"},
		{"--no-baseline --repeat 3", 1, 1, 141, "nobody reads standard output any more"},
		{"--no-baseline --repeat 3", 3, 3, 141, "stopped before all runs were made"},
		{"--no-baseline --repeat 3", 6, 6, 0, "warning: no group was run alone"},
		{"--no-baseline --repeat 3", 7, 6, 0, "Little to do"},
		{"--no-baseline --repeat 3 -o " + filepath.Join(t.TempDir(), "out"), 1, 6, 0, "Little to do"},
	} {
		backends, runs := both(), 0
		for _, b := range backends {
			b.(*fake).begin = func(int) { runs++ }
		}
		var stderr strings.Builder
		a := &app{
			args:  strings.Fields("run " + write(t, tiny) + " --csv - " + c.args),
			stdin: strings.NewReader(""), stdout: &leaves{c.writes}, stderr: &stderr, cpuTime: unknownTime, yardstick: steadyYardstick,
			open: func(context.Context, *runOptions) ([]session.Backend, []trace.Warning, error) {
				return backends, nil, nil
			},
		}
		if status := a.run(background); status != c.status || runs != c.runs || !strings.Contains(stderr.String(), c.told) {
			t.Errorf("%s, %d writes: status %d after %d runs, %s", c.args, c.writes, status, runs, stderr.String())
		}
	}
}

// A reader that leaves early, as head does, is no failure; a full disk is one.
func TestUnwritableStandardOutput(t *testing.T) {
	for _, c := range []struct {
		args   string
		err    error
		status int
	}{
		{"scenarios", syscall.EPIPE, 0},
		{"run FILE", syscall.EPIPE, 0},
		{"run FILE --json", syscall.EPIPE, 0},
		{"run FILE --csv - -o DIR", syscall.EPIPE, 0},
		{"run FILE --csv -", syscall.EPIPE, 141},
		{"scenarios", syscall.ENOSPC, 4},
		{"run FILE", syscall.ENOSPC, 4},
		{"run FILE --json", syscall.ENOSPC, 4},
	} {
		var stderr strings.Builder
		a := &app{
			args:  strings.Fields(strings.NewReplacer("FILE", write(t, tiny), "DIR", t.TempDir()).Replace(c.args)),
			stdin: strings.NewReader(""), stdout: failing{c.err}, stderr: &stderr,
			open: func(context.Context, *runOptions) ([]session.Backend, []trace.Warning, error) {
				return both(), nil, nil
			},
		}
		if status := a.run(background); status != c.status {
			t.Errorf("%s, %v: status %d, %s", c.args, c.err, status, stderr.String())
		}
	}
}

// pace: python is measured once, before anything runs, and put into every program.
func TestPaceOfPython(t *testing.T) {
	gil := &fake{name: "gil", delay: 100_000}
	python := paced{&fake{name: "python_3_11", delay: 100_000, pace: 48.5}}
	got := with(background, []session.Backend{gil, python}, "run", write(t, tiny), "--set", "interpreter.pace=python", "--json")
	if got.status != 0 || !strings.Contains(got.stdout, "python is 48.5 ns per call of fib, measured on python_3_11") {
		t.Errorf("status %d, stderr %s", got.status, got.stderr)
	}
	for _, p := range append(gil.paces, python.paces...) {
		if p != (workloads.Pace{Mode: workloads.PaceFixed, NS: 48.5}) {
			t.Errorf("a run had pace %+v", p)
		}
	}
	failed := paced{&fake{name: "python_3_11", err: errors.New("it crashed")}}
	got = with(background, []session.Backend{failed}, "run", write(t, tiny), "--set", "interpreter.pace=python")
	if got.status != 4 || got.stderr != "fibsim: interpreter.pace: python: python_3_11: it crashed\n" {
		t.Errorf("status %d, stderr %s", got.status, got.stderr)
	}
}

// Without any Python, --python fails, --all goes on with a warning, and
// pace: python says what else to do.
func TestNoPython(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for line, want := range map[string]string{
		"run mixed --python":                               "fibsim: there is no python3 on PATH; ",
		"run mixed --python=no-such-python":                "fibsim: --python=no-such-python: ",
		"run mixed --all --python=no-such-python":          "fibsim: --python=no-such-python: ",
		"run mixed --native --set interpreter.pace=python": "fibsim: interpreter.pace: python needs an interpreter to measure: there is no python3 on PATH",
	} {
		if got := fibsim(strings.Fields(line)...); got.status != 4 || !strings.HasPrefix(got.stderr, want) || got.stdout != "" {
			t.Errorf("%s: status %d, %s", line, got.status, got.stderr)
		}
	}
	list, warnings, err := openInterpreters(background, chosen{optional: true})
	if err != nil || len(list) != 0 || len(warnings) != 1 || warnings[0].Code != "no-python" {
		t.Errorf("--all: %v, %v, %v", list, warnings, err)
	}
	if _, _, err := openInterpreters(background, chosen{python: []string{""}}); !errors.Is(err, cpython.ErrMissing) {
		t.Errorf("--python: %v", err)
	}
}

// What the loader dropped is told, and kept with the results.
func TestNotes(t *testing.T) {
	text := strings.Replace(tiny, "threads:", "interpreter: {lock: cpython-3, switch_interval: 1ms}\nthreads:", 1)
	got := with(background, both(), "run", write(t, text), "--lock", "none", "--json")
	if !strings.Contains(got.stderr, "note: ") || !strings.Contains(got.stdout, `"notes"`) || !strings.Contains(got.stderr, "switch_interval") {
		t.Errorf("status %d, stderr %s", got.status, got.stderr)
	}
}

func fibsimIn(ctx context.Context, args ...string) output {
	var stdout, stderr strings.Builder
	status := run(ctx, args, strings.NewReader(""), &stdout, &stderr)
	return output{status, stdout.String(), stderr.String()}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// parse returns what the flags of run amount to, without running.
func parse(t *testing.T, args ...string) *runOptions {
	t.Helper()
	a := &app{stdout: io.Discard, stderr: io.Discard}
	var seen *runOptions
	a.args = append([]string{"run"}, args...)
	stop := errors.New("seen")
	a.open = func(_ context.Context, o *runOptions) ([]session.Backend, []trace.Warning, error) {
		seen = o
		return nil, nil, stop
	}
	a.run(background)
	if seen == nil {
		t.Fatalf("%q did not get as far as opening its backends", args)
	}
	return seen
}
