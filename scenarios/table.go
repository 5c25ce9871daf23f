package scenarios

import (
	"slices"
	"strings"
)

// tableShape is a mapping from names that the scenario chooses to equal things.
type tableShape struct {
	doc   string
	item  *mapShape
	thing string // what an element is called in messages
	max   int
}

// read returns the things in the order of their names: that in which they stand
// has no meaning.
func (s *tableShape) read(r *reader, n *node, path string) *value {
	v := &value{node: n, path: path, given: true, keys: map[string]*value{}}
	switch {
	case n.kind != mappingNode:
		r.addf(n, path, "must be a mapping from names to %ss, got %s", s.thing, n.what())
		return v
	case len(n.keys) == 0:
		r.addf(n, path, "must have at least one %s", s.thing)
		return v
	case len(n.keys) > s.max:
		r.addf(n, path, "must have at most %d %ss, got %d", s.max, s.thing, len(n.keys))
		return v
	}
	for i, name := range n.keys {
		at := join(path, name.text)
		switch {
		case !groupName.MatchString(name.text):
			r.addf(name, at, "the name of a %s %s", s.thing, nameRemedy)
		case n.items[i].null():
			r.addf(n.items[i], at, "has no value: write {} for a %s with every default", s.thing)
		default:
			item := s.item.read(r, n.items[i], at)
			item.data = name.text
			v.list = append(v.list, item)
		}
	}
	slices.SortFunc(v.list, func(a, b *value) int { return strings.Compare(a.data.(string), b.data.(string)) })
	return v
}

func (s *tableShape) schema() object {
	return object{
		{"type", "object"}, {"description", s.doc}, {"minProperties", 1}, {"maxProperties", s.max},
		{"propertyNames", object{{"pattern", namePattern}}},
		{"additionalProperties", s.item.schema()},
	}
}
