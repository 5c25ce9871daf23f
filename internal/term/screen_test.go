package term

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/workloads"
)

const mixed = `
version: 1
name: mixed
title: One thread crunches, short work waits
question: What happens to short work while one thread is CPU-bound?
duration: 4s
threads:
  - {name: crunch, count: 1, body: [{fib: 30}]}
  - {name: quick,  count: 2, body: [{sleep: {exponential: 25ms}}, {fib: 12}]}
expect:
  - claim: Short work waits a whole switch interval or more
    check: gil.quick.delay_p50_ns >= 0.95 * ms(5)
  - claim: The CPU-bound thread barely notices
    check: gil.crunch.latency_mean_ns < 1.01 * gil.crunch.alone.latency_mean_ns
  - claim: Go's scheduler does not do that
    check: native.quick.delay_p50_ns < 0.1 * gil.quick.delay_p50_ns
    needs: [gil, native, cpus>=2]
  - claim: Python agrees
    check: python.quick.delay_p50_ns > ms(5)
`

const us, ms = 1_000, 1_000_000

// fold returns the meter of n iterations of one length, of which the first
// tenth takes three times as long.
func fold(w trace.Window, n int, delay, planned int64, waits int64) *trace.Meter {
	m := trace.NewMeter(w, -1, 0)
	for i := range int64(n) {
		d := delay
		if i < int64(n/10) {
			d = 3 * delay
		}
		start := w.Start + i*(w.End-w.Start)/int64(n)
		m.Add(&trace.Sample{
			Seq: i, Intended: start, Start: start, End: start + planned + d, Planned: planned,
			Run: d - waits, WaitGIL: waits, Blocked: planned,
		})
	}
	return m
}

// demo makes a Set out of fixed figures: reps repetitions on the backends.
func demo(t *testing.T, variants, backends []string, reps int) *results.Set {
	t.Helper()
	text := mixed
	if variants[0] != "" {
		text += "variants: [{name: one, set: {}}, {name: two, set: {threads.crunch.count: 2}}]\n"
	}
	scenario, err := scenarios.Parse("mixed.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	w, err := results.Create(results.Config{
		Scenario: "mixed", Claims: scenario.Claims, Baseline: true,
		Host: results.Host{CPUs: 2}, Variants: variants, Backends: backends,
	})
	if err != nil {
		t.Fatal(err)
	}
	window := trace.Window{Start: 300 * ms, End: 4300 * ms}
	add := func(info results.RunInfo, lock bool, groups ...trace.GroupReport) {
		info.Evidence = "measured"
		if strings.HasPrefix(info.Backend, "sim") {
			info.Evidence = "predicted"
		}
		info.Program = &workloads.Program{Interpreter: workloads.Interpreter{Lock: "cpython-3"}}
		if err := w.Add(info, &trace.Report{Window: window, States: true, Lock: lock, Groups: groups}); err != nil {
			t.Fatal(err)
		}
	}
	group := func(name string, meters ...*trace.Meter) trace.GroupReport {
		return trace.GroupReport{Name: name, Workers: meters}
	}
	order := 0
	for _, v := range variants {
		for _, b := range backends {
			lock := strings.HasSuffix(b, "gil")
			crunch, quick, waits := int64(42*ms), int64(90*us), int64(0)
			if lock {
				crunch, quick, waits = 43*ms, 5120*us, 5000*us
			}
			add(results.RunInfo{Variant: v, Backend: b, Alone: "crunch", Order: order + 1}, lock, group("crunch", fold(window, 95, 42*ms, 0, 0)))
			add(results.RunInfo{Variant: v, Backend: b, Alone: "quick", Order: order + 2}, lock, group("quick", fold(window, 150, 88*us, 25*ms, 0)))
			order += 2
			for rep := 1; rep <= reps; rep++ {
				order++
				add(results.RunInfo{Variant: v, Backend: b, Rep: rep, Order: order}, lock,
					group("crunch", fold(window, 93, crunch+int64(rep)*ms, 0, 0)),
					group("quick", fold(window, 150, quick, 25*ms, waits), fold(window, 140, quick, 25*ms, waits)))
			}
		}
	}
	set, err := w.Finish(false)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

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
		t.Errorf("%s differs\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

func screen(set *results.Set, s Style) string {
	var b strings.Builder
	_ = Screen{
		Name: "mixed", Title: "One thread crunches, short work waits",
		Question: "What happens to short work while one thread is CPU-bound?", Set: set, Style: s,
	}.Write(&b)
	return b.String()
}

func TestScreens(t *testing.T) {
	plain := []string{""}
	for _, c := range []struct {
		name     string
		variants []string
		backends []string
		reps     int
		style    Style
	}{
		{"mixed.txt", plain, []string{"gil", "native"}, 1, Style{Width: 80}},
		{"narrow.txt", plain, []string{"gil", "native"}, 1, Style{Width: 60, ASCII: true}},
		{"wide.txt", plain, []string{"gil", "native"}, 3, Style{Width: 140}},
		{"color.txt", plain, []string{"gil", "native"}, 1, Style{Width: 80, Color: true}},
		{"variants.txt", []string{"one", "two"}, []string{"gil", "native"}, 2, Style{Width: 80}},
		{"alone.txt", plain, []string{"gil"}, 1, Style{Width: 80}},
		{"predicted.txt", plain, []string{"gil", "sim_gil", "sim_native"}, 1, Style{Width: 80}},
	} {
		text := screen(demo(t, c.variants, c.backends, c.reps), c.style)
		golden(t, c.name, text)
		if c.style.Color {
			continue
		}
		for _, l := range strings.Split(text, "\n") {
			if width(l) > c.style.Width {
				t.Errorf("%s: a line of %d columns: %s", c.name, width(l), l)
			}
			if strings.TrimRight(l, " ") != l {
				t.Errorf("%s: spaces at the end of %q", c.name, l)
			}
		}
	}
}

// Two backends fit one screen, even with a claim that failed.
func TestMixedFitsOneScreen(t *testing.T) {
	text := screen(demo(t, []string{""}, []string{"gil", "native"}, 1), Style{Width: 80})
	if n := strings.Count(text, "\n"); n > 26 {
		t.Errorf("%d lines", n)
	}
}

func TestPlainTextHasNoOtherCharacters(t *testing.T) {
	text := screen(demo(t, []string{""}, []string{"gil", "native"}, 1), Style{Width: 80, ASCII: true})
	for _, r := range text {
		if r != '\n' && (r < ' ' || r > '~') {
			t.Fatalf("%q in\n%s", r, text)
		}
	}
}

// A session that was stopped before any run had ended still shows something.
func TestEmptySet(t *testing.T) {
	w, err := results.Create(results.Config{Scenario: "mixed", Variants: []string{""}, Backends: []string{"gil"}, Baseline: true})
	if err != nil {
		t.Fatal(err)
	}
	set, err := w.Finish(true)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "empty.txt", screen(set, Style{Width: 80}))
}

// The verdicts alone are the same lines as at the end of the screen.
func TestClaimsAlone(t *testing.T) {
	screen := Screen{Name: "mixed", Set: demo(t, []string{""}, []string{"gil", "native"}, 1), Style: Style{Width: 80}}
	var all, claims strings.Builder
	if err := errors.Join(screen.Write(&all), screen.WriteClaims(&claims)); err != nil {
		t.Fatal(err)
	}
	if got := claims.String(); !strings.HasPrefix(got, "✓ Short work") || !strings.HasSuffix(all.String(), "\n\n"+got) {
		t.Errorf("got %s", got)
	}
}
