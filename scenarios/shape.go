package scenarios

import (
	"fmt"
	"regexp"
	"strconv"
)

// shape is what a value of a scenario may be. It reads values, and it describes
// itself to the JSON Schema, so that the two cannot disagree.
type shape interface {
	// read checks n, adds what is wrong with it to the errors, and returns what
	// it says. The result is never nil; its data is nil where n was wrong.
	read(r *reader, n *node, path string) *value
	schema() object
}

// value is a node that has been read.
type value struct {
	node  *node
	path  string
	given bool              // written down, and not a default
	data  any               // of a scalar: its type depends on the shape
	keys  map[string]*value // of a mapping: what was given or has a default
	list  []*value
}

// get returns the value of a key, or nil where it was neither given nor has a
// default.
func (v *value) get(key string) *value {
	if v == nil {
		return nil
	}
	return v.keys[key]
}

// has reports whether a key was written down.
func (v *value) has(key string) bool { return v.get(key) != nil && v.get(key).given }

// pick returns the data of a key, or the zero value where it is missing or wrong.
func pick[T any](v *value, key string) T {
	var data T
	if found := v.get(key); found != nil {
		data, _ = found.data.(T)
	}
	return data
}

// reader collects the errors of one pass over a scenario.
type reader struct {
	file string
	what string // what the file is to hold, in messages; empty: a scenario
	errs Errors

	// Unused are the errors about what one variant does not use; they are none
	// where another variant uses it.
	unused Errors
}

// add reports what is wrong with the value n under the key path.
func (r *reader) add(n *node, path, message string) {
	e := Error{File: r.file, Line: n.line, Col: n.col, Key: path, Msg: message}
	if n.from == nil {
		r.report(e)
		return
	}
	if n.from.variant != "" {
		e.Key = "variants." + n.from.variant + ".set"
		if path != "" {
			e.Key += ": " + path
		}
	}
	if n.from.flag != "" {
		e.File, e.Line, e.Col, e.Flag = "", 0, 0, n.from.flag
		if path == n.from.path {
			e.Key = "" // the flag as typed names it already
		}
	}
	r.report(e)
}

// report keeps e, up to a number that nobody reads: aliases and variants can
// multiply one mistake by millions.
func (r *reader) report(e Error) {
	if len(r.errs) < maxErrors {
		r.errs = append(r.errs, e)
	}
}

func (r *reader) addf(n *node, path, format string, args ...any) {
	r.add(n, path, fmt.Sprintf(format, args...))
}

func (r *reader) addAt(line, col int, message string) {
	r.report(Error{File: r.file, Line: line, Col: col, Msg: message})
}

// key is one key of a mapping.
type key struct {
	name     string
	doc      string
	shape    shape
	required bool
	def      string // the default as one would write it; empty: none
}

// emptyMapping is the default of a section whose keys all have defaults.
const emptyMapping = "{}"

// mapShape is a mapping with a fixed set of keys.
type mapShape struct {
	doc  string
	keys []key
	// all returns every key that more can, for the schema, which cannot follow what it depends on;
	// more returns further keys that depend on the content, foreign what to say
	// of a key that is right elsewhere; both may be nil.
	all     func() []key
	more    func(n *node) []key
	foreign func(n *node, name string) string
	partial bool // pass over other keys: somebody else reads them
}

func (s *mapShape) read(r *reader, n *node, path string) *value {
	v := &value{node: n, path: path, given: true, keys: map[string]*value{}}
	keys := s.keys
	switch {
	case n.kind != mappingNode && len(keys) == 0:
		r.addf(n, path, "must be {}, got %s", n.what())
		return v
	case n.kind != mappingNode:
		r.addf(n, path, "must be a mapping with keys such as %s, got %s", keys[0].name, n.what())
		return v
	}
	if s.more != nil {
		keys = append(keys[:len(keys):len(keys)], s.more(n)...)
	}
	for i, k := range n.keys {
		s.readKey(r, v, keys, k, n.items[i])
	}
	for i := range keys {
		k := &keys[i]
		switch {
		case v.keys[k.name] != nil:
		case k.required && n.get(k.name) == nil:
			r.addf(n, join(path, k.name), "is missing: %s", k.doc)
		case k.def != "":
			v.keys[k.name] = k.shape.read(r, written(k.def, n), join(path, k.name))
			v.keys[k.name].given = false
		}
	}
	return v
}

func (s *mapShape) readKey(r *reader, v *value, keys []key, name, n *node) {
	path := join(v.path, name.text)
	k := find(keys, name.text)
	switch {
	case k == nil && s.partial:
	case k == nil && s.foreign != nil && s.foreign(v.node, name.text) != "":
		r.add(name, path, s.foreign(v.node, name.text))
	case k == nil:
		r.addf(name, path, "unknown key; %s", hint(name.text, keyNames(keys)))
	case n.null():
		r.addf(n, path, "has no value: %s", k.doc)
	default:
		v.keys[k.name] = k.shape.read(r, n, path)
	}
}

// written returns the node that somebody would have written for a default.
func written(text string, near *node) *node {
	if text == emptyMapping {
		return &node{kind: mappingNode, line: near.line, col: near.col, from: near.from}
	}
	tag := "!!str"
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		tag = "!!int"
	}
	return &node{kind: scalarNode, tag: tag, text: text, line: near.line, col: near.col, from: near.from}
}

func find(keys []key, name string) *key {
	for i := range keys {
		if keys[i].name == name {
			return &keys[i]
		}
	}
	return nil
}

func keyNames(keys []key) []string {
	var names []string
	for i := range keys {
		names = append(names, keys[i].name)
	}
	return names
}

func join(path, key string) string {
	if path == "" {
		return clip(key)
	}
	return path + "." + clip(key)
}

// listShape is a list of equal things.
type listShape struct {
	doc      string
	item     shape
	min, max int
	thing    string // what an element is called in messages
	named    bool   // elements have unique names, by which paths go
}

var groupName = regexp.MustCompile(namePattern)

func (s *listShape) read(r *reader, n *node, path string) *value {
	v := &value{node: n, path: path, given: true}
	switch {
	case n.kind != listNode:
		r.addf(n, path, "must be a list, got %s", n.what())
		return v
	case len(n.items) < s.min:
		r.addf(n, path, "must have at least one %s", s.thing)
		return v
	case len(n.items) > s.max:
		r.addf(n, path, "must have at most %d elements, got %d", s.max, len(n.items))
		return v
	}
	for i, item := range n.items {
		v.list = append(v.list, s.item.read(r, item, join(path, s.element(item, i))))
	}
	return v
}

// element returns how a path calls an element of the list.
func (s *listShape) element(item *node, i int) string {
	if name := item.get("name"); s.named && name != nil && groupName.MatchString(name.text) {
		return name.text
	}
	return strconv.Itoa(i)
}

// choiceShape is a mapping with exactly one key, such as an operation.
type choiceShape struct {
	doc   string
	thing string
	keys  []key
}

// read returns the name of the key as data, and its value under that name.
func (s *choiceShape) read(r *reader, n *node, path string) *value {
	v := &value{node: n, path: path, given: true, keys: map[string]*value{}}
	names := keyNames(s.keys)
	if n.kind != mappingNode || len(n.keys) != 1 {
		got := n.what()
		if n.kind == mappingNode {
			got = fmt.Sprintf("%d keys", len(n.keys))
		}
		r.addf(n, path, "must be one %s, such as {%s: …}, got %s", s.thing, names[0], got)
		return v
	}
	name, item := n.keys[0], n.items[0]
	k := find(s.keys, name.text)
	path = join(path, name.text)
	switch {
	case k == nil:
		r.addf(name, path, "unknown %s; %s", s.thing, hint(name.text, names))
	case item.null():
		r.addf(item, path, "has no value: %s", k.doc)
	default:
		v.data = name.text
		v.keys[k.name] = k.shape.read(r, item, path)
	}
	return v
}
