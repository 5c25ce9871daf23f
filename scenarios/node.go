package scenarios

import (
	"fmt"
	"slices"
)

// node is a value of a scenario file: YAML without aliases, styles and comments,
// and with the place where it was written.
type node struct {
	kind      nodeKind
	tag       string  // of a scalar: !!str, !!int, !!float, !!bool, !!null …
	text      string  // of a scalar
	keys      []*node // of a mapping
	items     []*node // values of a mapping, or elements of a list
	line, col int
	plain     bool   // a scalar without quotes on one line, so that columns count on in it
	indent    int    // of a text that begins in the next line and is as it stands there; 0: another text
	from      *layer // nil: the file itself
}

type nodeKind uint8

const (
	scalarNode nodeKind = iota
	mappingNode
	listNode
)

// layer is a set of changes to a file: a variant's, or those of the command line.
type layer struct {
	rank    int    // later layers win; the file is 0
	flag    string // the flag as typed; empty for a variant
	path    string // the path that was set
	variant string
}

func (n *node) rank() int {
	if n.from == nil {
		return 0
	}
	return n.from.rank
}

// null reports whether the node is there but says nothing, as in "title:".
func (n *node) null() bool { return n.kind == scalarNode && n.tag == "!!null" }

// index returns where key is in a mapping, or -1.
func (n *node) index(key string) int {
	return slices.IndexFunc(n.keys, func(k *node) bool { return k.text == key })
}

// get returns the value of key in a mapping, or nil; also on a nil node or one
// of another kind.
func (n *node) get(key string) *node {
	if n == nil || n.kind != mappingNode {
		return nil
	}
	if i := n.index(key); i >= 0 {
		return n.items[i]
	}
	return nil
}

// put sets key in a mapping, the old value's place kept.
func (n *node) put(key string, value *node) {
	k := &node{kind: scalarNode, tag: "!!str", text: key, line: value.line, col: value.col, from: value.from}
	if i := n.index(key); i >= 0 {
		n.keys[i], n.items[i] = k, value
		return
	}
	n.keys, n.items = append(n.keys, k), append(n.items, value)
}

// remove takes key out of a mapping, if it is there.
func (n *node) remove(key string) {
	if i := n.index(key); i >= 0 {
		n.keys, n.items = slices.Delete(n.keys, i, i+1), slices.Delete(n.items, i, i+1)
	}
}

// clone copies the node and everything below it.
func (n *node) clone() *node {
	c := *n
	c.keys, c.items = make([]*node, len(n.keys)), make([]*node, len(n.items))
	for i, k := range n.keys {
		c.keys[i] = k.clone()
	}
	for i, item := range n.items {
		c.items[i] = item.clone()
	}
	return &c
}

// brand marks the node and everything below it as brought by a layer.
func (n *node) brand(from *layer) {
	n.from = from
	for _, k := range n.keys {
		k.brand(from)
	}
	for _, item := range n.items {
		item.brand(from)
	}
}

// what describes the node in a message about a wrong type.
func (n *node) what() string {
	switch {
	case n.kind == mappingNode:
		return "a mapping"
	case n.kind == listNode:
		return "a list"
	case n.null():
		return "nothing"
	case n.tag == "!!str":
		return fmt.Sprintf("%q", clip(n.text))
	}
	return clip(n.text)
}
