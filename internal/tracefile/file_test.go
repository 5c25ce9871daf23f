package tracefile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/timeline"
	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/workloads"
)

// golden compares a text with a file of testdata; UPDATE=1 rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got\n%s", path, got)
	}
}

// script is a run that is short enough to be read: crunch is forced to hand the lock
// to quick, which hands it back.
func script() Run {
	state := func(thread int32, at int64, s trace.State) trace.Event {
		return trace.Event{Time: at, Kind: trace.StateChange, Thread: thread, Other: -1, Arg: int64(s)}
	}
	lock := func(seq, at int64, k trace.Kind, thread, other int32) trace.Event {
		return trace.Event{Seq: seq, Time: at, Kind: k, Thread: thread, Other: other}
	}
	log := &trace.Log{
		Threads: []trace.Thread{{Group: "crunch"}, {Group: "quick", Worker: 1}, {Group: "never"}},
		Events: []trace.Event{
			lock(1, 0, trace.Take, 0, -1), state(0, 0, trace.Run), state(1, 0, trace.Sleep),
			state(1, 1000, trace.WaitGIL), lock(2, 1000, trace.Ask, 1, 0),
			lock(3, 6000, trace.TimedOut, 1, -1), lock(4, 6000, trace.Request, 1, 0),
			lock(5, 6100, trace.Forced, 0, -1), state(0, 6100, trace.WaitGIL),
			lock(6, 6200, trace.Take, 1, 0), state(1, 6200, trace.Run),
			lock(7, 7000, trace.Release, 1, -1), state(1, 7000, trace.IO),
			lock(8, 7050, trace.Take, 0, 1), state(0, 7050, trace.Run),
			lock(9, 8000, trace.Request, -1, 0),
			state(1, 9000, trace.Done), state(0, 9000, trace.Done),
		},
	}
	return Run{
		Backend: "gil", Evidence: "measured", Lock: "cpython-3", Rep: 1,
		Window: trace.Window{Start: 500, End: 8500}, Line: timeline.Of(log),
		Workers: []Worker{
			{Group: "crunch", Rows: []*trace.Sample{{Seq: 0, Intended: 0, Start: 0, End: 4000}, {Seq: 1, Intended: 4000, Start: 4000, End: 9000}}},
			{Group: "quick", Number: 1, Rows: []*trace.Sample{{Intended: 0, Start: 0, End: 7000, Planned: 1000}}},
			{Group: "web", Client: true, Rows: []*trace.Sample{{Seq: 3, Intended: 100, Start: 200, End: 300, Err: `connection "lost"`}}},
		},
	}
}

func options(runs int) Options {
	return Options{Scenario: "demo", Hash: "0123", Seed: 1<<64 - 1, Version: "test", Most: MostEvents, Runs: runs}
}

// write writes runs into a file of that name, and returns its path.
func write(t *testing.T, name string, o Options, runs ...Run) (string, *File) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := Create(path, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		if err := f.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path, f
}

// predicted returns what two backends predict of a part of a scenario.
func predicted(t *testing.T, name string) []Run {
	t.Helper()
	var runs []Run
	for i, b := range []*predict.Backend{predict.NewGIL(), predict.NewNative()} {
		report, p := run(t, name, b)
		r := Run{
			Backend: b.Name(), Evidence: b.Evidence(), Rep: 1, Rank: i, Window: report.Window,
			Line: timeline.Of(report.Log), Workers: Workers(report),
		}
		if report.Lock {
			r.Lock = p.Interpreter.Lock
		}
		runs = append(runs, r)
	}
	return runs
}

// loops is a scenario with both kinds of event loops next to a thread that computes.
const loops = `
version: 1
name: loops
threads:
  - {name: hog, body: [{fib: 18}, {sleep: 2ms}]}
tasks:
  - {name: step, kind: asyncio, body: [{fib: 18}, {yield: 1}, {fib: 16}, {sleep: 3ms}]}
  - {name: tick, kind: asyncio, count: 2, body: [{sleep: {exponential: 5ms}}, {fib: 10}, {sleep: 0ms}]}
  - {name: ask, kind: asyncio, body: [{submit: {pool: workers, body: [{fib: 15}]}}]}
  - {name: turn, kind: yield, count: 2, body: [{fib: 16}, {yield: 2}]}
pools: {workers: {workers: 1}}
`

// scenarioNamed returns a scenario of the program, or loops.
func scenarioNamed(t *testing.T, name string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Parse("loops", []byte(loops))
	if name != "loops" {
		s, err = scenarios.Find(name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func run(t *testing.T, name string, b session.Backend) (*trace.Report, *workloads.Program) {
	t.Helper()
	s := scenarioNamed(t, name)
	p := *s.Variants[0].Program
	p.Warmup, p.Duration = 20*time.Millisecond, 100*time.Millisecond
	report, err := b.Run(context.Background(), &p, session.Options{Events: true, Rep: 1})
	if err != nil {
		t.Fatal(err)
	}
	return report, &p
}

// The whole of a short trace, as a viewer has it, and as it stands in JSON.
func TestScript(t *testing.T) {
	path, _ := write(t, "x.pftrace", options(1), script())
	v := viewPerfetto(t, path)
	golden(t, "script.txt", strings.Join(v.tracks, "\n")+"\n\n"+strings.Join(v.lines(), "\n")+"\n")
	path, _ = write(t, "x.json", options(1), script())
	golden(t, "script.json", string(contentOf(t, path)))
}

// Both formats show the same: they come from one walk.
func TestFormatsShowTheSame(t *testing.T) {
	for _, name := range []string{"mixed", "server-mixed", "old-lock", "loops"} {
		runs := predicted(t, name)
		a, _ := write(t, "x.pftrace", options(2), runs...)
		b, _ := write(t, "x.json.gz", options(2), runs...)
		x, y := viewPerfetto(t, a), viewChrome(t, b)
		if xs, ys := x.lines(), y.lines(); !slices.Equal(xs, ys) {
			t.Errorf("%s: %d against %d; the first that differ: %s", name, len(xs), len(ys), firstDifference(xs, ys))
		}
		if len(x.flows) != len(y.flows) {
			t.Errorf("%s: %d arrows against %d", name, len(x.flows), len(y.flows))
		}
	}
}

func firstDifference(a, b []string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return a[i] + " and " + b[i]
		}
	}
	return "the ends"
}

// Each arrow begins once and ends once, at a later slice of another thread's lane,
// and there is one for every hand-off between threads that run.
func TestArrows(t *testing.T) {
	runs := predicted(t, "mixed")
	for _, name := range []string{"x.pftrace", "x.json"} {
		path, _ := write(t, name, options(2), runs...)
		view := viewPerfetto
		if name == "x.json" {
			view = viewChrome
		}
		v := view(t, path)
		if len(v.flows) == 0 || len(v.flows) > len(runs[0].Line.Handoffs) {
			t.Fatalf("%s: %d arrows for %d hand-offs", name, len(v.flows), len(runs[0].Line.Handoffs))
		}
		if less := len(runs[0].Line.Handoffs) - len(v.flows); less > len(v.flows)/10 {
			t.Errorf("%s: %d hand-offs have no arrow", name, less)
		}
		for id, ends := range v.flows {
			if len(ends) != 2 {
				t.Fatalf("%s: arrow %d has %d ends", name, id, len(ends))
			}
			a, b := v.shown[ends[0]], v.shown[ends[1]]
			if a.start > b.start {
				a, b = b, a
			}
			if a.kind != "slice" || a.name != "run" || b.name != "run" || a.track == b.track || a.start >= b.start || a.end > b.start {
				t.Errorf("%s: arrow %d goes from %v to %v", name, id, a, b)
			}
		}
	}
}

// A lane has the spans of its thread, the holder's lane its holds.
func TestLanesAreThoseOfTheTimeline(t *testing.T) {
	runs := predicted(t, "server-mixed")
	path, _ := write(t, "x.pftrace", options(2), runs...)
	got := map[string]int64{}
	for _, s := range viewPerfetto(t, path).shown {
		if s.kind == "slice" {
			got[s.root+s.track+s.name] += s.end - s.start
		}
	}
	for i := range runs {
		r := &runs[i]
		root := rootName("demo", r)
		for k, lane := range r.Line.Lanes {
			sum := map[string]int64{}
			for _, s := range lane {
				sum[s.State.String()] += s.End - s.Start
			}
			for state, want := range sum {
				if name := workerName(r.Line.Threads[k]); got[root+name+state] != want {
					t.Errorf("%s: %s is in %s for %d, in the trace %d", root, name, state, want, got[root+name+state])
				}
			}
		}
		held := map[string]int64{}
		for _, h := range r.Line.Holds {
			held[workerName(r.Line.Threads[h.Thread])] += h.End - h.Start
		}
		for name, want := range held {
			if got[root+"holder"+name] != want {
				t.Errorf("%s: %s has the lock for %d, in the trace %d", root, name, want, got[root+"holder"+name])
			}
		}
	}
}

// The track of a task has the spans of its lane, and those in which it is behind others
// name one of them.
func TestTasksAreThoseOfTheTimeline(t *testing.T) {
	runs := predicted(t, "loops")
	path, _ := write(t, "x.pftrace", options(2), runs...)
	got, behind := map[string]int64{}, 0
	v := viewPerfetto(t, path)
	for _, s := range v.shown {
		if s.kind != "slice" {
			continue
		}
		got[s.root+s.track+s.name] += s.end - s.start
		if s.name == "behind" {
			var who string
			var turns int
			if n, _ := fmt.Sscanf(s.args, " behind=%s turns=%d", &who, &turns); n == 2 {
				behind++
				if group, _, _ := strings.Cut(who, "-"); turns < 1 || !slices.Contains([]string{"step", "tick", "ask", "turn"}, group) || strings.HasSuffix(s.track, who) {
					t.Errorf("%v", s)
				}
			}
		}
	}
	if behind < 20 {
		t.Errorf("%d slices name whom a task was behind", behind)
	}
	for i := range runs {
		r := &runs[i]
		root := rootName("demo", r)
		for k, lane := range r.Line.TaskLanes {
			sum := map[string]int64{}
			for _, s := range lane {
				sum[s.State.String()] += s.End - s.Start
			}
			name := workerName(r.Line.Tasks[k])
			if sum["behind"] == 0 || !slices.ContainsFunc(v.tracks, func(t string) bool { return strings.HasPrefix(t, root+" / tasks / "+name+" #") }) {
				t.Errorf("%s: %s, %v, has no track", root, name, sum)
			}
			for state, want := range sum {
				if got[root+name+state] != want {
					t.Errorf("%s: %s is in %s for %d, in the trace %d", root, name, state, want, got[root+name+state])
				}
			}
		}
	}
}

// Of very many tasks each group shows its first ones, and the file and the caller are
// told of the others; tasks that never began have no track.
func TestManyTasks(t *testing.T) {
	r := script()
	for i := range 2 * mostTasks {
		r.Line.Tasks = append(r.Line.Tasks, trace.Thread{Group: []string{"many", "late"}[i%2], Worker: i / 2})
		lane := []timeline.TaskSpan{{Span: timeline.Span{Start: 100, End: 200, State: trace.Run}}}
		if i%2 == 1 && i > 10 {
			lane = nil
		}
		r.Line.TaskLanes = append(r.Line.TaskLanes, lane)
	}
	path, f := write(t, "x.pftrace", options(1), r)
	v := viewPerfetto(t, path)
	groups, about := map[string]int{}, ""
	for _, s := range v.shown {
		group, _, _ := strings.Cut(s.track, "-")
		groups[group]++
		if s.name == "about this run" {
			about = s.args
		}
	}
	if groups["many"] != mostTasks-5 || groups["late"] != 5 || !strings.HasSuffix(about, " tasks_left_out=5") {
		t.Errorf("%v of %d; %s", groups, mostTasks, about)
	}
	if w := f.Warnings(); len(w) != 1 || w[0].Code != "trace-tasks" || !strings.Contains(w[0].Message, "100 of 105 tasks of gil") {
		t.Errorf("warned of %v", w)
	}
}

// A run with more events than there is room for is cut at a time, and what is left out
// is counted, in the file and for the caller.
func TestCap(t *testing.T) {
	runs := predicted(t, "mixed")
	total := runs[0].count(0, runs[0].end())
	o := options(2)
	o.Most = 2 * 150
	path, f := write(t, "x.pftrace", o, runs...)
	v := viewPerfetto(t, path)
	if shown := f.Events(); shown > o.Most+20 || shown < o.Most/2 {
		t.Errorf("%d events, of at most %d", shown, o.Most)
	}
	if w := f.Warnings(); len(w) == 0 || w[0].Code != "trace-capped" || !strings.Contains(w[0].Message, "sim_gil") {
		t.Fatalf("warned of %v", w)
	}
	about := ""
	for _, s := range v.shown {
		if s.name == "about this run" && strings.Contains(s.root, "sim_gil") {
			about = s.args
		}
	}
	var cut, left int64
	if _, rest, found := strings.Cut(about, " capped_at_ns="); !found {
		t.Fatalf("the trace does not say that it is capped: %s", about)
	} else if _, err := fmt.Sscanf(rest, "%d events_left_out=%d", &cut, &left); err != nil {
		t.Fatal(err)
	}
	if kept := runs[0].count(0, cut); kept+left < total || kept > 150 {
		t.Errorf("%d kept and %d left out of %d", kept, left, total)
	}
}

// A window shows what lies in it, clipped.
func TestWindow(t *testing.T) {
	o := options(1)
	o.Window = trace.Window{Start: 2000, End: 6150}
	path, _ := write(t, "x.pftrace", o, script())
	v := viewPerfetto(t, path)
	for _, s := range v.shown {
		if s.start < 2000 || s.end > 6150 {
			t.Errorf("%v lies outside", s)
		}
	}
	if want := "demo · gil · measured | quick-1 | slice wait_gil 2000-6150"; !slices.Contains(v.lines(), want) {
		t.Errorf("no %q in %v", want, v.lines())
	}
	if len(v.flows) != 0 {
		t.Errorf("%d arrows lead outside", len(v.flows))
	}
	o.Window = trace.Window{Start: 20_000, End: 30_000}
	_, f := write(t, "x.pftrace", o, script())
	if w := f.Warnings(); len(w) != 1 || w[0].Code != "trace-empty" {
		t.Errorf("after the end: %v", w)
	}
}

// A backend that does not tell states still has its iterations.
func TestRunWithoutStates(t *testing.T) {
	r := script()
	r.Line = nil
	path, _ := write(t, "x.pftrace", options(1), r)
	v := viewPerfetto(t, path)
	if want := "demo · gil · measured | crunch-0 | slice iteration 4000-9000 seq=1"; !slices.Contains(v.lines(), want) {
		t.Errorf("no %q in %v", want, v.lines())
	}
}

// Paths that cannot be used fail at once.
func TestCreateFails(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "x.txt"), filepath.Join(dir, "no", "x.json"), filepath.Join(dir, ".gz"), "x\x00.json"} {
		var output *results.OutputError
		if _, err := Create(path, options(1)); !errors.As(err, &output) {
			t.Errorf("%s: got %v", path, err)
		}
	}
}

// A directory gives the trace of the run that wrote it.
func TestFromDir(t *testing.T) {
	for _, name := range []string{"server-mixed", "loops"} {
		t.Run(name, func(t *testing.T) { fromDir(t, name) })
	}
}

func fromDir(t *testing.T, name string) {
	dir := filepath.Join(t.TempDir(), "out")
	s := scenarioNamed(t, name)
	w, err := results.Create(results.Config{
		Scenario: "demo", Variants: []string{""}, Backends: []string{"sim_gil", "sim_native"}, Dir: dir, States: true, Tasks: name == "loops",
		Effective: s.EffectiveMap(), Seed: 1<<64 - 1, Version: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	live := predicted(t, name)
	for _, b := range []*predict.Backend{predict.NewGIL(), predict.NewNative()} {
		report, p := run(t, name, b)
		info := results.RunInfo{Backend: b.Name(), Evidence: b.Evidence(), Rep: 2, Program: p}
		if err := w.Add(info, report); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Finish(false); err != nil {
		t.Fatal(err)
	}
	d, err := results.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if runs, err := FromDir(d, 1); err != nil || len(runs) > 0 {
		t.Errorf("repetition 1, which was not made: %d runs, %v", len(runs), err)
	}
	runs, err := FromDir(d, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i := range live {
		live[i].Rep = 2
	}
	o := OptionsOf(d)
	if o.Scenario != name || o.Hash != Hash(s.EffectiveMap()) || o.Seed != 1<<64-1 || o.Version != "test" {
		t.Errorf("got %+v", o)
	}
	for i := range live {
		// The run was shorter than the scenario says.
		live[i].Window, runs[i].Window = trace.Window{}, trace.Window{}
	}
	a, _ := write(t, "a.pftrace", options(2), live...)
	b, _ := write(t, "b.pftrace", options(2), runs...)
	if x, y := viewPerfetto(t, a).lines(), viewPerfetto(t, b).lines(); !slices.Equal(x, y) {
		t.Errorf("%d against %d; the first that differ: %s", len(x), len(y), firstDifference(x, y))
	}
}
