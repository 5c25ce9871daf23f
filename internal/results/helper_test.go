package results

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// window is 1 ms of warm-up and 10 ms of measurement.
var window = trace.Window{Start: 1_000_000, End: 11_000_000}

var program = &workloads.Program{
	Name:        "demo",
	Interpreter: workloads.Interpreter{Lock: "cpython-3"},
	Threads:     []workloads.Group{{Name: "crunch", Count: 1}, {Name: "quick", Count: 2}},
}

// meterOf folds samples in a window.
func meterOf(w trace.Window, samples ...trace.Sample) *trace.Meter {
	m := trace.NewMeter(w, 0, 0)
	for i := range samples {
		m.Add(&samples[i])
	}
	return m
}

// even returns n iterations of one length, one after the other from the start
// of the window.
func even(n int, length, planned int64) []trace.Sample {
	var out []trace.Sample
	for i := range int64(n) {
		start := window.Start + i*length
		out = append(out, trace.Sample{
			Seq: i, Intended: start, Start: start, End: start + length, Planned: planned,
			Run: length - planned, Blocked: planned,
		})
	}
	return out
}

// gilReport is what a backend with a lock reports of one group.
func gilReport(group string, workers ...*trace.Meter) *trace.Report {
	return &trace.Report{
		Window: window, States: true, Lock: true,
		Groups: []trace.GroupReport{{Name: group, Workers: workers}},
	}
}

func gilRun(rep, order int) RunInfo {
	return RunInfo{Backend: "gil", Evidence: "measured", Rep: rep, Order: order, Program: program}
}

func aloneRun(group string, order int) RunInfo {
	r := gilRun(0, order)
	r.Alone = group
	return r
}

// quietHost has nothing to warn about.
var quietHost = Host{OS: "linux", CPUCount: 4, CPUs: 4}

func testConfig() Config {
	return Config{
		Scenario: "demo", Version: "test", Command: []string{"fibsim", "run", "demo"}, Seed: 1,
		Start: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Host: quietHost,
		Variants: []string{""}, Backends: []string{"gil"}, Baseline: true,
	}
}

func mustOpen(t *testing.T, c Config) *Writer {
	t.Helper()
	w, err := Create(c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func mustAdd(t *testing.T, w *Writer, info RunInfo, rep *trace.Report) {
	t.Helper()
	if err := w.Add(info, rep); err != nil {
		t.Fatal(err)
	}
}

func mustFinish(t *testing.T, w *Writer, aborted bool) *Set {
	t.Helper()
	set, err := w.Finish(aborted)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// golden compares text with a file of testdata; UPDATE=1 rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := mustRead(t, path); got != want {
		t.Errorf("%s differs\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}
