package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// published are the figures of V. Skvortsov, "Python behind the scenes #13" (2021),
// that docs/published.md holds against predictions.
var published = []struct {
	scenario, variant, group, phase, column string
	unit                                    float64 // of the column, in which the page tells it
	format                                  string  // of both figures
	begins                                  string  // the row of the page
	figure                                  float64
}{
	{"echo-hogs", "five_one", "echo", "alone", "throughput_per_s", 1, "%.0f", "| any | 0 |", 30000},
	{"echo-hogs", "five_one", "echo", "measure", "throughput_per_s", 1, "%.0f", "| 5 ms | 1 |", 100},
	{"echo-hogs", "five_two", "echo", "measure", "throughput_per_s", 1, "%.0f", "| 5 ms | 2 |", 50},
	{"echo-hogs", "one_one", "echo", "measure", "throughput_per_s", 1, "%.0f", "| 1 ms | 1 |", 500},
	{"echo-hogs", "one_two", "echo", "measure", "throughput_per_s", 1, "%.0f", "| 1 ms | 2 |", 280},
	{"countdown-threads", "one", "countdown", "measure", "elapsed_ns", 1e9, "%.3f", "| 1 |", 0.653},
	{"countdown-threads", "two", "countdown", "measure", "elapsed_ns", 1e9, "%.3f", "| 2 |", 0.658},
	{"countdown-threads", "four", "countdown", "measure", "elapsed_ns", 1e9, "%.3f", "| 4 |", 0.720},
	{"countdown-threads", "eight", "countdown", "measure", "elapsed_ns", 1e9, "%.3f", "| 8 |", 0.719},
}

// The tables of published measurements are what their commands give, each within
// 20 % of what was published.
func TestPublishedMeasurements(t *testing.T) {
	page := string(read(t, filepath.Join(root, "docs", "published.md")))
	summaries := map[string][]map[string]string{}
	for _, c := range published {
		if summaries[c.scenario] == nil {
			summaries[c.scenario] = summaryOf(t, c.scenario)
		}
		at := slices.IndexFunc(summaries[c.scenario], func(row map[string]string) bool {
			return row["variant"] == c.variant && row["group"] == c.group && row["phase"] == c.phase
		})
		if at < 0 {
			t.Fatalf("%s, %s: no row of %s", c.scenario, c.variant, c.group)
		}
		got, err := strconv.ParseFloat(summaries[c.scenario][at][c.column], 64)
		if err != nil {
			t.Fatal(err)
		}
		got /= c.unit
		row := fmt.Sprintf("\n%s "+c.format+" | "+c.format+" | %.2f |\n", c.begins, c.figure, got, got/c.figure)
		if !strings.Contains(page, row) {
			t.Errorf("%s, %s: the page lacks%s", c.scenario, c.variant, row)
		}
		if ratio := got / c.figure; ratio < 0.8 || ratio > 1.2 {
			t.Errorf("%s, %s: %g predicted, %g published", c.scenario, c.variant, got, c.figure)
		}
	}
}

// summaryOf runs a built-in scenario by the command that the page has for it, and
// returns the rows of summary.csv by their columns.
func summaryOf(t *testing.T, scenario string) []map[string]string {
	t.Helper()
	dir := t.TempDir()
	if got := fibsim("run", scenario, "--sim=gil", "--quiet", "-o", dir); got.status != 0 {
		t.Fatalf("%s: status %d\n%s%s", scenario, got.status, got.stdout, got.stderr)
	}
	f, err := os.Open(filepath.Join(dir, "summary.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, cell := range record {
			row[records[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}
