package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/cpython"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

// trio are backends like the real ones: gil takes twice as long as python.
func trio() (gil *fake, python paced, list []session.Backend) {
	gil = &fake{name: "gil", delay: 200_000}
	python = paced{&fake{name: "python_3_11", delay: 100_000, pace: 48.5}}
	return gil, python, []session.Backend{gil, python}
}

// table returns the rows of a CSV file by column.
func table(t *testing.T, content string) []map[string]string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, l := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = l[i]
		}
		out = append(out, row)
	}
	return out
}

// Six repetitions on each backend, interleaved; the interpreter is the reference,
// and its pace at the time that of all.
func TestValidate(t *testing.T) {
	gil, python, list := trio()
	var order []string
	gil.begin = func(int) { order = append(order, "g") }
	python.begin = func(int) {
		order = append(order, "p")
		python.pace++ // the host drifts
	}
	path := filepath.Join(t.TempDir(), "v.csv")
	file := write(t, tiny)
	got := with(background, list, "validate", file, "--csv", path)
	if got.status != 0 {
		t.Fatalf("status %d, %s", got.status, got.stderr)
	}
	if text := strings.Join(order, ""); text != "gppggppggppg" {
		t.Errorf("the order was %s", text)
	}
	for i := range 6 {
		want := workloads.Pace{Mode: workloads.PaceFixed, NS: 48.5 + float64(i)}
		if gil.paces[i] != want || python.paces[i] != want {
			t.Errorf("repetition %d had the paces %+v and %+v, want %+v", i+1, gil.paces[i], python.paces[i], want)
		}
	}
	rows := table(t, string(read(t, path)))
	if len(rows) != 4 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, want := range []string{
		"tiny one python_3_11 python_3_11 6 1.0 0.0", "tiny one gil python_3_11 6 2.0 1.0",
		"tiny two python_3_11 python_3_11 6 1.0 0.0", "tiny two gil python_3_11 6 2.0 1.0",
	} {
		r := rows[i]
		if got := strings.Join([]string{r["scenario"], r["group"], r["backend"], r["reference"], r["repetitions"], r["latency_p50_ratio"], r["ks_distance_ratio"]}, " "); got != want {
			t.Errorf("row %d: %s, want %s", i, got, want)
		}
	}
	for _, want := range []string{"tiny: Little to do\n", "\n       itself       1.00 1.00–1.00", "\n       gil          1.00 1.00–1.00  2.00 2.00–2.00", "over 6 repetitions"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("it lacks %q\n%s", want, got.stdout)
		}
	}
	if strings.Contains(got.stderr, "no-baseline") {
		t.Errorf("stderr %s", got.stderr)
	}
}

// What the user sets is what runs.
func TestValidateAsAsked(t *testing.T) {
	gil, _, list := trio()
	got := with(background, list, "validate", write(t, tiny), "--set", "interpreter.pace=30", "--repeat", "3", "--duration", "2s")
	if got.status != 0 || len(gil.paces) != 3 || gil.paces[0].NS != 30 || !strings.Contains(got.stdout, "over 3 repetitions") {
		t.Errorf("paces %v, %s%s", gil.paces, got.stdout, got.stderr)
	}
}

// Without an interpreter gil is the reference, and that is said.
func TestValidateWithoutPython(t *testing.T) {
	gil := &fake{name: "gil", delay: 100_000}
	got := with(background, []session.Backend{gil, &fake{name: "sim_gil", delay: 100_000}}, "validate", write(t, tiny), "--json")
	var content struct {
		Reference string
		Rows      []map[string]any
	}
	if err := json.Unmarshal([]byte(got.stdout), &content); err != nil {
		t.Fatal(err)
	}
	if got.status != 0 || content.Reference != "gil" || len(content.Rows) != 4 || content.Rows[1]["backend"] != "sim_gil" {
		t.Errorf("status %d, %+v", got.status, content)
	}
	text := with(background, []session.Backend{gil}, "validate", write(t, tiny))
	if !strings.Contains(text.stdout, "No interpreter took part, so that gil is the reference.\n") || gil.paces[0].NS == 48.5 {
		t.Errorf("got %s", text.stdout)
	}
	t.Setenv("PATH", t.TempDir())
	missing := fibsim("validate", "mixed", "--python")
	if missing.status != 4 || missing.stdout != "" || !strings.HasPrefix(missing.stderr, "fibsim: there is no python3 on PATH") {
		t.Errorf("--python that is not there: status %d, %s", missing.status, missing.stderr)
	}
}

// Several scenarios are compared one after the other, into one file.
func TestValidateSeveral(t *testing.T) {
	_, _, list := trio()
	one, other := write(t, tiny), write(t, strings.Replace(tiny, "name: tiny", "name: other", 1))
	got := with(background, list, "validate", one, other, "--csv", "-")
	rows := table(t, got.stdout)
	if got.status != 0 || len(rows) != 8 || rows[0]["scenario"] != "tiny" || rows[7]["scenario"] != "other" {
		t.Errorf("status %d, %d rows\n%s", got.status, len(rows), got.stdout)
	}
	if !strings.Contains(got.stderr, "other: Little to do") {
		t.Errorf("the tables are not on standard error: %s", got.stderr)
	}
}

// After an interrupt what was found until then is shown, and the scenarios that
// follow do not run.
func TestValidateStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	gil, _, list := trio()
	gil.begin = func(before int) {
		if before == 4 {
			cancel()
		}
	}
	file := write(t, tiny)
	got := with(ctx, list, "validate", file, file)
	if got.status != 130 || strings.Count(got.stdout, "Stopped early") != 1 || !strings.Contains(got.stdout, "over 4 repetitions") {
		t.Errorf("interrupted: status %d, %s%s", got.status, got.stdout, got.stderr)
	}
}

// The same after a failure of an interpreter.
func TestValidateFailed(t *testing.T) {
	file := write(t, tiny)
	gil, python, list := trio()
	python.begin = func(before int) {
		if before == 2 {
			python.err = errors.New("it crashed")
		}
	}
	path := filepath.Join(t.TempDir(), "v.csv")
	got := with(background, list, "validate", file, file, "--csv", path)
	if got.status != 4 || !strings.Contains(got.stderr, "it crashed") || len(gil.paces) != 3 || len(table(t, string(read(t, path)))) != 4 {
		t.Errorf("failed: status %d, %d runs of gil, %s", got.status, len(gil.paces), got.stderr)
	}
}

func TestMistakesOfValidate(t *testing.T) {
	for line, want := range map[string]string{
		"validate mxied":                   `scenario mxied: no file and no built-in scenario has that name; did you mean mixed?`,
		"validate mixed mxied":             `scenario mxied: no file and no built-in scenario has that name; did you mean mixed?`,
		"validate mixed --repeat 1":        `--repeat 1: must be 2 or more: an interval needs repetitions`,
		"validate mixed --repeat x":        `--repeat x: must be a whole number, got "x"`,
		"validate mixed --csv=":            `--csv: needs the name of a file, or - for standard output`,
		"validate mixed --json --csv -":    `--json and --csv - both want standard output; give the CSV a file name`,
		"validate mixed --sim":             "unknown flag --sim; did you mean --set?",
		"validate mixed --set count":       `--set count: must be path=value, such as threads.crunch.count=2`,
		"validate mixed --set threads.a=2": "",
	} {
		got := fibsim(strings.Fields(line)...)
		if got.status != 2 || got.stdout != "" || want != "" && got.stderr != "fibsim: "+want+"\n" {
			t.Errorf("%s: status %d, stdout %q, stderr %s", line, got.status, got.stdout, got.stderr)
		}
	}
	if got := fibsim("validate"); got.status != 2 || !strings.HasPrefix(got.stderr, "fibsim: validate: name a scenario: a file, or one of ") {
		t.Errorf("no scenario: status %d, %s", got.status, got.stderr)
	}
	_, _, list := trio()
	got := with(background, list, "validate", write(t, tiny), "--csv", filepath.Join(t.TempDir(), "missing", "v.csv"))
	if got.status != 2 || !strings.HasPrefix(got.stderr, "fibsim: cannot write results: ") {
		t.Errorf("no place for the CSV file: status %d, %s", got.status, got.stderr)
	}
}

// The whole way, for real: threads, the simulator and, where there is one, an
// interpreter. Nothing is asserted about how far they are apart. The pace is one that
// the recursion reaches under the race detector, too.
func TestMeasuredValidation(t *testing.T) {
	reference := "gil"
	if found, err := cpython.Open(t.Context(), ""); err == nil {
		reference = found.Name()
	}
	path := filepath.Join(t.TempDir(), "v.csv")
	file := write(t, short)
	validate := func() output {
		return fibsim("validate", file, "--repeat", "2", "--set", "interpreter.pace=200", "--csv", path)
	}
	// On a busy host a pace is out of reach, or a run has no iteration at all.
	busy := func(got output) bool {
		if got.status != 0 {
			return got.status == 4 && strings.Contains(got.stderr, "the host is too busy")
		}
		return slices.ContainsFunc(table(t, string(read(t, path))), func(r map[string]string) bool { return r["throughput_ratio"] == "" })
	}
	got := validate()
	for i := 0; i < 5 && busy(got); i++ {
		got = validate()
	}
	if got.status != 0 {
		t.Fatalf("status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
	seen := map[string]bool{}
	for _, r := range table(t, string(read(t, path))) {
		seen[r["backend"]] = true
		rate, err := strconv.ParseFloat(r["throughput_per_s"], 64)
		if r["reference"] != reference || r["repetitions"] != "2" || err != nil || rate <= 0 || r["throughput_ratio"] == "" {
			t.Errorf("row %v", r)
		}
		if want := map[bool]string{true: "predicted", false: "measured"}[strings.HasPrefix(r["backend"], "sim")]; r["evidence"] != want {
			t.Errorf("row %v", r)
		}
	}
	if !seen["gil"] || !seen["sim_gil"] || !seen[reference] {
		t.Errorf("got %v", seen)
	}
	if os.Getenv("GOMAXPROCS") != "1" && !strings.Contains(got.stdout, "Theory, poll: ") && !strings.Contains(got.stderr, "1 CPU only") {
		t.Errorf("a poll next to a hog has a theory\n%s", got.stdout)
	}
}

// short is the case that has a closed form.
const short = `
version: 1
name: short
warmup: 20ms
duration: 250ms
interpreter: {lock: cpython-3, switch_interval: 5ms, pace: 25}
threads:
  - {name: hog, body: [{fib: 12}]}
  - {name: poll, body: [{sleep: 1ms}]}
`
