package engine

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
)

func (s Step) request() Request {
	return Request{Scenario: s.Scenario, Variant: s.Variant, Set: s.Set}
}

// brief makes the window of a request short, where it has one.
func brief(q Request, a *Answer) Request {
	if slices.ContainsFunc(a.Controls, func(c Control) bool { return c.Path == "duration" }) {
		q.Set = append(slices.Clone(q.Set), Setting{"warmup", "1ms"}, Setting{"duration", "15ms"})
	}
	return q
}

// Every step of the story, and every other scenario, can be opened: it loads and
// comes to figures and a timeline for both backends.
func TestAllStepsRun(t *testing.T) {
	names := map[string]bool{}
	steps := slices.Concat(Steps(), Others())
	if race.Enabled {
		steps = steps[:3] // one goroutine, and much to compute
	}
	for _, step := range steps {
		if names[step.Name] {
			t.Errorf("two steps are called %s", step.Name)
		}
		names[step.Name] = true
		q := step.request()
		loaded := &Answer{}
		if _, err := loaded.load(q); err != nil {
			t.Errorf("%s: %v", step.Name, err)
			continue
		}
		a := Run(context.Background(), brief(q, loaded), Watch{})
		if a.Failure != "" || len(a.Problems) > 0 {
			t.Errorf("%s: %s %v", step.Name, a.Failure, a.Problems)
			continue
		}
		d := a.Drawing
		if len(a.Backends) != 2 || a.Backends[0].Name != "sim_gil" || len(d.Roots) != 2 || d.Roots[1].Name != "sim_native" || len(a.Table.Rows) < 2 {
			t.Errorf("%s: %d backends, %d timelines, %d rows", step.Name, len(a.Backends), len(d.Roots), len(a.Table.Rows))
		}
		checkDrawing(t, step.Name, d)
	}
	a := Run(context.Background(), story[6].request(), Watch{})
	if !regexp.MustCompile(`^Under sim_gil, short takes 5\.[0-9]+ ms \(median\): [0-9]+ times as long as on sim_native`).MatchString(a.Finding) {
		t.Errorf("%s: %s", story[6].Name, a.Finding)
	}
}

// checkDrawing checks what the page relies on: that there is something to see, and that
// the intervals of each lane are sorted and do not overlap.
func checkDrawing(t *testing.T, name string, d *Drawing) {
	t.Helper()
	times, what := d.Times, d.What
	for _, r := range d.Roots {
		if r.Lanes == nil || len(r.Lanes) == 0 && !strings.HasSuffix(r.Note, "not recorded") {
			t.Errorf("%s: nothing to draw of %s", name, r.Name)
		}
		for _, l := range r.Lanes {
			starts, ends, kinds := times[:l.Count], times[l.Count:2*l.Count], len(States())
			if l.Kind == "hold" {
				kinds = len(l.Owners)
			}
			least := byte(0)
			if l.Kind == "hold" {
				least = madeTo
			}
			last := d.Start
			for i := range starts {
				if starts[i] < last || ends[i] < starts[i] || ends[i] > d.End || int(what[i]&^least) >= kinds {
					t.Fatalf("%s: %s, %s: interval %d of kind %d is from %d to %d, after %d", name, r.Name, l.Name, i, what[i], starts[i], ends[i], last)
				}
				last = ends[i]
			}
			times, what = times[2*l.Count:], what[l.Count:]
		}
	}
	if len(times)+len(what) > 0 {
		t.Errorf("%s: %d times that belong to no lane", name, len(times))
	}
}

// The story has a step for each chapter of the article but the one about memory,
// which nothing predicts, and each says in two sentences what it shows.
func TestStory(t *testing.T) {
	end := regexp.MustCompile(`[.?]( |$)`)
	told := map[string]bool{"article/11-processes-cost-memory": true}
	for _, s := range Steps() {
		told[s.Scenario] = true
		if n := len(end.FindAllString(s.Text, -1)); n != 2 || s.Title == "" || s.Look == "" {
			t.Errorf("%s: %d sentences, title %q, look %q", s.Name, n, s.Title, s.Look)
		}
		if len(s.Text) > 330 || len(s.Look) > 220 {
			t.Errorf("%s: %d and %d characters; nobody reads that much", s.Name, len(s.Text), len(s.Look))
		}
	}
	for _, chapter := range scenarios.Chapters() {
		if !told[chapter] {
			t.Errorf("no step tells %s", chapter)
		}
	}
}

// What the story says about figures is so.
func TestStoryHolds(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine, and much to compute")
	}
	at := func(name, group, backend, column string) float64 {
		i := slices.IndexFunc(story, func(s Step) bool { return s.Name == name })
		a := Run(context.Background(), story[i].request(), Watch{})
		if column == "index" {
			for _, x := range a.Table.Indexes {
				if x.Backend == backend {
					v, _ := x.Value.Value()
					return v
				}
			}
		}
		k := slices.IndexFunc(a.Table.Columns, func(c Column) bool { return c.Name == column })
		for _, r := range a.Table.Rows {
			if r.Group == group && r.Backend == backend && k >= 0 {
				v, _ := r.Figures[k].Value()
				return v
			}
		}
		t.Fatalf("%s: no %s of %s on %s: %s %v", name, column, group, backend, a.Failure, a.Problems)
		return 0
	}
	for what, holds := range map[string]bool{
		"the second client hangs":        at("hang", "second", "sim_gil", "throughput_per_s") == 0,
		"the lock favours long work":     at("long-beats-short", "", "sim_gil", "index") > 10,
		"Linux favours short work":       at("os-favours-short", "", "sim_native", "index") < 1.5,
		"with one CPU, too, the lock":    at("os-favours-short", "", "sim_gil", "index") > 10,
		"Python 2 is near 1":             at("python-2", "", "sim_gil", "index") < 2,
		"without a lock it is near 1":    at("no-lock", "", "sim_gil", "index") < 2,
		"short is fast in Linux's hands": at("os-favours-short", "short", "sim_native", "latency_p50_ns") < 0.2*at("os-favours-short", "short", "sim_gil", "latency_p50_ns"),
	} {
		if !holds {
			t.Errorf("%s: it does not", what)
		}
	}
}

// Every value that a control offers can be chosen.
func TestControlsOfferWhatLoads(t *testing.T) {
	steps := slices.Concat(Steps(), Others())
	if race.Enabled {
		steps = steps[:3] // one goroutine, and much to compute
	}
	for _, step := range steps {
		q := step.request()
		loaded := &Answer{}
		if _, err := loaded.load(q); err != nil {
			t.Fatal(step.Name, err)
		}
		for _, c := range loaded.Controls {
			if c.Kind != kindNumber && !slices.Contains(c.Values, c.Value) {
				t.Errorf("%s: %s is %s, which is none of %v", step.Name, c.Path, c.Value, c.Values)
			}
			values := c.Values
			if c.Kind == kindSteps {
				values = []string{values[0], values[len(values)-1]}
			}
			for _, v := range values {
				changed := q
				changed.Set = nil
				for _, s := range q.Set {
					if c.Drops == "" || !strings.HasPrefix(s.Path, c.Drops) {
						changed.Set = append(changed.Set, s)
					}
				}
				changed.Set = append(changed.Set, Setting{c.Path, v})
				a := &Answer{}
				if _, err := a.load(changed); err != nil {
					t.Errorf("%s: %s=%s: %v", step.Name, c.Path, v, err)
					continue
				}
				if i := slices.IndexFunc(a.Controls, func(d Control) bool { return d.Path == c.Path }); i < 0 || a.Controls[i].Value != v {
					t.Errorf("%s: %s=%s has not that effect: %+v", step.Name, c.Path, v, a.Controls)
				}
			}
		}
	}
}

const tiny = "version: 1\nname: tiny\nwarmup: 0s\nduration: 20ms\nthreads:\n  - {name: hog, body: [{spin: 2ms}]}\n"

func TestProblemsHaveTheirPlace(t *testing.T) {
	a := Run(context.Background(), Request{Text: strings.Replace(tiny, "spin: 2ms", "spin: 2", 1)}, Watch{})
	want := Problem{Line: 6, Col: 31, Key: "threads.hog.body.0.spin", Text: "mine.yaml:6:31: threads.hog.body.0.spin: needs a unit: ns, us, ms or s, got 2"}
	if len(a.Problems) != 1 || a.Problems[0] != want || a.Table != nil {
		t.Errorf("got %+v", a.Problems)
	}
	a = Run(context.Background(), Request{Text: tiny, Set: []Setting{{"threads.hgo.count", "2"}}}, Watch{})
	want = Problem{Set: "--set threads.hgo.count=2",
		Text: "--set threads.hgo.count=2: no group is named hgo; did you mean hog?"}
	if len(a.Problems) != 1 || a.Problems[0] != want {
		t.Errorf("got %+v", a.Problems)
	}
}

func TestWhatIsRefused(t *testing.T) {
	race.SkipComputing(t)
	for name, c := range map[string]struct {
		q    Request
		want string
	}{
		"no such scenario": {Request{Scenario: "mxied"}, `no scenario is named "mxied"`},
		"no such variant":  {Request{Scenario: "switch-interval", Variant: "x"}, "there is no variant x; there are fast, normal, slow"},
		"no variants":      {Request{Scenario: "mixed", Variant: "x"}, "there is no variant x: the scenario has no variants"},
		"too long a text":  {Request{Text: tiny + strings.Repeat("#", mostText)}, "at most 65536; `fibsim run` takes more"},
		"too many threads": {Request{Text: tiny, Set: []Setting{{"threads.hog.count", "1001"}}}, "have 1001 threads, tasks and connections, and the playground shows at most 1000"},
		"host costs":       {Request{Text: tiny, Set: []Setting{{"machine.costs", "host"}}}, "calibrate"},
		"python's pace":    {Request{Text: tiny, Set: []Setting{{"interpreter.pace", "python"}}}, "measured on a real interpreter"},
		"too much": {Request{Text: tiny, Set: []Setting{{"threads.hog.body.0.spin", "1ns"}, {"duration", "10s"}}},
			"Stopped after 3 million events"},
		"no path": {Request{Text: tiny, Set: []Setting{{"Threads", "2"}}}, "must be path=value"},
	} {
		if a := Run(context.Background(), c.q, Watch{}); !strings.Contains(a.Failure, c.want) {
			t.Errorf("%s: %q, %v", name, a.Failure, a.Problems)
		}
	}
}

// A scenario of the reader's own need not have the variant of the one it began as.
func TestVariantOfAnother(t *testing.T) {
	a := Run(context.Background(), Request{Text: tiny, Variant: "python3"}, Watch{})
	if a.Failure != "" || a.Variant != "" || a.Table == nil {
		t.Errorf("%q, variant %s", a.Failure, a.Variant)
	}
}

// What ends early says so, and shows nothing as if it were whole.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	runs := 0
	a := Run(ctx, Request{Text: tiny}, Watch{Progress: func(session.Progress) {
		if runs++; runs == 2 {
			cancel()
		}
	}})
	if a.Failure != "Stopped." || runs != 2 {
		t.Errorf("%q after %d runs", a.Failure, runs)
	}
}

// The picture and the figures of the program are there before its groups run alone, and
// are not touched by that; then come the slowdowns.
func TestEarlyAnswer(t *testing.T) {
	var early *Answer
	var order []string
	a := Run(context.Background(), Request{Text: tiny}, Watch{
		Progress: func(p session.Progress) {
			order = append(order, fmt.Sprintf("%d of %d %s", p.Run.Order, p.Runs, p.Run.Alone))
		},
		Early: func(e *Answer) {
			order = append(order, "early")
			early = e
		},
	})
	if got := strings.Join(order, ", "); got != "1 of 4 , 2 of 4 , early, 3 of 4 hog, 4 of 4 hog" {
		t.Errorf("the order is %s", got)
	}
	if !early.Pending || a.Pending || early.Drawing == nil || a.Drawing != nil || !reflect.DeepEqual(early.Backends, a.Backends) {
		t.Errorf("early %+v, then %+v", early, a)
	}
	if !reflect.DeepEqual(early.Table.Columns, a.Table.Columns) || len(early.Table.Rows) != len(a.Table.Rows) || len(early.Table.Rows) == 0 {
		t.Fatalf("another table: %+v, then %+v", early.Table, a.Table)
	}
	for i, row := range a.Table.Rows {
		for k, column := range a.Table.Columns {
			_, before := early.Table.Rows[i].Figures[k].Value()
			_, after := row.Figures[k].Value()
			if column.Name == slowdown && (before || !after) || column.Name != slowdown && early.Table.Rows[i].Figures[k] != row.Figures[k] {
				t.Errorf("%s of %s: %v, then %v", column.Name, row.Backend, early.Table.Rows[i].Figures[k], row.Figures[k])
			}
		}
	}
}

// The answer has the hash of what the simulator finds without the engine.
func TestHash(t *testing.T) {
	s, err := scenarios.Parse("tiny.yaml", []byte(tiny), scenarios.FlagOverride("--lock", "cpython-2"))
	if err != nil {
		t.Fatal(err)
	}
	report, err := predict.NewGIL().Run(context.Background(), s.Variants[0].Program, session.Options{Rep: 1})
	if err != nil {
		t.Fatal(err)
	}
	a := Run(context.Background(), Request{Text: tiny, Set: []Setting{{"interpreter.lock", "cpython-2"}}}, Watch{})
	for _, f := range report.Facts {
		if f.Name == "event_hash" && f.Value != a.Backends[0].Hash || f.Name == "events" && f.Value != a.Backends[0].Events {
			t.Errorf("%s: %v, the engine has %+v", f.Name, f.Value, a.Backends[0])
		}
	}
	if a.Backends[0].Hash == "" || a.Backends[0].Hash == a.Backends[1].Hash {
		t.Errorf("%+v", a.Backends)
	}
}

// The page says how to predict the same from a command line: with the settings where
// that can be, or else with a file that has them all.
func TestCommand(t *testing.T) {
	for want, q := range map[string]Request{
		"fibsim run mixed --sim": {Scenario: "mixed"},
		"fibsim run mixed --sim --set machine.cpus=4 --set 'threads.crunch.body=[{fib: 3}]'": {
			Scenario: "mixed", Set: []Setting{{"machine.cpus", "4"}, {"threads.crunch.body", "[{fib: 3}]"}}},
		"fibsim run mine.yaml --sim": {Scenario: "article/17-c-code-scales", Variant: "held", Set: []Setting{{"machine.cpus", "4"}}},
	} {
		a := &Answer{}
		s, err := a.load(q)
		if err != nil || a.Command != want || (a.Effective != "") != strings.Contains(want, ownFile) {
			t.Errorf("got %s, %v; want %s", a.Command, err, want)
			continue
		}
		if a.Effective == "" {
			continue
		}
		again, err := scenarios.Parse(ownFile, []byte(a.Effective))
		if err != nil || again.Repeat != 1 || !reflect.DeepEqual(again.Variants, s.Variants) {
			t.Errorf("%s: the file is another scenario, %v", q.Scenario, err)
		}
	}
}

// The times of controls are those of the scenario, whatever its units.
func TestStepsOfDurations(t *testing.T) {
	b := &controlList{}
	b.duration("x", "", "", 1500*time.Microsecond, time.Millisecond, 10*time.Millisecond)
	if got := strings.Join(b.list[0].Values, " "); got != "1ms 1500us 2ms 5ms 10ms" || b.list[0].Value != "1500us" {
		t.Errorf("got %s", got)
	}
}

// Of very many threads the first are drawn, and the rest is named.
func TestManyLanes(t *testing.T) {
	a := Run(context.Background(), Request{Text: tiny, Set: []Setting{{"threads.hog.count", "300"}, {"interpreter.switch_interval", "50us"}}}, Watch{})
	checkDrawing(t, "many", a.Drawing)
	under := a.Drawing.Roots[0]
	if n := len(under.Lanes); n != 1+mostLanes || under.Note != "predicted; the first 100 of 300 threads" || len(under.Lanes[0].Owners) != mostLanes+1 {
		t.Errorf("%d lanes, %s", n, under.Note)
	}
}
