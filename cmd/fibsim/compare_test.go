package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/session"
)

// twoSides writes two result directories of the tiny scenario; in the second all
// takes half as long.
func twoSides(t *testing.T, repeat string) (a, b string) {
	t.Helper()
	file, top := write(t, tiny), t.TempDir()
	dirs := []string{filepath.Join(top, "before"), filepath.Join(top, "after")}
	for i, dir := range dirs {
		fakes := []session.Backend{&fake{name: "gil", delay: 100_000 >> i}, &fake{name: "native", delay: 50_000 >> i}}
		if got := with(background, fakes, "run", file, "-o", dir, "--repeat", repeat, "--quiet", "--no-baseline"); got.status != 0 {
			t.Fatalf("status %d, %s", got.status, got.stderr)
		}
	}
	return dirs[0], dirs[1]
}

// Each form says the same: half as long, in all repetitions.
func TestCompare(t *testing.T) {
	a, b := twoSides(t, "6")
	text := fibsim("compare", a, b)
	if text.status != 0 || text.stderr != "" || strings.Contains(text.stdout, "!") {
		t.Errorf("status %d, %s%s", text.status, text.stdout, text.stderr)
	}
	for _, want := range []string{"A: " + a + ", tiny of ", "latency_p50_ns ", "0.500x  0.500 … 0.500x  0.002  6+6\n", "\none      gil ", "geomean  gil "} {
		if !strings.Contains(text.stdout, want) {
			t.Errorf("it lacks %q\n%s", want, text.stdout)
		}
	}
	md := fibsim("compare", a, b, "--format", "md", "--column", "latency_p50_ns")
	if !strings.Contains(md.stdout, "| `latency_p50_ns` | one | gil | 100 µs | 50.0 µs | 0.500x |") || strings.Contains(md.stdout, "delay") {
		t.Errorf("%+v", md)
	}
	rows, err := csv.NewReader(strings.NewReader(fibsim("compare", a, b, "--format", "csv").stdout)).ReadAll()
	if err != nil || len(rows) < 5 || rows[0][0] != "scenario" || rows[1][15] != "true" && rows[1][15] != "false" {
		t.Errorf("%v, %v", rows, err)
	}
	var object struct {
		Rows []struct {
			Column      string
			Shift       float64
			Significant bool
		}
		Notes []any
	}
	if err := json.Unmarshal([]byte(fibsim("compare", a, b, "--format", "json", "--column", "all").stdout), &object); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, r := range object.Rows {
		found = found || r.Column == "latency_max_ns" && r.Shift == 0.5 && r.Significant
	}
	if !found || object.Notes == nil || len(object.Notes) != 0 {
		t.Errorf("%+v", object)
	}
	bench := fibsim("compare", a, "--format", "benchfmt")
	if bench.status != 0 || strings.Count(bench.stdout, "\nBenchmarkFibsim/scenario=tiny/backend=gil/group=one ") != 6 {
		t.Errorf("%+v", bench)
	}
	if both := fibsim("compare", a, b, "--format", "benchfmt"); strings.Count(both.stdout, "\ndirectory: ") != 2 {
		t.Errorf("%+v", both)
	}
}

func TestCompareWritesFiles(t *testing.T) {
	a, b := twoSides(t, "1")
	for _, form := range formats {
		path := filepath.Join(t.TempDir(), "out")
		to := fibsim("compare", a, b, "--format", form, "-o", path)
		straight := fibsim("compare", a, b, "--format", form)
		if to.status != 0 || to.stdout != "" || string(read(t, path)) != straight.stdout || straight.stdout == "" {
			t.Errorf("%s: %+v", form, to)
		}
	}
	if few := fibsim("compare", a, b).stdout; !strings.Contains(few, "] needs 6 repetitions a side, has 1 and 1\n") || !strings.Contains(few, "  ~ [1]") {
		t.Errorf("%s", few)
	}
	if got := fibsim("compare", a, b, "-o", filepath.Join(a, "missing", "x")); got.status != 2 || !strings.HasPrefix(got.stderr, "fibsim: cannot write results: ") {
		t.Errorf("%+v", got)
	}
}

// The output in the documentation is what its commands print, but for the time of day.
func TestOutputOfTheComparison(t *testing.T) {
	race.SkipComputing(t)
	page := string(read(t, filepath.Join(root, "docs", "compare.md")))
	t.Chdir(t.TempDir())
	var got output
	for line := range strings.Lines(fenced(page, "sh")[0]) {
		got = fibsim(strings.Fields(strings.TrimPrefix(line, "fibsim "))...)
		if got.status != 0 && got.status != session.StatusClaim {
			t.Fatalf("%s: %+v", line, got)
		}
	}
	_, printed, _ := strings.Cut(got.stdout, "\n!")
	_, shown, _ := strings.Cut(fenced(page, "text")[0]+"\n", "\n!")
	if printed != shown {
		t.Errorf("got\n%s\nwant\n%s", printed, shown)
	}
}

// What cannot be compared is refused with status 2 and what would be right.
func TestCompareRefuses(t *testing.T) {
	a, b := twoSides(t, "1")
	empty := t.TempDir()
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "run.json"), []byte(`{"format": 2}`), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{}, "compare: name two directories that run -o has written, got none"},
		{[]string{a}, "compare: name two directories that run -o has written, got " + a},
		{[]string{a, b, a}, "compare: name two directories that run -o has written, got "},
		{[]string{a, a + "/."}, a + " and " + a + "/. are the same directory; name two"},
		{[]string{a, empty}, empty + ": has no run.json"},
		{[]string{a, filepath.Join(empty, "x")}, filepath.Join(empty, "x") + ": there is no such directory"},
		{[]string{other, a}, filepath.Join(other, "run.json") + ":1: format: this fibsim reads 1, got 2"},
		{[]string{a, b, "--column", "latency"}, `--column: summary.csv has no figure "latency"; `},
		{[]string{a, b, "--column", "latency_p5_ns"}, `--column: summary.csv has no figure "latency_p5_ns"; did you mean latency_p50_ns?`},
		{[]string{a, b, "--format", "xml"}, `--format: must be text, csv, json, md or benchfmt, got "xml"`},
		{[]string{a, b, "-o", ""}, "-o: needs the name of a file"},
	} {
		got := fibsim(append([]string{"compare"}, c.args...)...)
		if got.status != 2 || got.stdout != "" || !strings.HasPrefix(got.stderr, "fibsim: "+c.want) {
			t.Errorf("%v: status %d, stdout %q, stderr %s", c.args, got.status, got.stdout, got.stderr)
		}
	}
}
