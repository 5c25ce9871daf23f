package main

import (
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/session"
)

// The timelines of all backends stand below the table and show the same stretch.
func TestTimeline(t *testing.T) {
	race.SkipComputing(t)
	got := fibsim("run", "testdata/tiny.yaml", "--sim", "--no-baseline", "--timeline", "--repeat", "2")
	if got.status != 0 {
		t.Fatalf("status %d\n%s", got.status, got.stderr)
	}
	_, pictures, found := strings.Cut(got.stdout, "\nsim_gil: 40.0 ms from ")
	if !found {
		t.Fatalf("no picture of sim_gil:\n%s", got.stdout)
	}
	withLock, withoutLock, found := strings.Cut(pictures, "\nsim_native: 40.0 ms from ")
	if !found || strings.Count(got.stdout, " from ") != 2 {
		t.Fatalf("not one picture of each backend:\n%s", got.stdout)
	}
	first, _, _ := strings.Cut(withLock, "\n")
	second, _, _ := strings.Cut(withoutLock, "\n")
	if first != second || !strings.HasSuffix(first, "after the warm-up") {
		t.Errorf("they show %q and %q", first, second)
	}
	for picture, wants := range map[string][]string{
		withLock:    {"\nholder ", "\ncrunch-0 ", "\nquick-1 ", "\nserver-", "run", "wait_gil", "a column is "},
		withoutLock: {"\ncrunch-0 ", "\nquick-0 ", "run", "sleep"},
	} {
		for _, want := range wants {
			if !strings.Contains(picture, want) {
				t.Errorf("no %q in\n%s", want, picture)
			}
		}
	}
	if strings.Contains(withoutLock, "holder") {
		t.Errorf("somebody holds what is not there:\n%s", withoutLock)
	}
}

// A window is cut where the last run ends, and is refused where no run can be.
func TestWindow(t *testing.T) {
	got := fibsim("run", "testdata/tiny.yaml", "--sim", "--no-baseline", "--timeline", "--window", "900000s@10ms")
	if got.status != 0 || !strings.Contains(got.stdout, " ms from 10.0 ms\n") {
		t.Errorf("status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
	for text, want := range map[string]string{
		"2000000s": "length and beginning must be at most 1000000s\n", "5h": `the length has the unknown unit "h" in 5h: must be ns, us, ms or s` + "\n",
		"NaN": `the length must be a number with ns, us, ms or s, got "NaN"` + "\n",
	} {
		got := fibsim("run", "testdata/tiny.yaml", "--sim", "--timeline", "--window", text)
		if got != (output{2, "", "fibsim: --window " + text + ": " + want}) {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

// Where standard output carries samples the pictures go where the table goes. A
// stretch that was asked for is shown, of what backends tell.
func TestTimelineOfAStretch(t *testing.T) {
	backends := []session.Backend{
		&fake{name: "gil", log: &trace.Log{Threads: []trace.Thread{{Group: "one"}}, Events: []trace.Event{
			{Kind: trace.StateChange, Arg: int64(trace.Run)}, {Kind: trace.StateChange, Arg: int64(trace.Done), Time: 1e9},
		}}},
		&fake{name: "python_3_11"},
	}
	got := with(background, backends, "run", write(t, tiny), "--no-baseline", "--timeline", "--window", "2ms@0.5s", "--csv", "-")
	if strings.Contains(got.stdout, "gil: ") {
		t.Errorf("among the samples: %s", got.stdout)
	}
	for _, want := range []string{
		"\ngil: 2.00 ms from 500 ms\n", "\none-0    a  ████", "\npython_3_11: no timeline: it does not tell what its threads do when\n",
	} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("no %q in %s", want, got.stderr)
		}
	}
}

func TestParseWindow(t *testing.T) {
	for text, want := range map[string]window{
		"40ms@1s":     {length: 40e6, start: 1e9, started: true},
		"1.5us@0s":    {length: 1500, started: true},
		"40ms":        {length: 40e6},
		"250ms@300us": {length: 250e6, start: 300e3, started: true},
	} {
		if got, err := parseWindow("--window", text); got != want || err != nil {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
}
