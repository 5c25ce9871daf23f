package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fibsim/fibsim/internal/race"
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

// A chapter during which others use the CPUs, or slow them, is measured again, until they
// do not or it has been often enough; on a host that is quiet, or unknown, it is not.
func TestMeasuredAgain(t *testing.T) { synctest.Test(t, testMeasuredAgain) }

func testMeasuredAgain(t *testing.T) {
	for name, c := range map[string]struct {
		busy, known bool
		slow        int // moments of four at which the host is slow
		quiet       int // run in which others leave the CPUs alone; 0: none
		want        int
		why         string
	}{
		"busy":              {busy: true, known: true, quiet: 2, want: 2, why: "others used 1.0 CPUs"},
		"always busy":       {busy: true, known: true, want: 1 + mostRepeats, why: "others used 1.0 CPUs"},
		"quiet":             {known: true, want: 1},
		"unknown":           {busy: true, want: 1},
		"slow":              {slow: 2, quiet: 2, want: 2, why: "others slowed the host 50 % of the time"},
		"always slow":       {slow: 1, known: true, want: 1 + mostRepeats, why: "others slowed the host 25 % of the time"},
		"slow for a moment": {slow: 1, quiet: 1, want: 1},
	} {
		var stderr bytes.Buffer
		runs := 0
		now := used{at: time.Now()}
		measured := false
		slow := 0 // moments to come
		near := &neighbours{yardstick: func() time.Duration {
			if slow > 0 {
				slow--
				return 13 * time.Millisecond
			}
			return 10 * time.Millisecond
		}}
		a := &app{stderr: &stderr, cpuTime: func() (used, bool) {
			now.at, now.all, now.own = now.at.Add(time.Second), now.all+time.Second, now.own+time.Second
			if c.busy && measured && runs != c.quiet {
				now.all += time.Second
			}
			measured = false
			return now, c.known
		}}
		near.moment()
		times, err := a.repeats(t.Context(), "chapter", near, func() error {
			measured = true
			runs++
			if runs != c.quiet {
				slow = c.slow
			}
			for range 3 {
				near.moment()
			}
			return nil
		})
		if err != nil || runs != c.want || times != runs || strings.Count(stderr.String(), "\n") != c.want-1 ||
			strings.Count(stderr.String(), "chapter is measured again: "+c.why+"\n") != c.want-1 {
			t.Errorf("%s: %d runs, %d times, %v, %s", name, runs, times, err, &stderr)
		}
	}
	broken := errors.New("broken")
	a := &app{cpuTime: func() (used, bool) { return used{}, true }}
	near := &neighbours{yardstick: func() time.Duration { return time.Millisecond }}
	if _, err := a.repeats(t.Context(), "chapter", near, func() error { return broken }); err != broken {
		t.Errorf("got %v", err)
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
