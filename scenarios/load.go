package scenarios

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Find reads a scenario by name or by path, with overrides applied. The argument
// is a path when it ends in .yaml or .yml, or when a file of that name is there;
// otherwise it is the name of a built-in scenario, such as mixed or
// article/05-sleep-in-threads. What has a separator and is none is a path, too.
//
// The error is a [*ReadError] when there is nothing to read, and [Errors] when
// the content is wrong.
func Find(nameOrPath string, overrides ...Override) (*Scenario, error) {
	if isPath(nameOrPath) {
		return Load(nameOrPath, overrides...)
	}
	data, ok := Source(nameOrPath)
	if !ok {
		return nil, &ReadError{Path: nameOrPath, Err: fmt.Errorf("no file and no built-in scenario has that name; %s", hint(nameOrPath, Names()))}
	}
	s, err := Parse(nameOrPath+".yaml", data, overrides...)
	if err != nil {
		return nil, err
	}
	s.Path = nameOrPath
	return s, nil
}

// isPath reports whether a person who typed arg means a file.
func isPath(arg string) bool {
	_, builtIn := Source(arg)
	switch {
	case strings.HasSuffix(arg, ".yaml") || strings.HasSuffix(arg, ".yml") || strings.ContainsAny(arg, `/\`) && !builtIn:
		return true
	case builtIn:
		// A directory that happens to be called like a built-in scenario, such as
		// the results of its last run, must not hide it.
		info, err := os.Stat(arg)
		return err == nil && info.Mode().IsRegular()
	}
	_, err := os.Stat(arg)
	return err == nil
}

// Load reads the scenario in the file at path. Its errors are those of [Find].
func Load(path string, overrides ...Override) (*Scenario, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, &ReadError{Path: path, Err: err}
	}
	return Parse(path, data, overrides...)
}

// readFile reads at most one byte more than a scenario may have, so that a
// device or a mistaken gigabyte does not fill the memory.
func readFile(path string) ([]byte, error) {
	// Asked before it is opened: opening a pipe that nobody writes to never ends.
	switch info, err := os.Stat(path); {
	case err != nil:
		return nil, plain(err)
	case info.IsDir():
		return nil, errors.New("is a directory; name the file in it")
	case info.Mode()&fs.ModeNamedPipe != 0:
		return nil, errors.New("is a pipe; give a file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, plain(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxFileBytes+1))
	return data, plain(err)
}

// plain takes operation and path off an error: the message around it has both.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// Parse reads a scenario from memory; file is its name in messages. The error,
// if any, is [Errors].
func Parse(file string, data []byte, overrides ...Override) (*Scenario, error) {
	r := &reader{file: file}
	tree := r.tree(data)
	if tree == nil {
		return nil, r.errs.sorted()
	}
	base, _ := r.merge(layers{file: tree, overrides: overrides})
	top := root.read(r, base, "")
	s := newScenario(file, top)
	r.variants(s, tree, top, overrides)
	r.claims(s, top)
	if len(r.errs) > 0 {
		return nil, r.errs.sorted()
	}
	return s, nil
}

// tree reads a file that is to hold a scenario; nil where it is none.
func (r *reader) tree(data []byte) *node {
	tree := r.parseYAML(data)
	if tree != nil && tree.kind != mappingNode {
		r.addf(tree, "", "must be a mapping that begins with version: 1, got %s", tree.what())
		return nil
	}
	return tree
}

// newScenario returns what is the same in all variants.
func newScenario(file string, top *value) *Scenario {
	return &Scenario{
		Name: pick[string](top, "name"), Title: pick[string](top, "title"),
		Question: pick[string](top, "question"), About: pick[string](top, "about"),
		Path: file, Seed: uint64(pick[int](top, "seed")), Repeat: pick[int](top, "repeat"),
	}
}

// variants expands the variants, or the plain scenario where there are none.
func (r *reader) variants(s *Scenario, tree *node, top *value, overrides []Override) {
	list := []*value{nil}
	if v := top.get("variants"); v != nil && len(v.list) > 0 {
		list = v.list
		r.variantNames(list)
	}
	found, unused := make([]Errors, len(list)), make([]Errors, len(list))
	for i, variant := range list {
		if len(r.errs) == maxErrors {
			return // nothing that could be added would be told
		}
		one := &reader{file: r.file}
		merged, notes := one.merge(layers{tree, variant, overrides})
		v := Variant{Name: pick[string](variant, "name")}
		v.Program = one.build(programShape.read(one, merged, ""))
		s.Variants = append(s.Variants, v)
		found[i], unused[i] = one.errs, one.unused
		for _, note := range notes {
			if v.Name != "" {
				note = "variant " + v.Name + ": " + note
			}
			s.Notes = append(s.Notes, note)
		}
	}
	r.mergeErrors(s.Variants, found)
	for _, e := range unused[0] {
		if !slices.ContainsFunc(unused, func(es Errors) bool { return !slices.Contains(es, e) }) {
			r.report(e)
		}
	}
}

// programShape reads what belongs to one variant; it passes over the rest,
// which was read before.
var programShape = func() *mapShape {
	s := &mapShape{doc: root.doc, partial: true}
	for _, k := range root.keys {
		if slices.Contains(programKeys, k.name) || k.name == "name" {
			s.keys = append(s.keys, k)
		}
	}
	return s
}()

// mergeErrors adds the errors of the variants, each once: as it is where all
// variants or the file itself have it, with the variant's name otherwise.
func (r *reader) mergeErrors(variants []Variant, found []Errors) {
	count := map[Error]int{}
	for _, errs := range found {
		for _, e := range errs.sorted() {
			count[e]++
		}
	}
	known := map[Error]bool{}
	for _, e := range r.errs {
		known[e] = true
	}
	for i, errs := range found {
		for _, e := range errs {
			own := strings.HasPrefix(e.Key, "variants."+variants[i].Name+".set")
			if !known[e] && !own && count[e] < len(found) {
				e.Msg += " (in variant " + variants[i].Name + ")"
			}
			r.report(e)
		}
	}
}

// variantNames checks what the names of variants must not be.
func (r *reader) variantNames(list []*value) {
	seen := map[string]bool{}
	for _, v := range list {
		name := pick[string](v, "name")
		at := v.get("name")
		switch {
		case name == "":
		case name == "alone" || isBackend(name) || reservedInChecks[name]:
			r.addf(at.node, at.path, "no variant may be called %s: claims use the word for something else", name)
		case seen[name]:
			r.addf(at.node, at.path, "another variant is called %s", name)
		}
		seen[name] = true
	}
}
