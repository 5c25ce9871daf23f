package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pure are the packages whose result depends on their input alone: no clock, no
// goroutine, no input and output, no package-wide random numbers.
var pure = []string{"gil/policy", "gil/policy/explore", "gil/trace", "gil/trace/timeline", "ossched", "workloads", "workloads/script", "sim", "sim/machine"}

// impure are the imports that a pure package cannot have, each with what to do
// instead.
var impure = map[string]string{
	"os": "take what is needed as an argument", "io": "return values", "net": "return values", "log": "return errors",
	"context": "a pure step is too short to be cancelled", "sync": "the driver serialises", "sync/atomic": "the driver serialises",
	"math/rand": "use workloads.Stream", "math/rand/v2": "use workloads.Stream", "crypto/rand": "use workloads.Stream",
}

// clocks are the calls of package time that read a clock or wait for one.
var clocks = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}

// source is one file of the module, parsed, without tests.
type source struct {
	pkg, path string
	set       *token.FileSet
	file      *ast.File
	lines     int
}

func (s *source) at(n ast.Node) string {
	return fmt.Sprintf("%s/%s:%d", s.pkg, filepath.Base(s.path), s.set.Position(n.Pos()).Line)
}

func sources(t *testing.T) []*source {
	t.Helper()
	var all []*source
	for _, p := range packages(t) {
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles) {
			set := token.NewFileSet()
			path := filepath.Join(p.Dir, name)
			file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, &source{p.name(), path, set, file, set.File(file.Pos()).LineCount()})
		}
	}
	return all
}

// Pure packages are pure.
func TestPurePackages(t *testing.T) {
	for _, s := range sources(t) {
		if slices.Contains(pure, s.pkg) {
			for _, complaint := range s.impurities() {
				t.Error(complaint)
			}
		}
	}
}

// impurities returns what a file has that a pure package has not.
func (s *source) impurities() []string {
	var out []string
	for _, i := range s.file.Imports {
		if instead, banned := impure[strings.Trim(i.Path.Value, `"`)]; banned {
			out = append(out, fmt.Sprintf("%s: a pure package imports %s; %s", s.at(i), i.Path.Value, instead))
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			out = append(out, s.at(n)+": a pure package starts a goroutine; leave that to the driver")
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clocks, n.Sel.Name) {
				out = append(out, fmt.Sprintf("%s: a pure package calls time.%s; take the time as an argument", s.at(n), n.Sel.Name))
			}
		}
		return true
	})
	return out
}

// Only the program itself starts itself again: a library that did would start
// whatever program it is part of.
func TestOnlyTheProgramStartsItself(t *testing.T) {
	for _, s := range sources(t) {
		if s.pkg == "cmd/fibsim" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := call.X.(*ast.Ident); ok && x.Name == "os" && call.Sel.Name == "Executable" {
				t.Errorf("%s: os.Executable; take the command as an argument", s.at(n))
			}
			return true
		})
	}
}

// Exported identifiers have a comment that begins with a sentence about them, and
// every package has one about itself.
func TestExportedIdentifiersAreDocumented(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t) {
		documented[s.pkg] = documented[s.pkg] || s.file.Doc != nil
		if s.file.Name.Name != "main" {
			for _, complaint := range s.undocumented() {
				t.Error(complaint)
			}
		}
	}
	for pkg, done := range documented {
		if !done {
			t.Errorf("%s: no package comment", pkg)
		}
	}
}

// undocumented returns the exported identifiers of a file that have no comment. A
// group under one comment, and what stands beside a comment on its line, counts
// as documented.
func (s *source) undocumented() []string {
	var out []string
	miss := func(n ast.Node, name string) { out = append(out, fmt.Sprintf("%s: %s has no comment", s.at(n), name)) }
	for _, d := range s.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
				miss(d, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil {
						miss(spec, spec.Name.Name)
					}
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						if name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
							miss(spec, name.Name)
						}
					}
				}
			}
		}
	}
	return out
}

// exportedReceiver reports whether a function is one that others can call: none
// of an unexported type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if generic, ok := t.(*ast.IndexExpr); ok {
		t = generic.X
	}
	name, ok := t.(*ast.Ident)
	return ok && name.IsExported()
}

// mostLines is far beyond what a file should have. One that passes it holds more
// than one idea.
const mostLines = 500

func TestFilesAreShort(t *testing.T) {
	for _, s := range sources(t) {
		if s.lines > mostLines {
			t.Errorf("%s/%s: %d lines; no file has more than %d", s.pkg, filepath.Base(s.path), s.lines, mostLines)
		}
	}
}

// The rules find what they are there to find.
func TestRulesFind(t *testing.T) {
	parse := func(text string) *source {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, "x.go", text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		return &source{pkg: "x", path: "x.go", set: set, file: file}
	}
	for text, want := range map[string]string{
		"package x\nimport \"os\"":                            "x/x.go:2: a pure package imports \"os\"; take what is needed as an argument",
		"package x\nimport \"time\"\nvar t = time.Now()":      "x/x.go:3: a pure package calls time.Now; take the time as an argument",
		"package x\nfunc f() { go f() }":                      "x/x.go:2: a pure package starts a goroutine; leave that to the driver",
		"package x\nimport \"time\"\nconst t = time.Second\n": "",
		"package x\nimport (\n\"fmt\"\n\"slices\"\n)\n":       "",
	} {
		if got := strings.Join(parse(text).impurities(), "|"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"package x\nfunc F() {}":                            "x/x.go:2: F has no comment",
		"package x\n// F is.\nfunc F() {}":                  "",
		"package x\ntype t int\nfunc (t) F() {}":            "",
		"package x\n// T is.\ntype T int\nfunc (*T) F() {}": "x/x.go:4: F has no comment",
		"package x\ntype T int":                             "x/x.go:2: T has no comment",
		"package x\nvar V, W = 1, 2":                        "x/x.go:2: V has no comment|x/x.go:2: W has no comment",
		"package x\nconst (\nA = 1 // is one\nB = 2\n)":     "x/x.go:4: B has no comment",
	} {
		if got := strings.Join(parse(text).undocumented(), "|"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
