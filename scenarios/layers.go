package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/workloads"
)

// Ranks of the layers that make up one variant: each wins over those below it.
const (
	fileRank = iota
	variantRank
	flagRank
	ranks
)

// layers is what one variant is made of.
type layers struct {
	file      *node
	variant   *value // nil: the plain scenario
	overrides []Override
}

// merge returns the file with the variant's and the command line's changes, and
// notes on what had to give way to them.
func (r *reader) merge(l layers) (tree *node, notes []string) {
	tree = l.file.clone()
	var locks, schedulers [ranks]string
	var models [ranks]workloads.Model
	look := func(rank int) {
		locks[rank], schedulers[rank], models[rank] = lockOf(tree), schedulerOf(tree.get("machine")), modelOf(tree)
	}
	look(fileRank)
	if l.variant != nil {
		r.setAll(tree, l.variant)
	}
	look(variantRank)
	for _, o := range l.overrides {
		r.override(tree, o)
	}
	look(flagRank)
	return tree, slices.Concat(dropOfLock(tree, locks), dropOfScheduler(tree, schedulers), dropOfModel(tree, models), dropWindow(tree))
}

// setAll applies the changes of a variant.
func (r *reader) setAll(tree *node, variant *value) {
	set := variant.node.get("set")
	if set == nil || set.kind != mappingNode {
		return
	}
	name := pick[string](variant, "name")
	for i, path := range set.keys {
		if !slices.Contains(programKeys, firstStep(path.text)) {
			continue // reported when the set was read
		}
		from := &layer{rank: variantRank, variant: name, path: path.text}
		at, v := path.clone(), set.items[i].clone()
		// What a flag wrote into the variants stays the flag's.
		if at.from == nil {
			at.brand(from)
			v.brand(from)
		}
		r.set(tree, at, path.text, v)
	}
}

func firstStep(path string) string {
	first, _, _ := strings.Cut(path, ".")
	return first
}

func lockOf(tree *node) string {
	if lock := tree.get("interpreter").get("lock"); lock != nil {
		return lock.text
	}
	return defaultLock
}

// dropOfLock takes out the parameters that were right where they were
// written, and that the lock of a higher layer has not got. What was wrong from
// the start stays, for the reader to report.
func dropOfLock(tree *node, locks [ranks]string) (notes []string) {
	spec := policy.Lookup(locks[flagRank])
	interpreter := tree.get("interpreter")
	if spec == nil || interpreter == nil || interpreter.kind != mappingNode {
		return nil
	}
	for _, k := range slices.Clone(interpreter.keys) {
		former := policy.Lookup(locks[k.rank()])
		if former == nil || former == spec || former.Param(k.text) == nil || spec.Param(k.text) != nil {
			continue
		}
		notes = append(notes, fmt.Sprintf("interpreter.%s: %s is dropped: it belongs to lock %s, and the lock is now %s",
			k.text, clip(interpreter.get(k.text).text), former.Name, spec.Name))
		interpreter.remove(k.text)
	}
	return notes
}

func modelOf(tree *node) workloads.Model {
	if model := tree.get("server").get("model"); model != nil {
		return workloads.Model(model.text)
	}
	return workloads.Threads
}

// dropOfModel takes out the numbers that were right where they were written, and
// that the server's model of a higher layer has not got.
func dropOfModel(tree *node, models [ranks]workloads.Model) (notes []string) {
	server, model := tree.get("server"), models[flagRank]
	for _, k := range []struct {
		name string
		has  func(workloads.Model) bool
	}{{"workers", workloads.Model.HasWorkers}, {"threads", workloads.Model.HasThreads}} {
		given := server.get(k.name)
		if given == nil || !slices.Contains(workloads.Models(), model) || k.has(model) || !k.has(models[given.rank()]) {
			continue
		}
		notes = append(notes, fmt.Sprintf("server.%s: %s is dropped: the model is now %s, which has none to choose", k.name, clip(given.text), model))
		server.remove(k.name)
	}
	return notes
}

// dropWindow lets the higher layer win where one says how long the run lasts
// and the other that it lasts until all is done.
func dropWindow(tree *node) (notes []string) {
	length, until := tree.get("duration"), tree.get("until")
	if length == nil || until == nil || length.rank() == until.rank() {
		return nil
	}
	loser, winner := "duration", "until"
	if length.rank() > until.rank() {
		loser, winner = winner, loser
	}
	notes = []string{fmt.Sprintf("%s: %s is dropped, as %s is set", loser, clip(tree.get(loser).text), winner)}
	tree.remove(loser)
	return notes
}

// setShape is the changes of a variant: a mapping from paths to values. The
// values are read where they are put.
type setShape struct{}

func (setShape) read(r *reader, n *node, path string) *value {
	v := &value{node: n, path: path, given: true}
	if n.kind != mappingNode {
		r.addf(n, path, "must be a mapping from paths to values, such as {threads.crunch.count: 2}, got %s", n.what())
		return v
	}
	for _, k := range n.keys {
		first := firstStep(k.text)
		known := find(root.keys, first)
		switch {
		case !overridePath.MatchString(k.text):
			r.addf(k, path, "%q is not a path such as threads.crunch.count", clip(k.text))
		case known == nil:
			r.addf(k, path, "unknown key %s; %s", clip(k.text), hint(first, programKeys))
		case !slices.Contains(programKeys, first):
			r.addf(k, path, "%s is the same in all variants; a variant can set %s", first, either(programKeys))
		}
	}
	return v
}

func (setShape) schema() object {
	return object{
		{"type", "object"},
		{"propertyNames", object{{"pattern", `^(` + strings.Join(programKeys, "|") + `)(\.[a-z0-9_]+)*$`}}},
	}
}
