package scenarios

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Each file in testdata/bad holds one kind of mistake; the file of the same name
// with .txt holds the complete messages that it must give.
func TestBadScenarios(t *testing.T) {
	paths, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no bad scenarios found: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(filepath.Base(path), data)
			var errs Errors
			if !errors.As(err, &errs) {
				t.Fatalf("got %T %v, want Errors", err, err)
			}
			golden(t, strings.TrimSuffix(path, ".yaml")+".txt", errs.Error()+"\n")
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// One mistake that aliases and variants multiply by a million is still told in
// a bounded number of lines.
func TestErrorsAreBounded(t *testing.T) {
	text := "version: 1\nname: many\nthreads:\n  - {name: a, body: &b [" + strings.Repeat("{fib: 99}, ", 900) + "]}\n"
	for i := range 20 {
		text += fmt.Sprintf("  - {name: a%d, body: *b}\n", i)
	}
	text += "variants:\n"
	for i := range MaxVariants {
		text += fmt.Sprintf("  - {name: v%d, set: {seed: %d}}\n", i, i)
	}
	_, err := Parse("many.yaml", []byte(text))
	var errs Errors
	// The 21 groups share the lines of one body, under names of their own.
	if !errors.As(err, &errs) || len(errs) > maxErrors || len(errs) < 900 {
		t.Errorf("got %d errors", len(errs))
	}
}
