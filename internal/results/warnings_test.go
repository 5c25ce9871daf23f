package results

import (
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

func codes(set *Set) string {
	var out []string
	for _, w := range set.Run.Warnings {
		out = append(out, w.Code)
		if w.Hint == "" || w.Message == "" {
			out = append(out, "(incomplete)")
		}
	}
	return strings.Join(out, " ")
}

func TestHostWarnings(t *testing.T) {
	for name, c := range map[string]struct {
		host     Host
		baseline bool
		want     string
	}{
		"nothing to say": {quietHost, true, ""},
		"one CPU":        {Host{CPUs: 1}, true, "one-cpu"},
		"a tight quota":  {Host{CPUs: 4, CPUQuota: 1.5}, true, "cpu-quota"},
		"a wide quota":   {Host{CPUs: 4, CPUQuota: 2}, true, ""},
		"a busy host":    {Host{CPUs: 4, Load1: 1.01}, true, "busy-host"},
		"no baseline":    {quietHost, false, "no-baseline"},
	} {
		config := testConfig()
		config.Host, config.Baseline = c.host, c.baseline
		if got := codes(mustFinish(t, mustOpen(t, config), false)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// What is known before anything runs comes first, and once.
func TestEarlyWarnings(t *testing.T) {
	config := testConfig()
	left := trace.Warning{Code: "no-python", Message: "python is left out", Hint: "install it"}
	config.Host, config.Warnings = Host{CPUs: 1}, []trace.Warning{left, left}
	if got := codes(mustFinish(t, mustOpen(t, config), false)); got != "no-python one-cpu" {
		t.Errorf("got %q", got)
	}
}

// halves returns n iterations in each half of the window.
func halves(n int, first, second int64) []trace.Sample {
	var out []trace.Sample
	for i := range 2 * n {
		start, length := window.Start+int64(i), first
		if i >= n {
			start, length = window.End-int64(2*n-i), second
		}
		out = append(out, trace.Sample{Seq: int64(i), Intended: start, Start: start, End: start + length})
	}
	return out
}

func TestRunWarnings(t *testing.T) {
	const us, ms = 1_000, 1_000_000
	failed := trace.Sample{Intended: window.Start, Start: window.Start, End: window.Start + 1, Err: "reset"}
	thinned := trace.NewMeter(window, 0, 2)
	for _, s := range even(20, 1000, 0) {
		thinned.Add(&s)
	}
	asked := trace.NewMeter(window, 4, 0)
	everyFourth := gilRun(1, 1)
	everyFourth.Program = &workloads.Program{Threads: []workloads.Group{{Name: "crunch", Count: 1, Samples: 4}}}
	for name, c := range map[string]struct {
		info  RunInfo
		meter *trace.Meter
		want  string
	}{
		"steady":                      {gilRun(1, 1), meterOf(window, halves(30, ms, ms)...), ""},
		"drift":                       {gilRun(1, 1), meterOf(window, halves(30, ms, 2*ms)...), "drift"},
		"drift downwards":             {gilRun(1, 1), meterOf(window, halves(30, 2*ms, ms)...), "drift"},
		"drift of microseconds":       {gilRun(1, 1), meterOf(window, halves(30, 10*us, 90*us)...), ""},
		"too few to tell a drift":     {gilRun(1, 1), meterOf(window, halves(29, ms, 2*ms)...), ""},
		"a failed iteration":          {gilRun(1, 1), meterOf(window, failed), "failed-iterations"},
		"thinned by force":            {gilRun(1, 1), thinned, "samples-thinned"},
		"thinned as asked":            {everyFourth, asked, ""},
		"nothing finished alone":      {aloneRun("crunch", 1), meterOf(window), "empty-baseline"},
		"nothing finished in a whole": {gilRun(1, 1), meterOf(window), ""},
	} {
		config := testConfig()
		config.CSV, config.Stdout = "-", &strings.Builder{}
		w := mustOpen(t, config)
		mustAdd(t, w, c.info, gilReport("crunch", c.meter))
		if got := codes(mustFinish(t, w, false)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// A warning of a backend that comes with every run is shown once.
func TestEqualWarningsAreMerged(t *testing.T) {
	w := mustOpen(t, testConfig())
	rep := gilReport("crunch", meterOf(window))
	rep.Warnings = []trace.Warning{{Code: "lag", Message: "1 ms", Hint: "h"}}
	mustAdd(t, w, gilRun(1, 1), rep)
	mustAdd(t, w, gilRun(2, 2), rep)
	rep.Warnings = []trace.Warning{{Code: "lag", Message: "2 ms", Hint: "h"}}
	mustAdd(t, w, gilRun(3, 3), rep)
	if got := codes(mustFinish(t, w, false)); got != "lag lag" {
		t.Errorf("got %q", got)
	}
}

// Repetitions that disagree are worth a warning; one odd one among many is not.
func TestSpreadOfRepetitions(t *testing.T) {
	for name, c := range map[string]struct {
		means []int64
		want  string
	}{
		"equal":      {[]int64{100_000, 101_000, 99_000}, ""},
		"two modes":  {[]int64{10_000, 300_000, 10_000, 300_000}, "repetitions-differ"},
		"one odd":    {[]int64{100_000, 101_000, 99_000, 100_500, 400_000}, ""},
		"two repeat": {[]int64{10_000, 300_000}, ""},
	} {
		w := mustOpen(t, testConfig())
		for i, m := range c.means {
			mustAdd(t, w, gilRun(i+1, i+1), gilReport("crunch", meterOf(window, even(5, m, 0)...)))
		}
		if got := codes(mustFinish(t, w, false)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
