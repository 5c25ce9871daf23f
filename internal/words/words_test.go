package words

import (
	"testing"

	"github.com/fibsim/fibsim/internal/results"
)

// An ASCII reader gets the same figures in other characters.
func TestStyle(t *testing.T) {
	for _, c := range []struct {
		column      string
		cell        results.Cell
		want, ascii string
	}{
		{"latency_p50_ns", results.Int(5_140_000), "5.14 ms", "5.14 ms"},
		{"latency_p50_ns", results.Int(999), "999 ns", "999 ns"},
		{"latency_p50_ns", results.Int(999_600), "1.00 ms", "1.00 ms"},
		{"delay_p50_ns", results.Int(1500), "1.50 µs", "1.50 us"},
		{"wait_gil_share_ratio", results.Float(0.154), "15 %", "15 %"},
		{"throughput_per_s", results.Float(62), "62.0/s", "62.0/s"},
		{"latency_p99_ns", results.Cell{}, "–", "-"},
	} {
		if got := (Style{}).Figure(c.column, c.cell); got != c.want {
			t.Errorf("%s of %s: got %q, want %q", c.column, c.cell, got, c.want)
		}
		if got := (Style{ASCII: true}).Figure(c.column, c.cell); got != c.ascii {
			t.Errorf("%s of %s in ASCII: got %q, want %q", c.column, c.cell, got, c.ascii)
		}
	}
}

// The largest contrast speaks, a measured one before those that were predicted.
func TestMostTelling(t *testing.T) {
	of := func(group string, ratio float64, predicted bool) contrast {
		return contrast{group: group, slowNS: ratio, fastNS: 1, predicted: predicted}
	}
	for _, c := range []struct {
		found []contrast
		want  string
	}{
		{nil, ""},
		{[]contrast{of("a", 2, false), of("b", 3, false), of("c", 3.5, false)}, "b"},
		{[]contrast{of("a", 2, true), of("b", 10, true)}, "b"},
		{[]contrast{of("a", 6, false), of("b", 10, true)}, "a"},
		{[]contrast{of("a", 1.1, false), of("b", 10, true)}, "b"},
	} {
		if got, ok := mostTelling(c.found); got.group != c.want || ok != (c.want != "") {
			t.Errorf("%v: %s", c.found, got.group)
		}
	}
}

func TestIndex(t *testing.T) {
	one := &results.Index{Value: results.Float(19.2)}
	several := &results.Index{Value: results.Float(19.2), Low: results.Float(9.74), High: results.Float(37.8)}
	if got := Index(one); got != "19.2 (1 run)" {
		t.Errorf("got %q", got)
	}
	if got := Index(several); got != "19.2 [9.74, 37.8]" {
		t.Errorf("got %q", got)
	}
}

func TestVerdict(t *testing.T) {
	value := []results.ClaimValue{{Name: "gil.quick.delay_p50_ns", Column: "delay_p50_ns", Value: results.Int(5_140_000)}}
	for want, c := range map[string]results.ClaimResult{
		"gil.quick.delay_p50_ns = 5.14 ms":                                {Verdict: "passed", Values: value},
		"the check is false: x < ms(5); gil.quick.delay_p50_ns = 5.14 ms": {Verdict: "failed", Reason: "the check is false", Check: "x < ms(5)", Values: value},
		"skipped: fewer than 2 CPUs":                                      {Verdict: "skipped", Reason: "fewer than 2 CPUs"},
	} {
		if got := (Style{}).Verdict(c); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Every column is one of summary.csv, and no two are wanted equally.
func TestColumns(t *testing.T) {
	known := map[string]bool{}
	for _, c := range results.SummaryColumns {
		known[c.Name] = true
	}
	ranks := map[int]bool{}
	for _, c := range Columns() {
		if !known[c.Name] || ranks[c.Rank] {
			t.Errorf("%s, rank %d", c.Name, c.Rank)
		}
		ranks[c.Rank] = true
	}
}
