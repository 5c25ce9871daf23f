package term

import (
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/internal/compare"
	"github.com/fibsim/fibsim/internal/results"
)

// demoComparison has a row of each kind.
func demoComparison(variant string) *compare.Comparison {
	side := func(path string) *results.Dir {
		d := &results.Dir{Path: path}
		d.Run.Start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		d.Run.Backends = []results.BackendInfo{{Name: "gil", Evidence: "measured"}, {Name: "sim_gil", Evidence: "predicted"}}
		d.Rows = []*results.Row{{Scenario: "mixed"}}
		return d
	}
	row := func(group, backend, column string, a, b results.Cell, n int) *compare.Row {
		return &compare.Row{
			Variant: variant, Group: group, Backend: backend, Column: column,
			A: compare.Sample{Repetitions: n, Median: a}, B: compare.Sample{Repetitions: n, Median: b},
		}
	}
	const p50, waits, delay = "latency_p50_ns", "wait_gil_share_ratio", "delay_p50_ns"
	faster := row("quick", "gil", p50, results.Int(5_320_000), results.Int(1_340_000), 6)
	faster.Scale, faster.Shift, faster.Low, faster.High = compare.Factor, results.Float(0.2519), results.Float(0.24), results.Float(0.261)
	faster.P, faster.Significant = results.Float(2.0/924), true
	same := row("crunch", "gil", p50, results.Int(43_700_000), results.Int(43_900_000), 6)
	same.Scale, same.Shift, same.Low, same.High = compare.Factor, results.Float(1.004), results.Float(0.991), results.Float(1.02)
	same.P, same.Reason = results.Float(0.24), "p is above 0.05"
	few := row("quick", "sim_gil", p50, results.Int(5_140_000), results.Int(1_150_000), 1)
	few.Scale, few.Shift, few.P, few.Reason = compare.Factor, results.Float(0.224), results.Float(1), "needs 6 repetitions a side, has 1 and 1"
	less := row("quick", "gil", waits, results.Float(0.16), results.Float(0.05), 12)
	less.Scale, less.Shift, less.Low, less.High = compare.Points, results.Float(-0.11), results.Float(-0.123), results.Float(-0.1)
	less.P, less.Significant = results.Float(1e-7), true
	more := row("quick", "gil", delay, results.Int(0), results.Int(40_000), 12)
	more.Scale, more.Shift, more.Low, more.High = compare.Plain, results.Float(40_000), results.Float(-10), results.Float(41_000)
	more.P, more.Significant = results.Float(0.03), true
	lacking := row("crunch", "gil", delay, results.Cell{}, results.Int(43_000_000), 12)
	lacking.Reason = "no figure in 1 of 12 repetitions of A"
	return &compare.Comparison{
		A: side("before"), B: side("after"), Columns: []string{p50, waits, delay, "latency_p99_ns"},
		Rows: []*compare.Row{faster, same, few, less, more, lacking},
		Geomeans: []compare.Geomean{
			{Backend: "gil", Column: p50, A: results.Float(15.2e6), B: results.Float(7.67e6), Ratio: results.Float(0.503), Rows: 2},
			{Backend: "gil", Column: delay, Rows: 2, Reason: "gil.quick has no ratio"},
		},
		Notes: []compare.Note{
			{Code: "scenario", Text: "interpreter.switch_interval is 5ms in A, 1ms in B"},
			{Code: "only-a", Text: "only in A: native.quick"},
		},
	}
}

func TestComparison(t *testing.T) {
	for name, c := range map[string]Comparison{
		"comparison.txt":          {demoComparison(""), Style{Width: 80}},
		"comparison-variants.txt": {demoComparison("fast"), Style{Width: 60, ASCII: true}},
	} {
		var b strings.Builder
		if err := c.Write(&b); err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(b.String()) {
			if n := width(strings.TrimSuffix(l, "\n")); n > c.Style.Width {
				t.Errorf("%s: %d columns: %s", name, n, l)
			}
		}
		golden(t, name, b.String())
	}
	var b strings.Builder
	if err := (Comparison{demoComparison(""), Style{Width: 80}}).Markdown(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "comparison.md", b.String())
}

func TestComparisonOfNothing(t *testing.T) {
	c := demoComparison("")
	c.Rows, c.Geomeans = nil, nil
	var b strings.Builder
	if err := (Comparison{c, Style{Width: 80}}).Write(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "Nothing to compare") {
		t.Errorf("got\n%s", b.String())
	}
}
