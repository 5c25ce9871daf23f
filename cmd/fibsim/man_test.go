package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every command that the help lists has a man page, with its flags; those that only
// the program itself calls have none. The same day writes the same bytes.
func TestManPages(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1767225600") // 2026-01-01
	dir := filepath.Join(t.TempDir(), "man1")
	if got := fibsim("man", dir); got.status != 0 || got.stdout != "" || got.stderr != "" {
		t.Fatalf("%+v", got)
	}
	for _, c := range (&app{}).root().Commands() {
		path := filepath.Join(dir, "fibsim-"+c.Name()+".1")
		page, err := os.ReadFile(path)
		switch {
		case !c.IsAvailableCommand():
			if err == nil && c.Name() != "help" {
				t.Errorf("%s, which is hidden, has a page", c.Name())
			}
		case err != nil:
			t.Errorf("%s has none: %v", c.Name(), err)
		case !strings.Contains(string(page), c.Short) || !strings.Contains(string(page), "Jan 2026"):
			t.Errorf("%s: %s", c.Name(), page)
		}
	}
	if page := string(read(t, filepath.Join(dir, "fibsim-run.1"))); !strings.Contains(page, "--repeat") {
		t.Errorf("the page of run does not know --repeat: %s", page)
	}
}

// A page takes the place of an older one and does not write into it: what else has that
// file keeps it. One that cannot be put there is named.
func TestManPagesReplace(t *testing.T) {
	dir := t.TempDir()
	page, other := filepath.Join(dir, "fibsim-run.1"), filepath.Join(dir, "other")
	if err := os.WriteFile(other, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(other, page); err != nil {
		t.Skip(err)
	}
	if got := fibsim("man", dir); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	if string(read(t, other)) != "mine" || !strings.Contains(string(read(t, page)), "fibsim") {
		t.Errorf("the other file has %.40q, the page %.40q", read(t, other), read(t, page))
	}
	if err := errors.Join(os.Remove(page), os.Mkdir(page, 0o755)); err != nil {
		t.Fatal(err)
	}
	if got := fibsim("man", dir); got.status != 2 || !strings.Contains(got.stderr, page) {
		t.Errorf("%+v", got)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	if got := fibsim("man", dir); got.status != 2 || !strings.Contains(got.stderr, "SOURCE_DATE_EPOCH") {
		t.Errorf("%+v", got)
	}
}

// A directory that cannot be made, and none at all, are mistakes of the command line.
func TestManPagesNowhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"man"}, {"man", file}, {"man", "a", "b"}} {
		if got := fibsim(args...); got.status != 2 || !strings.HasPrefix(got.stderr, "fibsim: ") {
			t.Errorf("%q: %+v", args, got)
		}
	}
}
