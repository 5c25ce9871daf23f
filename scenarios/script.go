package scenarios

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fibsim/fibsim/workloads/script"
)

// scriptText is a function in the language of scripts. It is compiled here, so
// that what is wrong in it is told with its place in the file. Its data is a
// string that ends in one line break.
type scriptText struct{}

func (scriptText) schema() object {
	return object{{"type", "string"}, {"minLength", 1}, {"maxLength", MaxScript}}
}

func (scriptText) read(r *reader, n *node, path string) *value {
	v := &value{node: n, path: path, given: true}
	text := strings.TrimRight(n.text, "\n") + "\n"
	odd := func(c rune) bool { return !unicode.IsGraphic(c) && c != '\n' }
	switch {
	case n.kind != scalarNode || n.tag != "!!str":
		r.addf(n, path, "must be text such as |, and below it def run():, got %s", n.what())
		return v
	case utf8.RuneCountInString(text) > MaxScript:
		r.addf(n, path, "must have at most %d characters, got %d", MaxScript, utf8.RuneCountInString(text))
		return v
	case strings.ContainsFunc(text, odd):
		r.add(n, path, "must have no control characters and no tabs; indent with spaces")
		return v
	}
	_, err := script.Compile(text)
	var mistakes script.Errors
	errors.As(err, &mistakes)
	for _, m := range mistakes {
		message := clipLine(m.Msg)
		at := n.within(m.Line, m.Col)
		if at == nil {
			at, message = n, fmt.Sprintf("line %d of the script: %s", m.Line, message)
		}
		r.add(at, path, message)
	}
	if err == nil {
		v.data = text
	}
	return v
}
