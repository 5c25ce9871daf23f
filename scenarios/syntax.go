package scenarios

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// parseYAML reads one YAML document into nodes. It returns nil and adds to the
// errors when the text is not one well-formed document.
func (r *reader) parseYAML(data []byte) *node {
	if len(data) > MaxFileBytes {
		r.addAt(1, 1, fmt.Sprintf("the file is larger than %s", formatSize(MaxFileBytes)))
		return nil
	}
	document, err := decode(data)
	if errors.Is(err, io.EOF) {
		r.addAt(1, 1, fmt.Sprintf("the file is empty; a %s begins with version: 1", cmp.Or(r.what, "scenario")))
		return nil
	}
	if err != nil {
		line, message := syntaxError(err, data)
		r.addAt(line, 1, message)
		return nil
	}
	x := expander{r: r, open: map[*yaml.Node]bool{}, lines: bytes.Split(data, []byte("\n"))}
	n := x.expand(document)
	if x.failed {
		return nil
	}
	return n
}

// decode returns the content of the only document in data, io.EOF when there is
// none.
func decode(data []byte) (n *yaml.Node, err error) {
	// The library reports most malformed input as errors; whatever else it
	// stumbles over is malformed input too.
	defer func() {
		if p := recover(); p != nil {
			n, err = nil, fmt.Errorf("yaml: malformed: %v", p)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var first, second yaml.Node
	if err := decoder.Decode(&first); err != nil {
		return nil, err
	}
	if len(first.Content) != 1 {
		return nil, io.EOF
	}
	content := first.Content[0]
	if content.Kind == yaml.ScalarNode && content.ShortTag() == "!!null" {
		return nil, io.EOF
	}
	switch err := decoder.Decode(&second); {
	case errors.Is(err, io.EOF):
		return content, nil
	case err != nil:
		return nil, err
	}
	return nil, fmt.Errorf("yaml: line %d: a second document begins here; a file holds one document", max(second.Line, 1))
}

var (
	yamlLine      = regexp.MustCompile(`line ([0-9]+): `)
	parserMessage = regexp.MustCompile(`did not find expected (['<]|key|node content)`)
)

// syntaxError takes the line out of the library's message, and adds what its
// words leave unsaid about tabs.
func syntaxError(err error, data []byte) (line int, message string) {
	message, line = strings.TrimPrefix(err.Error(), "yaml: "), 1
	lines := bytes.Split(data, []byte("\n"))
	if m := yamlLine.FindStringSubmatchIndex(message); m != nil {
		line, _ = strconv.Atoi(message[m[2]:m[3]])
		line = max(line, 1)
		message = message[:m[0]] + message[m[1]:]
	}
	if parserMessage.MatchString(message) && line < len(lines) {
		line++ // the library counts these from 0
	}
	message = "not well-formed YAML: " + clipLine(message)
	for i := max(line-2, 0); i < min(line+1, len(lines)); i++ {
		if indent := lines[i][:len(lines[i])-len(bytes.TrimLeft(lines[i], " \t"))]; bytes.ContainsRune(indent, '\t') {
			return i + 1, message + "; indent with spaces, not with tabs"
		}
	}
	return line, message
}

func clipLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return text[:min(len(text), 200)]
}

// expander turns the library's nodes into ours and follows aliases.
type expander struct {
	r      *reader
	count  int
	failed bool
	open   map[*yaml.Node]bool // anchors being followed
	lines  [][]byte            // of the file, where there is one
}

func (x *expander) expand(y *yaml.Node) *node {
	x.count++
	if x.count > MaxNodes {
		x.fail(y, fmt.Sprintf("the file has more than %d values once its aliases are expanded", MaxNodes))
	}
	if x.failed {
		return &node{kind: scalarNode, tag: "!!null"}
	}
	if y.Kind == yaml.AliasNode {
		if x.open[y.Alias] {
			x.fail(y, fmt.Sprintf("the alias %q is part of what it stands for", clip(y.Value)))
			return &node{kind: scalarNode, tag: "!!null"}
		}
		return x.expand(y.Alias)
	}
	if y.Anchor != "" {
		x.open[y] = true
		defer delete(x.open, y)
	}
	n := &node{line: y.Line, col: y.Column, tag: y.ShortTag(), text: y.Value}
	switch y.Kind {
	case yaml.ScalarNode:
		n.plain = y.Style == 0 && y.Line <= len(x.lines) && bytes.Contains(x.lines[y.Line-1], []byte(y.Value))
		n.indent = x.indent(y)
	case yaml.MappingNode:
		x.mapping(n, y)
	case yaml.SequenceNode:
		n.kind = listNode
		for _, item := range y.Content {
			n.items = append(n.items, x.expand(item))
		}
	}
	return n
}

func (x *expander) mapping(n *node, y *yaml.Node) {
	n.kind = mappingNode
	first := map[string]int{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := x.expand(y.Content[i])
		switch {
		case x.failed:
			return
		case key.kind != scalarNode || key.null():
			x.r.add(key, "", fmt.Sprintf("a key must be a word, got %s", key.what()))
			continue
		case key.tag == "!!merge":
			x.r.add(key, "", "merge keys are not supported; write the keys out")
			continue
		case first[key.text] > 0:
			x.r.add(key, "", fmt.Sprintf("the key %s is already in line %d; keep one of them", clip(key.text), first[key.text]))
			continue
		}
		first[key.text] = key.line
		n.keys = append(n.keys, key)
		n.items = append(n.items, x.expand(y.Content[i+1]))
	}
}

// indent returns how far a literal block is indented; 0 where the text is none, or
// does not begin right below its sign.
func (x *expander) indent(y *yaml.Node) int {
	if y.Style&yaml.LiteralStyle == 0 || y.Line >= len(x.lines) || !bytes.Contains(x.lines[y.Line-1], []byte("|")) {
		return 0
	}
	for i, line := range strings.Split(y.Value, "\n") {
		if line == "" || y.Line+i >= len(x.lines) {
			continue
		}
		before, found := bytes.CutSuffix(bytes.TrimRight(x.lines[y.Line+i], "\r"), []byte(line))
		if !found || len(bytes.TrimLeft(before, " ")) > 0 {
			return 0
		}
		return len(before)
	}
	return 0
}

// fail reports the one error after which expanding makes no sense.
func (x *expander) fail(y *yaml.Node, message string) {
	if !x.failed {
		x.r.addAt(y.Line, y.Column, message)
	}
	x.failed = true
}
