package scenarios

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNoVariant is in the chain of an error about a variant that a scenario has not.
var ErrNoVariant = errors.New("there is no variant")

// ParseVariant reads one variant of a scenario as if the others were not there, so
// that the overrides need make sense in it alone. It becomes the plain scenario: the
// variant has no name, and there are no claims, as they may be about several. An empty
// name is the first variant.
//
// The names are those of all variants, in their order; none where the scenario has
// none. The error is [Errors], or has ErrNoVariant in its chain.
func ParseVariant(file string, data []byte, name string, overrides ...Override) (s *Scenario, names []string, err error) {
	r := &reader{file: file}
	tree := r.tree(data)
	if tree == nil {
		return nil, nil, r.errs.sorted()
	}
	plain := root.read(r, tree, "")
	if len(r.errs) > 0 {
		return nil, nil, r.errs.sorted()
	}
	var variant *value
	if list := plain.get("variants"); list != nil {
		for _, v := range list.list {
			names = append(names, pick[string](v, "name"))
			if variant == nil && (name == "" || name == names[len(names)-1]) {
				variant = v
			}
		}
	}
	if variant == nil && name != "" {
		if len(names) == 0 {
			return nil, nil, fmt.Errorf("%w %s: the scenario has no variants", ErrNoVariant, clip(name))
		}
		return nil, names, fmt.Errorf("%w %s; there are %s", ErrNoVariant, clip(name), strings.Join(names, ", "))
	}
	merged, notes := r.merge(layers{tree, variant, overrides})
	s = newScenario(file, root.read(r, merged, ""))
	s.Notes = notes
	s.Variants = []Variant{{Program: r.build(programShape.read(r, merged, ""))}}
	if variant == nil {
		// What only another variant uses is no mistake.
		for _, e := range r.unused {
			r.report(e)
		}
	}
	if len(r.errs) > 0 {
		return nil, names, r.errs.sorted()
	}
	return s, names, nil
}
