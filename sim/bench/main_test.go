package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"strings"
	"testing"
)

// The other engines' models, which only their users compile, parse, and need nothing but
// the standard library and the module that they are built with.
func TestPeersParse(t *testing.T) {
	for name, module := range modules {
		path := "peers/" + name + ".go.txt"
		text, err := fs.ReadFile(sources, path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		uses := false
		for _, i := range file.Imports {
			imported := strings.Trim(i.Path.Value, `"`)
			uses = uses || strings.HasPrefix(imported, module)
			if strings.Contains(imported, ".") && !strings.HasPrefix(imported, module) {
				t.Errorf("%s imports %s", path, imported)
			}
		}
		if file.Name.Name != "main" || !uses {
			t.Errorf("%s is no program that uses %s", path, module)
		}
	}
}

// A ratio is judged by the sharpest bound that it keeps; what was not measured has no
// verdict, and a line without bounds none either.
func TestVerdict(t *testing.T) {
	all := goal{pass: 1, target: 0.5, moonshot: 0.25}
	for ratio, want := range map[float64]string{0.25: "moonshot", 0.3: "target", 0.5: "target", 1: "pass", 1.01: "missed", 0: "not measured"} {
		if got := all.verdict(ratio); got != want {
			t.Errorf("%v: %s, want %s", ratio, got, want)
		}
	}
	if got := (&goal{}).verdict(7); got != "" {
		t.Errorf("a line without bounds has the verdict %s", got)
	}
	if got := (&goal{target: 0.5}).verdict(0.7); got != "missed" {
		t.Errorf("got %s", got)
	}
}

// A run that gives another check value than the one before is an error, as is half a line.
func TestReadFindsWhatIsWrong(t *testing.T) {
	f := &figures{}
	for _, fields := range [][]string{{"12.5", "100", "ab", "0.5", "7.25"}, {"11.5", "100", "ab", "0.5"}} {
		if err := f.read(fields); err != nil {
			t.Fatal(err)
		}
	}
	if f.median() != 12 || f.extra != 0.5 || f.memory != 7.25 {
		t.Errorf("%+v, median %v", f, f.median())
	}
	for _, fields := range [][]string{{"12.5", "100", "cd", "0.5"}, {"12.5", "100", "ab"}, {"x", "100", "ab", "0.5"}, {"12.5", "100", "ab", "x"}} {
		if f.read(fields) == nil {
			t.Errorf("%v was accepted", fields)
		}
	}
	if (*figures)(nil).median() != 0 {
		t.Error("what was not measured has a median")
	}
}
