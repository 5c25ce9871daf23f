package replicate

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/workloads"
)

// Ours is in the unit of the experiment and for as much as was published; a ratio needs
// both to be figures.
func TestReplica(t *testing.T) {
	e := &Experiment{
		Name: "test", Titles: []string{"interval", "threads"}, Unit: "ms", Group: "one", Column: "latency_mean_ns", Scale: 1e6,
		Figures: []Figure{
			{Labels: []string{"5 ms", "1"}, Text: "4,000", Variant: "a", Times: 10, Source: &Source{Text: "A. Body", URL: "https://example.org", Remark: "by hand"}},
			{Labels: []string{"5 ms", "2"}, Text: "a halt", Variant: "a"},
			{Labels: []string{"5 ms", "4"}, Text: "0", Variant: "a"},
			{Labels: []string{"5 ms", "8"}, Text: "7", Variant: "b"}, // which never ran
		},
	}
	w, err := results.Create(results.Config{Scenario: "test", Variants: []string{"a", "b"}, Backends: []string{"sim_gil"}, Host: results.Host{CPUs: 2}})
	if err != nil {
		t.Fatal(err)
	}
	window := trace.Window{End: 1_000_000_000}
	m := trace.NewMeter(window, -1, 0)
	m.Add(&trace.Sample{End: 200_000_000, Run: 200_000_000})
	if err := w.Add(results.RunInfo{Variant: "a", Backend: "sim_gil", Evidence: "predicted", Rep: 1, Program: &workloads.Program{}},
		&trace.Report{Window: window, States: true, Groups: []trace.GroupReport{{Name: "one", Workers: []*trace.Meter{m}}}}); err != nil {
		t.Fatal(err)
	}
	set, err := w.Finish(false)
	if err != nil {
		t.Fatal(err)
	}
	r := New(e, "a title")
	r.Take(set)
	rows := r.Rows()
	want := []Row{
		{Figure: "interval 5 ms, threads 1", Published: "4,000", Source: "A. Body, https://example.org; by hand", Ours: results.Float(2000), Ratio: results.Float(0.5)},
		{Figure: "interval 5 ms, threads 2", Published: "a halt", Ours: results.Float(200)},
		{Figure: "interval 5 ms, threads 4", Published: "0", Ours: results.Float(200)},
		{Figure: "interval 5 ms, threads 8", Published: "7"},
	}
	for i := range want {
		want[i].Experiment, want[i].Variant, want[i].Unit, want[i].Backend = "test", e.Figures[i].Variant, "ms", "sim_gil"
	}
	if !slices.Equal(rows, want) {
		t.Errorf("got\n%+v\nwant\n%+v", rows, want)
	}
}

// The objects of the JSON have the names of the columns, in their order.
func TestColumns(t *testing.T) {
	content, err := json.Marshal(Row{})
	if err != nil {
		t.Fatal(err)
	}
	last := -1
	for _, c := range Columns {
		at := strings.Index(string(content), `"`+c.Name+`":`)
		if at <= last {
			t.Errorf("%s: at %d, after %d", c.Name, at, last)
		}
		last = at
	}
	if n := len((&Row{}).Fields()); n != len(Columns) || strings.Count(string(content), ":") != n {
		t.Errorf("%d fields, %d columns, %s", n, len(Columns), content)
	}
}
