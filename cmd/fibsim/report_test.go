package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// resultDir runs the fakes and returns the directory of their results.
func resultDir(t *testing.T, more ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "results")
	args := append([]string{"run", write(t, tiny), "-o", dir, "--quiet"}, more...)
	if got := with(t.Context(), both(), args...); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	return dir
}

func isPage(content string) bool {
	return strings.HasPrefix(content, "<!doctype html>") && strings.Contains(content, "Little to do")
}

// report writes its page into the directory, replaces its own, and nobody else's
// unless it is told to.
func TestReport(t *testing.T) {
	dir := resultDir(t)
	page := filepath.Join(dir, "report.html")
	for range 2 {
		if got := fibsim("report", dir); got != (output{}) {
			t.Fatalf("%+v", got)
		}
		if !isPage(string(read(t, page))) {
			t.Fatal("that is no page")
		}
	}
	if got := fibsim("report", dir, "-o", "-"); got.status != 0 || got.stdout != string(read(t, page)) {
		t.Errorf("-o -: status %d, %d bytes", got.status, len(got.stdout))
	}
	mine := filepath.Join(dir, "mine.html")
	if err := os.WriteFile(mine, []byte("<p>mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := "fibsim: " + mine + ": is no page that report has made; choose another name, or replace it with --force\n"
	if got := fibsim("report", dir, "-o", mine); got != (output{2, "", want}) || string(read(t, mine)) != "<p>mine" {
		t.Errorf("%+v", got)
	}
	if got := fibsim("report", dir, "-o", mine, "--force"); got.status != 0 || !isPage(string(read(t, mine))) {
		t.Errorf("--force: %+v", got)
	}
	if got := fibsim("report", dir, dir, "-o", mine); got.status != 0 || !strings.Contains(string(read(t, mine)), "2 results side by side") {
		t.Errorf("two directories: %+v", got)
	}
}

// What cannot be read or written is told before anything is written, with status 2.
func TestReportOfNothing(t *testing.T) {
	empty := t.TempDir()
	for _, args := range [][]string{
		{"report", empty}, {"report", filepath.Join(empty, "missing")},
		{"report", resultDir(t), "-o", filepath.Join(empty, "missing", "page.html")},
		{"run", write(t, tiny), "-o", filepath.Join(empty, "new"), "--report", filepath.Join(empty, "missing", "page.html")},
	} {
		if got := with(t.Context(), both(), args...); got.status != 2 || got.stdout != "" || got.stderr == "" {
			t.Errorf("%q: %+v", args, got)
		}
	}
	if entries, err := os.ReadDir(empty); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// A run that replaces results removes their page, which would tell of others, and leaves
// a page of somebody else.
func TestPageOfReplacedResults(t *testing.T) {
	dir := resultDir(t)
	page := filepath.Join(dir, "report.html")
	again := func() {
		t.Helper()
		if got := with(t.Context(), both(), "run", write(t, tiny), "-o", dir, "--force", "--quiet"); got.status != 0 {
			t.Fatalf("%+v", got)
		}
	}
	if got := fibsim("report", dir); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	again()
	if _, err := os.Stat(page); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the page of what is gone: %v", err)
	}
	if err := os.WriteFile(page, []byte("<p>mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	again()
	if got := string(read(t, page)); got != "<p>mine" {
		t.Errorf("a page of somebody else is now %q", got)
	}
}

// Whoever reads results ends at an interrupt, with its status and without half a file.
func TestInterruptedReaders(t *testing.T) {
	out, dir := t.TempDir(), filepath.Join(t.TempDir(), "results")
	if got := fibsim("run", "testdata/tiny.yaml", "--sim", "--no-baseline", "-o", dir, "--states", "--quiet"); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range [][]string{
		{"report", dir, "-o", filepath.Join(out, "x.html")}, {"plot", dir, "-o", filepath.Join(out, "x.svg")},
		{"trace", dir, "-o", filepath.Join(out, "x.json")},
	} {
		if got := with(ctx, nil, args...); got != (output{130, "", "fibsim: interrupted\n"}) {
			t.Errorf("%q: %+v", args, got)
		}
	}
	if left, err := os.ReadDir(out); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// run makes the page, too, where it is told to.
func TestRunReport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "results")
	page := filepath.Join(dir, "page.html")
	got := with(t.Context(), both(), "run", write(t, tiny), "-o", dir, "--report", page)
	if got.status != 0 || !isPage(string(read(t, page))) {
		t.Errorf("%+v", got)
	}
}
