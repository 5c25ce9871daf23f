package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/internal/calibrate"
	"github.com/fibsim/fibsim/internal/cpython"
	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/sim/machine"
	"github.com/fibsim/fibsim/workloads"
)

// What run.json says of a predicted run.
type predicted struct {
	Backends []struct {
		Name, Evidence string
		Facts          map[string]any
	}
	Runs []struct {
		Rep   int
		Facts map[string]any
	}
}

func readRun(t *testing.T, dir string) predicted {
	t.Helper()
	var p predicted
	if err := json.Unmarshal(read(t, filepath.Join(dir, "run.json")), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// A predicted run writes every file, keeps every invariant, says what it was made
// with, and is the same each time, repetition by repetition.
func TestPredictedRun(t *testing.T) {
	t.Parallel()
	race.SkipComputing(t)
	dirs := []string{t.TempDir(), t.TempDir()}
	args := []string{"run", "testdata/tiny.yaml", "--duration", "50ms", "--sim", "--states", "--verify", "--repeat", "2", "-o"}
	for _, dir := range dirs {
		got := fibsim(append(args, dir)...)
		if got.status != 0 {
			t.Fatalf("status %d\n%s%s", got.status, got.stdout, got.stderr)
		}
		if strings.Contains(got.stderr, "load average") {
			t.Errorf("the load of this host matters to no prediction: %s", got.stderr)
		}
	}
	run := readRun(t, dirs[0])
	if len(run.Backends) != 2 || run.Backends[0].Name != "sim_gil" || run.Backends[1].Name != "sim_native" {
		t.Fatalf("backends %+v", run.Backends)
	}
	for _, b := range run.Backends {
		if b.Evidence != "predicted" || b.Facts["cpus"] != 2.0 || b.Facts["hz"] != 250.0 || b.Facts["costs"] != "default" {
			t.Errorf("%+v", b)
		}
	}
	hashes := map[any]bool{}
	for i, r := range run.Runs {
		hashes[r.Facts["event_hash"]] = true
		if again := readRun(t, dirs[1]).Runs[i].Facts["event_hash"]; again != r.Facts["event_hash"] {
			t.Errorf("run %d: %v, then %v", i, r.Facts["event_hash"], again)
		}
	}
	if len(hashes) != len(run.Runs) {
		t.Errorf("%d different runs of %d", len(hashes), len(run.Runs))
	}
	for _, name := range []string{"samples.csv", "summary.csv", "states.csv", "events.csv"} {
		if a, b := read(t, filepath.Join(dirs[0], name)), read(t, filepath.Join(dirs[1], name)); string(a) != string(b) || len(a) == 0 {
			t.Errorf("%s: %d and %d bytes, not the same", name, len(a), len(b))
		}
	}
}

// What a shipped scenario claims of predictions holds, and each claims something.
func TestShippedClaimsOfPredictions(t *testing.T) {
	t.Parallel()
	race.SkipComputing(t)
	for _, name := range scenarios.Names() {
		dir := t.TempDir()
		got := fibsim("run", name, "--sim", "--quiet", "-o", dir)
		if got.status != 0 {
			t.Errorf("%s: status %d\n%s%s", name, got.status, got.stdout, got.stderr)
		}
		var file struct {
			Claims []struct{ Check, Verdict string }
		}
		if err := json.Unmarshal(read(t, filepath.Join(dir, "run.json")), &file); err != nil {
			t.Fatal(err)
		}
		passed := 0
		for _, c := range file.Claims {
			switch {
			case c.Verdict == "passed":
				passed++
			case strings.Contains(c.Check, "sim_"):
				t.Errorf("%s: %s: %s", name, c.Verdict, c.Check)
			}
		}
		if passed == 0 {
			t.Errorf("%s claims nothing of predictions", name)
		}
	}
}

// Every shipped scenario can be predicted by name, and keeps every invariant.
func TestShippedScenariosAreVerified(t *testing.T) {
	t.Parallel()
	race.SkipComputing(t)
	for _, name := range scenarios.Names() {
		// Of sleep-zero no more fits into a log.
		got := fibsim("run", name, "--sim", "--verify", "--quiet", "--no-baseline", "--duration", "30ms", "--set", "warmup=10ms")
		// A claim about so short a window means nothing.
		if got.status != 0 && got.status != session.StatusClaim || strings.Contains(got.stderr, "invariant") {
			t.Errorf("%s: status %d, %s", name, got.status, got.stderr)
		}
	}
	// A run of which only a part was kept is not called verified.
	got := fibsim("run", "sleep-zero", "--sim=native", "--verify", "--quiet", "--no-baseline", "--duration", "250ms", "--set", "warmup=0s")
	if got.status != session.StatusRun || !strings.Contains(got.stderr, "verified for the first ") {
		t.Errorf("a long one: status %d, %s", got.status, got.stderr)
	}
}

func TestCheckDeterminism(t *testing.T) {
	t.Parallel()
	race.SkipComputing(t)
	got := fibsim("check", "testdata/tiny.yaml", "--determinism")
	line := `tiny: sim_(gil|native): two runs are the same: [0-9]+ events, hash [0-9a-f]{16}\n`
	if got.status != 0 || got.stderr != "" || !regexp.MustCompile(`^`+line+line+`$`).MatchString(got.stdout) {
		t.Errorf("got %+v", got)
	}
	for _, change := range []string{"--ties=random", "--set=machine.cpus=1", "--seed=77", "--lock=none"} {
		other := fibsim("check", "testdata/tiny.yaml", "--determinism", change)
		if other.status != 0 || other.stdout == got.stdout || !strings.Contains(other.stdout, "two runs are the same") {
			t.Errorf("%s: %+v", change, other)
		}
	}
	// What gave way to a flag is told as run tells it.
	noted := fibsim("check", "switch-interval", "--lock", "cpython-2")
	if noted.status != 0 || !strings.Contains(noted.stderr, "is dropped: it belongs to lock cpython-3") {
		t.Errorf("%+v", noted)
	}
	different := fmt.Errorf("tiny: %w", &predict.DifferenceError{Backend: "sim_gil", At: 3, First: "a", Second: "b"})
	if status := statusOf(errors.Join(different, nil)); status != session.StatusInvariant {
		t.Errorf("a difference gives status %d", status)
	}
}

// Ties by the seed are other ties.
func TestTies(t *testing.T) {
	race.SkipComputing(t)
	hash := func(flags ...string) any {
		dir := t.TempDir()
		got := fibsim(append([]string{"run", "testdata/tiny.yaml", "--sim=gil", "--no-baseline", "-o", dir}, flags...)...)
		if got.status != 0 {
			t.Fatal(got)
		}
		return readRun(t, dir).Runs[0].Facts["event_hash"]
	}
	if hash() != hash("--ties=rule") || hash() == hash("--ties=random") {
		t.Error("--ties=random changes nothing, or rule is not the default")
	}
}

// Real threads are like all others, whatever a scenario says of their scheduling; a
// prediction obeys it.
func TestSchedulingOfGroups(t *testing.T) {
	path := write(t, "{version: 1, name: nice, warmup: 0s, duration: 20ms, machine: {cpus: 1}, "+
		"threads: [{name: a, body: [{spin: 1ms}]}, {name: b, nice: 5, body: [{spin: 1ms}]}]}")
	const want = "(scheduling-ignored)"
	if got := with(context.Background(), both(), "run", path); got.status != 0 || !strings.Contains(got.stderr, want) ||
		!strings.Contains(got.stderr, "gil, native ignore nice of b: real threads are like all others") {
		t.Errorf("measured: %+v", got)
	}
	if got := fibsim("run", path, "--sim=gil", "--no-baseline"); got.status != 0 || strings.Contains(got.stderr, want) {
		t.Errorf("predicted: %+v", got)
	}
}

// Where a scenario has more threads than real ones are allowed, only the simulator
// runs it.
func TestTooManyThreads(t *testing.T) {
	path := write(t, "{version: 1, name: many, warmup: 0s, duration: 10ms, threads: [{name: a, count: 20000, body: [{sleep: 20ms}]}]}")
	got := fibsim("run", path, "--gil")
	want := "fibsim: " + path + ": all groups together have 20000 threads, tasks and connections; the limit of measured backends is 10000; --sim predicts up to 2000000\n"
	if got.status != 2 || got.stderr != want {
		t.Errorf("measured: %+v", got)
	}
	got = fibsim("run", path, "--gil", "--sim=gil", "--no-baseline")
	if got.status != 0 || !strings.Contains(got.stderr, "(too-many-threads)") || strings.Contains(got.stdout, " gil ") {
		t.Errorf("with a prediction: %+v", got)
	}
}

// calibrated executes a command line on a host whose costs are known.
func calibrated(args ...string) output {
	var stdout, stderr strings.Builder
	a := &app{args: args, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, open: openBackends, cpuTime: unknownTime}
	a.measureHost = func(_ context.Context, o calibrate.Options) (*calibrate.Measured, error) {
		o.Progress(1, 1, "nothing")
		c := machine.DefaultCosts()
		c.Switch, c.FibCall = 4321, 1.25
		return &calibrate.Measured{Costs: c, Names: []string{"switch", "wake_idle", "fib_call"}, Absent: []string{"clock"}}, nil
	}
	return output{a.run(context.Background()), stdout.String(), stderr.String()}
}

// ownCache gives the test a cache folder of its own and returns where the costs of
// this host belong.
func ownCache(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(name, dir)
	}
	path, err := predict.HostFile()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Without a calibration, costs: host says how to make one; with it, they are used.
func TestCalibrate(t *testing.T) {
	path := ownCache(t)
	host := []string{"run", "testdata/tiny.yaml", "--sim=gil", "--no-baseline", "--set", "machine.costs=host"}
	got := fibsim(host...)
	if want := "fibsim: costs: host: there is no " + path + " yet; run `fibsim calibrate`\n"; got.status != 4 || got.stderr != want {
		t.Errorf("before: status %d, %s", got.status, got.stderr)
	}
	got = calibrated("calibrate")
	for _, want := range []string{"switch            4.32 µs  from one thread", "fib_call          1.25 ns  for a call", "not measured, so that defaults hold: system_call, clock, ", "\nwritten to " + path + "\n"} {
		if got.status != 0 || !strings.Contains(got.stdout, want) {
			t.Errorf("calibrate: status %d, stderr %s, no %q in\n%s", got.status, got.stderr, want, got.stdout)
		}
	}
	dir := t.TempDir()
	if got := fibsim(append(host, "-o", dir)...); got.status != 0 {
		t.Errorf("after: status %d, %s", got.status, got.stderr)
	}
	facts := readRun(t, dir).Runs[0].Facts
	if origin, _ := facts["costs_fingerprint"].(string); facts["costs"] != "host" || !strings.Contains(origin, "Go 1.") {
		t.Errorf("facts %v", facts)
	}
}

// A file of one's own is written where it is wanted, found by its path, and kept
// apart from that of the host.
func TestCalibrateToAFile(t *testing.T) {
	hosts := ownCache(t)
	path := filepath.Join(t.TempDir(), "deep", "mine.yaml")
	if got := calibrated("calibrate", "-o", path); got.status != 0 || !strings.Contains(got.stdout, "written to "+path) {
		t.Fatalf("%+v", got)
	}
	if _, err := os.Stat(hosts); err == nil {
		t.Error("the file of the host was written, too")
	}
	if got := fibsim("run", "testdata/tiny.yaml", "--sim=gil", "--no-baseline", "--set", "machine.costs="+path); got.status != 0 {
		t.Errorf("%+v", got)
	}
	// What is no place for a file is told before anything is measured.
	a := &app{args: []string{"calibrate", "-o", filepath.Join(path, "x.yaml")}, stdin: strings.NewReader(""), stdout: failing{}, stderr: failing{}}
	if status := a.run(context.Background()); status != 2 {
		t.Errorf("below a file: status %d", status)
	}
	// Nor is a file of another kind, which is left as it is; one of costs is replaced.
	other := write(t, tiny)
	for file, reason := range map[string]string{other: "it exists and holds something else than costs", t.TempDir(): "it is a directory"} {
		want := "fibsim: calibrate: cannot write " + file + ": " + reason + "; name another file with -o FILE\n"
		if got := calibrated("calibrate", "-o", file); got.status != 2 || got.stderr != want {
			t.Errorf("%+v, want %s", got, want)
		}
	}
	if text := string(read(t, other)); text != tiny {
		t.Errorf("the scenario is now\n%s", text)
	}
	if got := calibrated("calibrate", "-o", path); got.status != 0 {
		t.Errorf("again: %+v", got)
	}
}

// Calibrating anew keeps the costs of interpreters with their date and what is said of them, and leaves
// out those that are too old.
func TestCalibrateKeepsInterpreters(t *testing.T) {
	path := ownCache(t)
	old := &scenarios.CostFile{Host: costHost(results.CollectHost()), Measured: time.Now().Add(-31 * 24 * time.Hour), Disturbed: "sleeps, python_3_9, python_3_8", Interpreters: []scenarios.InterpreterCosts{
		{Name: "python_3_8", Version: "3.8.1", Costs: map[string]any{"fib_call": 51.5}},
		{Name: "python_3_9", Version: "3.9.1", Measured: time.Now().Add(-24 * time.Hour), Costs: map[string]any{"fib_call": 41.5}},
	}}
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, old.Encode(predict.Keys()), 0o644)); err != nil {
		t.Fatal(err)
	}
	got := calibrated("calibrate")
	if got.status != 0 || !strings.Contains(got.stderr, "note: the costs of python_3_8 are left out: they are from ") ||
		!strings.Contains(got.stdout, "\npython_3_9 3.9.1, measured before, on ") {
		t.Errorf("%+v", got)
	}
	file, err := scenarios.LoadCosts(path, predict.Keys())
	if err != nil || len(file.Interpreters) != 1 || file.Disturbed != "python_3_9" {
		t.Fatalf("%+v, %v", file, err)
	}
	if age := file.Measured.Sub(file.Interpreters[0].Measured); age < 23*time.Hour {
		t.Errorf("python_3_9 is only %v older", age)
	}
}

// The costs of another version of an interpreter are not those of the one at hand.
func TestCostsOfAnotherVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "costs.yaml")
	if err := os.WriteFile(path, []byte("version: 1\ninterpreters:\n  python_3_99: {version: 3.99.1, fib_call: 31ns}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	costs, err := predict.LoadCosts([]string{path}, predict.Place{})
	if err != nil {
		t.Fatal(err)
	}
	p := &workloads.Program{Machine: workloads.Machine{Costs: path}}
	for version, same := range map[string]bool{"3.99.1": true, "3.99.2": false} {
		note := otherVersion(costs, p, dated{paced{&fake{name: "python_3_99"}}, version})
		want := "predictions do not imitate python_3_99 3.99.2: the costs " + path + " are of its version 3.99.1; run `fibsim calibrate --python` again"
		if same && note != "" || !same && note != want {
			t.Errorf("%s: got %q", version, note)
		}
	}
	if note := otherVersion(costs, p, paced{&fake{name: "python_3_99"}}); note != "" {
		t.Errorf("of no known version: %q", note)
	}
}

// dated is a fake interpreter of a version.
type dated struct {
	paced
	version string
}

func (d dated) Interpreter() cpython.Interpreter { return cpython.Interpreter{Version: d.version} }

// The pace of Python, where nothing is measured, is that of the cost file.
func TestPaceOfCosts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "costs.yaml")
	run := []string{"run", "testdata/tiny.yaml", "--sim", "--no-baseline", "--set", "interpreter.pace=python", "--set"}
	got := fibsim(append(run, "machine.costs=default")...)
	if got.status != 4 || !strings.Contains(got.stderr, "run `fibsim calibrate --python`") {
		t.Errorf("without an interpreter: status %d, %s", got.status, got.stderr)
	}
	text := "version: 1\ninterpreters:\n  pypy_3_9: {fib_call: 3.5ns}\n  python_3_11: {fib_call: 31ns}\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	got = fibsim(append(run, "machine.costs="+path)...)
	want := "note: interpreter.pace: python is 3.5 ns per call of fib, that of pypy_3_9 in the costs " + path + "\n"
	if got.status != 0 || strings.Count(got.stderr, want) != 1 {
		t.Errorf("with one: status %d, %s", got.status, got.stderr)
	}
}

// Mistakes in a cost file have their place, and the status of those in a scenario.
func TestMistakesInACostFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "costs.yaml")
	if err := os.WriteFile(path, []byte("version: 1\ncosts:\n  swich: 1us\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	got := fibsim("run", "testdata/tiny.yaml", "--sim", "--set", "machine.costs="+path)
	if want := "fibsim: " + path + ":3:3: costs.swich: unknown key; did you mean switch?\n"; got.status != 3 || got.stderr != want {
		t.Errorf("%+v", got)
	}
	for costs, status := range map[string]int{path: 3, "none.yaml": 2} { // before anything runs
		if got := fibsim("validate", "testdata/tiny.yaml", "--costs", costs); got.status != status || !strings.Contains(got.stderr, costs) || got.stdout != "" {
			t.Errorf("validate --costs %s: %+v", costs, got)
		}
	}
	got = fibsim("run", "testdata/tiny.yaml", "--sim", "--set", "machine.costs=none.yaml")
	if got.status != 2 || !strings.HasPrefix(got.stderr, "fibsim: cost file none.yaml: ") || !strings.HasSuffix(got.stderr, "; `fibsim calibrate -o FILE` makes one, and default needs none\n") {
		t.Errorf("%+v", got)
	}
}

// A note names the measurements that others disturbed to the end. How long to wait for them is the
// user's to say.
func TestCalibrateTellsOfOthers(t *testing.T) {
	ownCache(t)
	var asked calibrate.Options
	find := func(disturbed ...string) func(context.Context, calibrate.Options) (*calibrate.Measured, error) {
		return func(_ context.Context, o calibrate.Options) (*calibrate.Measured, error) {
			asked = o
			return &calibrate.Measured{Costs: machine.DefaultCosts(), Disturbed: disturbed}, nil
		}
	}
	const note = "note: others used the CPUs during sleeps, messages, and costs came out too high: calibrate again when they have left\n"
	for _, c := range []struct {
		disturbed []string
		args      []string
		patience  time.Duration
		note      string
	}{
		{nil, nil, 30 * time.Second, ""},
		{[]string{"sleeps", "messages"}, []string{"--patience=0"}, 0, note},
		{nil, []string{"--patience", "2m"}, 2 * time.Minute, ""},
	} {
		got := measured(find(c.disturbed...), c.args...)
		if got.status != 0 || got.stderr != c.note || asked.Patience != c.patience || asked.CPUTime == nil {
			t.Errorf("%v: patience %v, %+v", c.args, asked.Patience, got)
		}
		// Whoever uses the costs is told, too.
		got = fibsim("run", "testdata/tiny.yaml", "--sim", "--no-baseline", "--set", "machine.costs=host")
		const told = "note: costs host came out too high: others used the CPUs during sleeps, messages; measure them again when they have left, with `fibsim calibrate`\n"
		if got.status != 0 || strings.Count(got.stderr, told) != len(c.disturbed)/2 {
			t.Errorf("%v: %+v", c.disturbed, got)
		}
	}
	if got := measured(find(), "--patience=-1s"); got.status != 2 || !strings.Contains(got.stderr, "--patience: must be 0 or more, got -1s") {
		t.Errorf("%+v", got)
	}
}

// measured calibrates by measurements of the test's own.
func measured(measure func(context.Context, calibrate.Options) (*calibrate.Measured, error), args ...string) output {
	var stdout, stderr strings.Builder
	a := &app{args: append([]string{"calibrate"}, args...), stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, cpuTime: unknownTime, measureHost: measure}
	return output{a.run(context.Background()), stdout.String(), stderr.String()}
}
