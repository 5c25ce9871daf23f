package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/replicate"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

// The lines of the page between which the tables stand.
const (
	tablesBegin = "<!-- fibsim replicate --all --markdown -->\n\n"
	tablesEnd   = "<!-- until here -->\n"
)

// The tables of the page are what the command prints; -update writes them anew.
func TestReplications(t *testing.T) {
	t.Parallel()
	race.SkipComputing(t)
	path := filepath.Join(root, "docs", "replications.md")
	got := fibsim("replicate", "--all", "--markdown")
	if got.status != 0 {
		t.Fatalf("status %d: %s", got.status, got.stderr)
	}
	before, rest, begins := strings.Cut(string(read(t, path)), tablesBegin)
	tables, after, ends := strings.Cut(rest, tablesEnd)
	switch {
	case !begins || !ends:
		t.Fatalf("%s: no tables between %q and %q", path, tablesBegin, tablesEnd)
	case *update:
		if err := os.WriteFile(path, []byte(before+tablesBegin+got.stdout+tablesEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	case tables != got.stdout:
		t.Errorf("the tables of %s differ from\n%s", path, got.stdout)
	}
}

// oneCPU is a simulator of machines with one CPU, whatever they should have.
type oneCPU struct{ *predict.Backend }

func (b oneCPU) Run(ctx context.Context, p *workloads.Program, o session.Options) (*trace.Report, error) {
	small := *p
	small.Machine.CPUs = 1
	return b.Backend.Run(ctx, &small, o)
}

// Without a name there is a list; with one a table of figures, the ratios of which are
// those of its cells.
func TestReplicate(t *testing.T) {
	list := fibsim("replicate")
	if list.status != 0 || strings.Count(list.stdout, "\n") != len(replicate.Names()) || !strings.HasPrefix(list.stdout, "perf1 ") {
		t.Errorf("%+v", list)
	}
	costs, err := predict.LoadCosts([]string{"costs/macbook-2c4t.yaml"}, predict.Place{})
	if err != nil {
		t.Fatal(err)
	}
	b := oneCPU{predict.NewGIL()}
	b.Costs = costs
	file := filepath.Join(t.TempDir(), "figures.csv")
	got := with(background, []session.Backend{b}, "replicate", "countdown-2010", "--csv", file)
	// On one CPU the old lock is kind.
	if got.status != 99 || !strings.Contains(got.stderr, " claims failed") || !strings.Contains(got.stderr, "two threads take a tenth of 15.4 s") {
		t.Errorf("status %d, %s", got.status, got.stderr)
	}
	for _, want := range []string{"countdown-2010: ", "Published: a Mac Pro with 4 cores.", "15.4 [1]", "7.8* [1]", "[1] D. Beazley", "sim_gil  ratio"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("no %q in\n%s", want, got.stdout)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(string(read(t, file)))).ReadAll()
	if err != nil || len(rows) != 1+5 || len(rows[0]) != len(replicate.Columns) {
		t.Fatalf("%v, %d rows", err, len(rows))
	}
	row := rows[2]
	ours, _ := strconv.ParseFloat(row[8], 64)
	ratio, _ := strconv.ParseFloat(row[9], 64)
	if row[1] != "CPUs 4, threads 2" || row[4] != "15.4" || row[7] != "sim_gil" || ours < 7.8 || math.Abs(ours/15.4-ratio) > 1e-5 {
		t.Errorf("%q", row)
	}
}

func TestReplicateJSON(t *testing.T) {
	fakes := []session.Backend{&fake{name: "sim_gil", delay: 100_000}}
	got := with(background, fakes, "replicate", "countdown-threads", "--json")
	var rows []map[string]any
	if err := json.Unmarshal([]byte(got.stdout), &rows); err != nil || len(rows) != 28 || rows[0]["published"] != "7.29" || rows[0]["ours"] != nil {
		t.Errorf("%v\n%s", err, got.stdout)
	}
}

// An interrupt ends it with what there is, and the status of interrupts; a run that
// fails with its own.
func TestReplicateEndsEarly(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	stopped := &fake{name: "sim_gil", delay: 100_000, begin: func(runs int) {
		if runs == 1 {
			cancel()
		}
	}}
	if got := with(ctx, []session.Backend{stopped}, "replicate", "countdown-2010", "echo-hogs"); got.status != 130 ||
		!strings.Contains(got.stdout, "15.4 [1]") || strings.Contains(got.stdout, "echo-hogs") {
		t.Errorf("interrupted: %+v", got)
	}
	broken := &fake{name: "sim_gil", delay: 100_000, err: errors.New("broken")}
	if got := with(background, []session.Backend{broken}, "replicate", "countdown-2010"); got.status != 4 {
		t.Errorf("a run that fails: %+v", got)
	}
}
