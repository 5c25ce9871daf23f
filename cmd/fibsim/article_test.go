package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/others"
	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/workloads"
)

// Every claim of the article that the simulator can decide holds in it.
func TestArticle(t *testing.T) {
	t.Parallel()
	race.SkipComputing(t)
	got := fibsim("article", "--json")
	var found []struct {
		Name   string
		Claims []struct{ Text, Verdict, Reason string }
	}
	if err := json.Unmarshal([]byte(got.stdout), &found); err != nil || got.status != 0 {
		t.Errorf("status %d, %v, %s", got.status, err, got.stderr)
	}
	if len(found) != len(scenarios.Chapters()) {
		t.Errorf("%d chapters, want %d", len(found), len(scenarios.Chapters()))
	}
	for _, c := range found {
		for _, claim := range c.Claims {
			// What only a measured run knows is skipped, and for that reason.
			if claim.Verdict != "passed" && claim.Reason != "needs gil, which did not run" {
				t.Errorf("%s: %s: %s: %s", c.Name, claim.Text, claim.Verdict, claim.Reason)
			}
		}
		if len(c.Claims) == 0 {
			t.Errorf("%s claims nothing", c.Name)
		}
	}
}

// A chapter is shown with its figures, and a claim that does not hold is told and
// gives the status of failed claims.
func TestArticleOnScreen(t *testing.T) {
	got := fibsim("article", "--only", "5")
	if got.status != 0 || !strings.HasPrefix(got.stdout, "05-sleep-in-threads: Threads that sleep do not wait for each other\n✓ ") ||
		!strings.Contains(got.stdout, "three.sim_gil.nap.elapsed_ns = ") || !strings.Contains(got.stdout, "2 of 2 claims hold; predicted in ") {
		t.Errorf("%+v", got)
	}
	got = with(background, both(), "article", "--only", "05")
	if got.status != 0 || !strings.Contains(got.stdout, "\nno claim was checked, 2 skipped (--measured decides what no prediction can); predicted in ") {
		t.Errorf("without predictions: %+v", got)
	}
	got = with(background, both(), "article", "--only", "6", "--measured")
	if got.status != 99 || !strings.Contains(got.stdout, "✗ ") || !strings.Contains(got.stderr, " failed\n") {
		t.Errorf("against the claims: %+v", got)
	}
	if got := fibsim("article", "--patience", "-1s"); got.status != 2 || !strings.Contains(got.stderr, "0 or more") {
		t.Errorf("%+v", got)
	}
	if got := fibsim("article", "--only", "99"); got.status != 2 || !strings.Contains(got.stderr, "there are 1, ") {
		t.Errorf("%+v", got)
	}
}

// An interpreter's figures stand below the claims, which stay about gil; what it cannot
// run is left out, and it is said why.
func TestArticleBesideAnInterpreter(t *testing.T) {
	python := &interpreter{&fake{name: "python_3_99", delay: 300_000}}
	got := with(background, append(both(), python), "article", "--only", "10", "--measured", "--python")
	text := strings.Join(strings.Fields(got.stdout), " ")
	if got.status != 99 || !strings.Contains(text, " thread.python_3_99.asker.latency_mean_ns = 300 µs process on python_3_99 is left out: it has no pools ") ||
		strings.Contains(text, "process.python_3_99.asker") {
		t.Errorf("%+v", got)
	}
	if len(python.paces) != 1 {
		t.Errorf("the interpreter made %d runs", len(python.paces))
	}
	var found []chapter
	got = with(background, append(both(), python), "article", "--only", "10", "--measured", "--python", "--json")
	if err := json.Unmarshal([]byte(got.stdout), &found); err != nil || len(found) != 1 || len(found[0].Python) != 1 {
		t.Fatalf("%v, %+v", err, got)
	}
	if p := found[0].Python[0]; p.Backend != "python_3_99" || len(p.Values) != 1 || p.Values[0].Name != "thread.python_3_99.asker.latency_mean_ns" ||
		len(p.LeftOut) != 1 || p.LeftOut[0].Variant != "process" {
		t.Errorf("%+v", p)
	}
	if got := fibsim("article", "--only", "16", "--measured", "--python=/nonexistent/python"); got.status != 4 || !strings.Contains(got.stderr, "/nonexistent/python") {
		t.Errorf("without the interpreter: %+v", got)
	}
}

// interpreter is a fake one without pools.
type interpreter struct{ *fake }

func (i *interpreter) Unfit(p *workloads.Program) string {
	if len(p.Pools) > 0 {
		return "it has no pools"
	}
	return ""
}

// The true interpreter runs a chapter.
func TestArticleInPython(t *testing.T) {
	t.Parallel()
	race.SkipComputing(t)
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no python3 on PATH, and the test is about its figures")
	}
	got := fibsim("article", "--only", "16", "--measured", "--python")
	if got.status != 0 && got.status != 99 || !regexp.MustCompile(`(?m)^  (python|pypy)_\w+\.five\.latency_max_ns = \d`).MatchString(got.stdout) {
		t.Errorf("%+v", got)
	}
}

// host is one that others use, in virtual time.
type host struct {
	all, own time.Duration
	unknown  bool
	length   time.Duration // of the yardstick
	renewals int
	found    int64 // costs
}

// watch returns one over the host. During tells what others do while it waits, sample by
// sample.
func (h *host) watch(during func(sample int)) *watch {
	samples := 0
	return &watch{
		yardstick: func() time.Duration { return h.length },
		renew:     func() { h.renewals++ },
		costs:     func() int64 { return h.found },
		waiting:   func(bool) {},
		patience:  time.Minute,
		cpuTime: func() (others.Used, bool) {
			if during != nil {
				during(samples)
			}
			samples++
			return others.Used{At: time.Now(), All: h.all, Own: h.own}, !h.unknown
		},
	}
}

const (
	fast = 10 * time.Millisecond
	slow = 13 * time.Millisecond
)

// A run during which others use the CPUs, or slow them, is made again until they do not
// or it has been often enough; on a host that is quiet, or unknown, it is not. Before it is
// made again they have to be quiet for half a second.
func TestWatch(t *testing.T) { synctest.Test(t, testWatch) }

func testWatch(t *testing.T) {
	type watched struct {
		runs, repeated, disturbed int
		waited                    time.Duration
	}
	const half = 5 * quietSample
	const patience = time.Minute
	once := watched{runs: 2, repeated: 1, waited: half}
	for name, c := range map[string]struct {
		unknown bool
		length  time.Duration                     // of the run; 0: a second
		cpus    func(run int) float64             // that others use during it
		before  func(run, look int) time.Duration // yardsticks before it
		after   func(run int) time.Duration       // the one after it
		want    watched
	}{
		"quiet":            {want: watched{runs: 1}},
		"some use":         {cpus: func(int) float64 { return 0.24 }, want: watched{runs: 1}},
		"busy once":        {cpus: func(run int) float64 { return float64(run % 2) }, want: once},
		"busy but unknown": {unknown: true, cpus: func(int) float64 { return 1 }, want: watched{runs: 1}},
		"always busy":      {cpus: func(int) float64 { return 1 }, want: watched{runs: 5, repeated: 4, disturbed: 1, waited: 4 * half}},
		"two ticks":        {length: 20 * time.Millisecond, cpus: func(int) float64 { return 1 }, want: watched{runs: 1}},
		"slow after it":    {after: func(run int) time.Duration { return []time.Duration{slow, fast}[run-1] }, want: once},
		"slow before it": {before: func(run, look int) time.Duration {
			if look == 1 || look == 4 {
				return slow
			}
			return fast
		}, want: watched{runs: 1, waited: 3*quietSample + half}},
		"slow up to it": {before: func(int, int) time.Duration { return slow }, after: func(int) time.Duration { return fast },
			want: watched{runs: 1, disturbed: 1, waited: patience}},
		"slow for ever": {before: func(int, int) time.Duration { return slow }, want: watched{runs: 1, disturbed: 1, waited: patience}},
	} {
		h := &host{unknown: c.unknown, length: fast}
		w := h.watch(nil)
		w.best, w.renewed = fast, fast
		looks := 0
		run := 1
		ran := false
		w.yardstick = func() time.Duration {
			looks++
			if c.before == nil || ran && c.after != nil {
				return h.length
			}
			return c.before(run, looks)
		}
		got := watched{}
		for again := true; again; again = w.again(t.Context(), results.RunInfo{}) {
			h.length, looks, ran = fast, 0, false
			if err := w.prepare(t.Context(), results.RunInfo{}); err != nil {
				t.Fatal(err)
			}
			length := cmp.Or(c.length, time.Second)
			time.Sleep(length)
			h.all, h.own = h.all+length, h.own+length
			if c.cpus != nil {
				h.all += time.Duration(c.cpus(run) * float64(length))
			}
			if c.after != nil {
				h.length = c.after(run)
			}
			got.runs++
			run++
			ran = true
		}
		got.waited = w.waited
		if got.repeated, got.disturbed = w.over(false); got != c.want || w.outdated() {
			t.Errorf("%s: got %+v, want %+v; outdated: %t", name, got, c.want, w.outdated())
		}
		if r, d := w.over(false); r != 0 || d != 0 {
			t.Errorf("%s: the next session begins with %d and %d", name, r, d)
		}
	}
}

// While it waits, others that use the CPUs begin the half second anew; an interrupt ends it.
func TestWatchWaits(t *testing.T) { synctest.Test(t, testWatchWaits) }

func testWatchWaits(t *testing.T) {
	h := &host{length: fast}
	w := h.watch(func(sample int) {
		if sample == 5 { // the end of the third
			h.all += quietSample
		}
	})
	w.untilQuiet(t.Context())
	if w.waited != 3*quietSample+5*quietSample {
		t.Errorf("it waited for %v", w.waited)
	}
	ctx, cancel := context.WithCancel(t.Context())
	w = h.watch(func(sample int) {
		if sample == 4 {
			cancel()
		}
	})
	w.attempts = 1
	if err := w.prepare(ctx, results.RunInfo{}); err == nil || w.waited > 3*quietSample {
		t.Errorf("interrupted, it waited for %v; %v", w.waited, err)
	}
	if h.length = slow; w.again(ctx, results.RunInfo{}) {
		t.Error("interrupted, a run is to be made again")
	}
}

// The host is taken for as fast as it was when it was first looked at, until it turns out to
// be faster. The runs of the session before that are of no use then, and are made again.
func TestWatchRenews(t *testing.T) { synctest.Test(t, testWatchRenews) }

func testWatchRenews(t *testing.T) {
	h := &host{}
	w := h.watch(nil)
	for i, c := range []struct {
		before, after time.Duration
		renewals      int
	}{
		{1400, 1400, 1},
		{1300, 1400, 1}, // a spread that says nothing
		{1000, 1000, 2},
		{1000, 700, 2},
	} {
		h.length = c.before
		if err := w.prepare(t.Context(), results.RunInfo{}); err != nil || h.renewals != c.renewals {
			t.Errorf("%d: %d renewals, %v", i, h.renewals, err)
		}
		h.length = c.after
		if w.again(t.Context(), results.RunInfo{}) {
			t.Errorf("%d: it is to be made again", i)
		}
		if want := []bool{false, false, true, true}[i]; w.outdated() != want {
			t.Errorf("%d: outdated: want %t", i, want)
		}
	}
	// The end of the last one has shown it, too, when nothing was left to prepare.
	over := func(repeated int, outdated bool) {
		t.Helper()
		o := w.outdated()
		if r, d := w.over(o); r != repeated || d != 0 || o != outdated {
			t.Errorf("%d repeated, %d disturbed, outdated: %t", r, d, o)
		}
	}
	w.stale = false
	over(4, true)
	if err := w.prepare(t.Context(), results.RunInfo{}); err != nil || h.renewals != 3 {
		t.Errorf("%d renewals, %v", h.renewals, err)
	}
	over(0, false)
	// And what was seen between two of them is not forgotten.
	w.again(t.Context(), results.RunInfo{})
	h.length = 500
	if err := w.prepare(t.Context(), results.RunInfo{}); err != nil || h.renewals != 4 {
		t.Errorf("%d renewals, %v", h.renewals, err)
	}
	w.again(t.Context(), results.RunInfo{})
	over(2, true)
}

// What a disturbed run has calibrated is calibrated anew, also where it is made in a slow
// moment, and nothing else is.
func TestWatchCalibratesAnew(t *testing.T) { synctest.Test(t, testWatchCalibratesAnew) }

func testWatchCalibratesAnew(t *testing.T) {
	h := &host{length: fast}
	w := h.watch(nil)
	for i, c := range []struct {
		found    int64
		after    time.Duration
		renewals int // before it
	}{
		{1, fast, 1}, {0, slow, 1}, {1, slow, 1}, {1, slow, 2}, {0, slow, 3}, {0, fast, 3},
	} {
		h.length = fast
		if err := w.prepare(t.Context(), results.RunInfo{}); err != nil || h.renewals != c.renewals {
			t.Errorf("%d: %d renewals, %v", i, h.renewals, err)
		}
		h.found += c.found
		h.length = c.after
		if again := w.again(t.Context(), results.RunInfo{}); again != (c.after == slow) {
			t.Errorf("%d: again: %t", i, again)
		}
	}
	w.spoiled = true
	w.patience = w.waited // it is at its end
	for i, c := range []struct {
		length   time.Duration
		renewals int
	}{{slow, 3}, {slow, 3}, {fast, 4}, {fast, 4}} {
		h.length = c.length
		if err := w.prepare(t.Context(), results.RunInfo{}); err != nil || h.renewals != c.renewals {
			t.Errorf("impatient, %d: %d renewals, %v", i, h.renewals, err)
		}
	}
	looks := 0
	slowAfterRenewal := func() time.Duration {
		if looks++; looks == 2 {
			return slow
		}
		return fast
	}
	w.yardstick = slowAfterRenewal
	w.spoiled = true
	for i, renewals := range []int{5, 6, 6} {
		if err := w.prepare(t.Context(), results.RunInfo{}); err != nil || h.renewals != renewals {
			t.Errorf("impatient, in a slow moment, %d: %d renewals, %v", i, h.renewals, err)
		}
	}
	looks = 0
	w.spoiled, w.patience = true, time.Minute
	if err := w.prepare(t.Context(), results.RunInfo{}); err != nil || h.renewals != 8 || w.spoiled {
		t.Errorf("%d renewals, %v", h.renewals, err)
	}
}

// A chapter during which the host turns out to be faster is made once more, and a disturbed
// run as long as there is patience; it is told how many runs were made again.
func TestArticleAgain(t *testing.T) { synctest.Test(t, testArticleAgain) }

func testArticleAgain(t *testing.T) {
	const note = "note: 05-sleep-in-threads: others used the host, or slowed it: "
	once := []time.Duration{fast, fast, slow, fast} // before the first run, after it was renewed, after that run
	notes := regexp.MustCompile(`(?m)^note: .*\n`)
	for name, c := range map[string]struct {
		patience               string
		lengths                []time.Duration // of yardsticks; the last one goes on
		runs, again, disturbed int
		note                   string
	}{
		"quiet":     {patience: "3m", lengths: []time.Duration{fast}, runs: 2},
		"faster":    {patience: "3m", lengths: []time.Duration{slow, slow, slow, slow, fast}, runs: 4, again: 2, note: note + "2 runs made again\n"},
		"patient":   {patience: "1s", lengths: once, runs: 3, again: 1, note: note + "1 run made again\n"},
		"impatient": {patience: "0s", lengths: once, runs: 2, disturbed: 1, note: note + "1 disturbed run kept\n"},
	} {
		gil := &fake{name: "gil", delay: 100_000}
		var stdout, stderr bytes.Buffer
		a := &app{args: []string{"article", "--only", "5", "--measured", "--json", "--patience", c.patience}, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr,
			cpuTime: unknownTime, renew: func() {}, costs: noCosts}
		a.open = func(context.Context, *runOptions) ([]session.Backend, []trace.Warning, error) {
			return []session.Backend{gil}, nil, nil
		}
		looks := 0
		a.yardstick = func() time.Duration {
			looks++
			return c.lengths[min(looks, len(c.lengths))-1]
		}
		a.run(t.Context())
		var found []chapter
		if err := json.Unmarshal(stdout.Bytes(), &found); err != nil || len(found) != 1 {
			t.Fatalf("%s: %v, %s", name, err, &stdout)
		}
		if len(gil.paces) != c.runs || found[0].Repeated != c.again || found[0].Disturbed != c.disturbed || strings.Join(notes.FindAllString(stderr.String(), -1), "") != c.note {
			t.Errorf("%s: %d runs, %d repeated, %d disturbed; %s", name, len(gil.paces), found[0].Repeated, found[0].Disturbed, &stderr)
		}
	}
}
