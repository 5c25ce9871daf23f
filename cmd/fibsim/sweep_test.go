package main

import (
	"encoding/csv"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/results"
)

// A sweep runs every combination, and its files have a column for each setting.
func TestSweep(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sweep")
	got := with(background, both(), "sweep", write(t, tiny), "--repeat", "2", "--set", "interpreter.switch_interval=0.5ms,10ms",
		"--set", "threads.two.count=1,3", "--set", "threads.one.body=[{fib: 3}, {fib: 4}]", "-o", dir)
	if got.status != 0 || strings.Contains(got.stdout, "✓") {
		t.Fatalf("%+v", got)
	}
	for _, file := range []string{"summary.csv", "samples.csv"} {
		rows, err := csv.NewReader(strings.NewReader(string(read(t, filepath.Join(dir, file))))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		last := len(rows[0]) - 2
		if head := rows[0][last:]; !slices.Equal(head, []string{"param_interpreter_switch_interval_ns", "param_threads_two_count"}) {
			t.Fatalf("%s: the header ends with %v", file, head)
		}
		seen := map[string]string{}
		for _, row := range rows[1:] {
			seen[row[1]] = strings.Join(row[last:], " ")
		}
		want := map[string]string{
			"switch_interval_0_5ms_count_1": "500000 1", "switch_interval_0_5ms_count_3": "500000 3",
			"switch_interval_10ms_count_1": "10000000 1", "switch_interval_10ms_count_3": "10000000 3",
		}
		if len(seen) != len(want) {
			t.Errorf("%s: variants %v", file, seen)
		}
		for variant, values := range want {
			if seen[variant] != values {
				t.Errorf("%s: %s has %q, want %q", file, variant, seen[variant], values)
			}
		}
	}
	d, err := results.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if k := (results.Key{Variant: "switch_interval_10ms_count_3", Backend: "gil", Group: "two"}); len(d.Select(k)) != 2 {
		t.Errorf("%v: %d rows", k, len(d.Select(k)))
	}
	for _, problem := range checkPackage(t, dir, 2) {
		t.Error(problem)
	}
	for variants, status := range map[string]int{"switch_interval_0_5ms_count_1,switch_interval_10ms_count_1": 0, "": 2} {
		args := []string{"plot", dir, "--kind", "interval", "-o", filepath.Join(t.TempDir(), "x.svg")}
		if variants != "" {
			args = append(args, "--variant", variants)
		}
		if got := fibsim(args...); got.status != status {
			t.Errorf("%q: %+v", variants, got)
		}
	}
}

func TestSweepRefuses(t *testing.T) {
	file := write(t, tiny)
	for _, c := range []struct{ set, want string }{
		{"repeat=2", "sweep: no --set has several values, such as --set interpreter.switch_interval=1ms,5ms"},
		{"threads.one.count=1,,2", "--set threads.one.count=1,,2: the value between two commas is missing"},
		{"threads.one.count=1,2,1", "--set threads.one.count=1,2,1: 1 comes twice"},
		{"threads.one.count=1,x", `--set threads.one.count=x: `},
		{"threads.oen.count=1,2", "--set threads.oen.count=1: no group is named oen"},
		{"repeat=1,2", "--set repeat=1,2: repeat is the same for the whole command"},
	} {
		got := fibsim("sweep", file, "--set", c.set)
		if got.status != 2 || got.stdout != "" || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%s: status %d, %s", c.set, got.status, got.stderr)
		}
	}
	if got := fibsim("sweep", "switch-interval", "--set", "threads.hog.count=1,2"); got.status != 2 || !strings.Contains(got.stderr, "has variants of its own") {
		t.Errorf("%+v", got)
	}
	many := "threads.one.count=1"
	for n := range 20 {
		many += "," + strconv.Itoa(n+2)
	}
	if got := fibsim("sweep", file, "--set", many, "--set", strings.Replace(many, "one", "two", 1)); got.status != 2 || !strings.Contains(got.stderr, "more than 200 combinations") {
		t.Errorf("%+v", got)
	}
}

// Columns have the type that all values have.
func TestSweepColumns(t *testing.T) {
	for text, want := range map[string]string{
		"1ms,2.5s": "integer _ns 1000000 2500000000", "1,20": "integer  1 20", "1,2.5": "number  1.0 2.5",
		"cpython-3,none": "string  cpython-3 none", "1,none": "string  1 none", "[1ms, 2ms],{exponential: 1ms}": "string  [1ms, 2ms] {exponential: 1ms}",
	} {
		values := split(text)
		kind, suffix, write := reading(values)
		got := kind + " " + suffix
		for _, v := range values {
			got += " " + write(v)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
