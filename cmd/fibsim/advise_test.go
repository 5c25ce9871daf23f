package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/advise"
	"github.com/fibsim/fibsim/internal/race"
)

// Every way to build the server is in the table once, in the order of its ranks,
// with one sentence that quotes figures of the same row; the screen has the same.
func TestAdvise(t *testing.T) {
	t.Parallel()
	race.SkipComputing(t)
	path := filepath.Join(t.TempDir(), "advice.csv")
	got := fibsim("advise", "server-mixed", "--csv", path)
	if got.status != 0 || got.stderr != "" {
		t.Fatalf("%+v", got)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 1+len(advise.Ways()) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	place := map[string]int{}
	last := 0.0
	for i, row := range rows[1:] {
		rank, model, p99, reason := row[0], row[1], row[5], row[8]
		if rank != strconv.Itoa(i+1) || place[model] != 0 || row[3] != "web" {
			t.Errorf("row %d: %q", i, row)
		}
		place[model] = i + 1
		if strings.HasPrefix(reason, "not predicted: ") {
			delete(place, model) // it stands at the end, whatever it would be
		}
		if v, err := strconv.ParseFloat(p99, 64); err == nil && model != "sequential" {
			if v < 0.9*last {
				t.Errorf("%s: p99 %g after %g", model, v, last)
			}
			last = v
		}
		// The screen breaks lines.
		if screen := strings.Join(strings.Fields(got.stdout), " "); !strings.Contains(screen, reason) || strings.Contains(reason, "%!") {
			t.Errorf("%s: not on the screen: %s", model, reason)
		}
	}
	// What the article says of them, in ranks.
	for _, order := range [][2]string{{"native", "threads"}, {"no lock", "threads"}, {"processes", "threads"}, {"threads", "coroutines"}, {"threads", "sequential"}} {
		if first, known := place[order[0]]; known && place[order[1]] > 0 && first >= place[order[1]] {
			t.Errorf("%s is at %d, %s at %d\n%s", order[0], place[order[0]], order[1], place[order[1]], got.stdout)
		}
	}
}

func TestAdviseNeedsAServer(t *testing.T) {
	for line, want := range map[string]string{
		"advise mixed":          "advise: mixed has no server",
		"advise perf1-scaling":  "--variant: choose one of one, two, four",
		"advise server-mixed a": "advise: takes one scenario",
	} {
		if got := fibsim(strings.Fields(line)...); got.status != 2 || !strings.Contains(got.stderr, want) {
			t.Errorf("%s: %+v", line, got)
		}
	}
}
