package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/results"
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

// A run during which others use the CPUs, or slow them, is made again until they do not
// or it has been often enough; on a host that is quiet, or unknown, it is not. Before each
// run it waits for such a time, which takes half a second.
func TestWatch(t *testing.T) { synctest.Test(t, testWatch) }

func testWatch(t *testing.T) {
	type watched struct {
		runs, repeated, disturbed int
		waited                    time.Duration
	}
	const sample = 5 * quietSample
	for name, c := range map[string]struct {
		unknown  bool
		cpus     func(run int) float64 // that others use during it
		slow     func(run int) bool    // the yardstick after it
		slowWait int                   // yardsticks that are slow while it waits
		want     watched
	}{
		"quiet":            {want: watched{runs: 1}},
		"some use":         {cpus: func(int) float64 { return 0.24 }, want: watched{runs: 1}},
		"busy once":        {cpus: func(run int) float64 { return float64(run % 2) }, want: watched{runs: 2, repeated: 1, waited: sample}},
		"busy but unknown": {unknown: true, cpus: func(int) float64 { return 1 }, want: watched{runs: 1}},
		"always busy":      {cpus: func(int) float64 { return 1 }, want: watched{runs: 5, repeated: 4, disturbed: 1, waited: 4 * sample}},
		"slowed once":      {slow: func(run int) bool { return run == 1 }, want: watched{runs: 2, repeated: 1, waited: sample}},
		"slow for a while": {slow: func(run int) bool { return run == 1 }, slowWait: 7, want: watched{runs: 2, repeated: 1, waited: 7*quietSample + sample}},
		"slow for ever":    {slow: func(int) bool { return true }, slowWait: 1 << 30, want: watched{runs: 2, repeated: 1, disturbed: 1, waited: waitLimit}},
	} {
		now := used{at: time.Now()}
		run := 0
		var length time.Duration
		waiting := 0
		w := &watch{
			yardstick: func() time.Duration {
				if waiting > 0 {
					waiting--
					return 13 * time.Millisecond
				}
				return length
			},
			renew: func() {},
			say:   func(string) {},
			cpuTime: func() (used, bool) {
				now.at = time.Now()
				return now, !c.unknown
			},
		}
		got := watched{}
		for again := true; again; again = w.again(t.Context(), results.RunInfo{}) {
			length = 10 * time.Millisecond
			if err := w.before(t.Context(), results.RunInfo{}); err != nil {
				t.Fatal(err)
			}
			got.runs++
			run++
			time.Sleep(time.Second)
			now.all, now.own = now.all+time.Second, now.own+time.Second
			if c.cpus != nil {
				now.all += time.Duration(c.cpus(run) * float64(time.Second))
			}
			if c.slow != nil && c.slow(run) {
				length, waiting = 13*time.Millisecond, 2+c.slowWait
			}
		}
		got.waited = w.waited
		got.repeated, got.disturbed = w.takeCounts()
		if got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// The host is taken for as fast as it was when it was first looked at, until it turns out to
// be faster; the runs of a session before that are of no use then.
func TestWatchRenews(t *testing.T) { synctest.Test(t, testWatchRenews) }

func testWatchRenews(t *testing.T) {
	renewals := 0
	var length time.Duration
	w := &watch{
		yardstick: func() time.Duration { return length },
		renew:     func() { renewals++ },
		say:       func(string) {},
		cpuTime:   unknownTime,
	}
	for i, c := range []struct {
		order    int
		length   time.Duration
		renewals int
		stale    bool
	}{
		{1, 1400, 1, false},
		{2, 1300, 1, false}, // a spread that says nothing
		{3, 1000, 2, true},
		{1, 1000, 2, false},
		{2, 700, 3, true},
		{1, 500, 4, false}, // nothing was measured before
	} {
		length = c.length
		err := w.before(t.Context(), results.RunInfo{Order: c.order})
		if stale := w.takeStale(); err != nil || renewals != c.renewals || stale != c.stale {
			t.Errorf("%d: %d renewals, stale %t, %v", i, renewals, stale, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.before(ended, results.RunInfo{}); err == nil {
		t.Error("an interrupt did not end it")
	}
}

// What this process computes is not what others do.
func TestOthers(t *testing.T) {
	from, known := cpuTime()
	if known != (runtime.GOOS == "linux") {
		t.Fatalf("known: %t", known)
	}
	if _, err := os.Stat("/proc/stat"); err != nil {
		return
	}
	to := from
	for begin := time.Now(); to.own-from.own < 20*time.Millisecond && time.Since(begin) < 10*time.Second; {
		to, _ = cpuTime()
	}
	if own := to.own - from.own; own < 20*time.Millisecond || to.all < from.all {
		t.Errorf("from %+v to %+v", from, to)
	}
}
