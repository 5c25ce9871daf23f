package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/cpython"
)

// The whole way, for real: threads, a server, client processes, every file, and
// all invariants hold.
func TestMeasuredRun(t *testing.T) {
	dir := t.TempDir()
	args := []string{"run", "testdata/tiny.yaml", "-o", dir, "--states", "--verify", "--no-baseline", "--seed", "7"}
	want := []string{"gil", "native"}
	// With an interpreter at hand it takes part.
	if found, err := cpython.Open(t.Context(), ""); err == nil {
		args = append(args, "--all")
		want = append(want, "sim_gil", "sim_native", found.Name())
	}
	got := fibsim(args...)
	// A run that a crowded host did not let begin in time says so. It is no
	// evidence of anything, so it is made again.
	for i := 0; i < 5 && got.status == 4 && strings.Contains(got.stderr, "the host is too busy"); i++ {
		got = fibsim(append(args, "--force")...)
	}
	if got.status != 0 {
		t.Fatalf("status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
	var file struct {
		Seed     uint64
		Aborted  bool
		Backends []struct{ Name string }
		Files    []struct {
			Name string
			Rows *int
		}
	}
	if err := json.Unmarshal(read(t, filepath.Join(dir, "run.json")), &file); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, b := range file.Backends {
		names = append(names, b.Name)
	}
	if file.Seed != 7 || file.Aborted || strings.Join(names, " ") != strings.Join(want, " ") {
		t.Errorf("run.json: %+v", file)
	}
	for _, f := range file.Files {
		if f.Rows == nil {
			continue
		}
		if rows := rowsOf(t, filepath.Join(dir, f.Name)); rows != *f.Rows || rows == 0 {
			t.Errorf("%s: %d rows, run.json has %d", f.Name, rows, *f.Rows)
		}
	}
}

// rowsOf returns how many rows follow the header of a CSV file.
func rowsOf(t *testing.T, path string) int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return len(rows) - 1
}
