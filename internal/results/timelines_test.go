package results_test

import (
	"context"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace/timeline"
	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
)

// turns is a scenario with an event loop next to a thread.
const turns = `
version: 1
name: turns
threads:
  - {name: hog, body: [{fib: 18}, {sleep: 2ms}]}
tasks:
  - {name: step, kind: asyncio, count: 2, body: [{fib: 18}, {yield: 1}, {fib: 16}, {sleep: 3ms}]}
  - {name: ask, kind: asyncio, body: [{submit: {pool: workers, body: [{fib: 15}]}}]}
pools: {workers: {workers: 1}}
`

// The timelines of a directory are those of the logs that it was written from.
func TestTimelinesReadWhatWasWritten(t *testing.T) {
	s, err := scenarios.Parse("turns", []byte(turns))
	if err != nil {
		t.Fatal(err)
	}
	backends := []session.Backend{predict.NewGIL(), predict.NewNative()}
	c := results.Config{
		Scenario: "turns", Variants: []string{"", "two"}, Backends: []string{"sim_gil", "sim_native"},
		Dir: filepath.Join(t.TempDir(), "out"), States: true, Tasks: true, KeepBaseline: true,
	}
	w, err := results.Create(c)
	if err != nil {
		t.Fatal(err)
	}
	var want []results.RunTimeline
	add := func(variant string, b session.Backend, rep int) {
		p := *s.Variants[0].Program
		p.Warmup, p.Duration = 10*time.Millisecond, 90*time.Millisecond
		report, err := b.Run(context.Background(), &p, session.Options{Events: true, Rep: max(1, rep)})
		if err != nil {
			t.Fatal(err)
		}
		info := results.RunInfo{Variant: variant, Backend: b.Name(), Evidence: b.Evidence(), Rep: rep, Program: &p}
		if rep == 0 {
			info.Alone = "crunch"
		} else {
			line := timeline.Of(report.Log)
			want = append(want, results.RunTimeline{Variant: variant, Backend: b.Name(), Rep: rep, Timeline: line})
		}
		if err := w.Add(info, report); err != nil {
			t.Fatal(err)
		}
	}
	add("", backends[0], 0) // a group alone has no timeline
	// The order of the runs is not that of the backends.
	add("two", backends[1], 1)
	add("two", backends[0], 1)
	add("two", backends[0], 2)
	if _, err := w.Finish(false); err != nil {
		t.Fatal(err)
	}
	d, err := results.Open(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Timelines()
	if err != nil {
		t.Fatal(err)
	}
	want = []results.RunTimeline{want[1], want[2], want[0]}
	if lanes := got[0].TaskLanes; len(lanes) != 3 || len(lanes[0]) < 10 {
		t.Errorf("%d tasks, the first with %d spans", len(lanes), len(lanes[0]))
	}
	if len(got) != len(want) {
		t.Fatalf("%d timelines, want %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("%s, repetition %d: the timeline differs: %d spans of the first thread, want %d; %d holds, want %d; end %d, want %d",
				want[i].Backend, want[i].Rep, len(got[i].Lanes[0]), len(want[i].Lanes[0]), len(got[i].Holds), len(want[i].Holds), got[i].End, want[i].End)
		}
	}
}
