package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/scenarios"
)

// Request is what the reader wants to see.
type Request struct {
	Scenario string    `json:"scenario"` // name of a built-in one
	Text     string    `json:"text"`     // a scenario of the reader's own; empty: the built-in one
	Variant  string    `json:"variant"`  // empty: the first
	Set      []Setting `json:"set"`
}

// Setting is a changed value of the scenario, as --set has it.
type Setting struct {
	Path  string `json:"path"`
	Value string `json:"value"`
}

// argument returns what stands behind --set.
func (s Setting) argument() string { return s.Path + "=" + s.Value }

// ownFile is what a scenario of the reader's own is called in messages, and in the
// command that does the same.
const ownFile = "mine.yaml"

// source returns the scenario's text and its name in messages.
func (q *Request) source() (file string, text []byte, err error) {
	if q.Text != "" {
		return ownFile, []byte(q.Text), nil
	}
	text, ok := scenarios.Source(q.Scenario)
	if !ok {
		return "", nil, fmt.Errorf("no scenario is named %q", q.Scenario)
	}
	return q.Scenario + ".yaml", text, nil
}

// sets reports whether a path is among the settings.
func (q *Request) sets(path string) bool {
	return slices.ContainsFunc(q.Set, func(s Setting) bool { return s.Path == path })
}

// overrides returns the changes to the scenario.
func (q *Request) overrides() ([]scenarios.Override, error) {
	var list []scenarios.Override
	for _, s := range q.Set {
		one, err := scenarios.ParseSet(s.argument())
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// command returns the command line that predicts the same with a scenario that has no
// variants. Repeated says that it asks for several repetitions, of which the page
// makes the first.
func (q *Request) command(repeated bool) string {
	words := []string{"fibsim", "run", quoted(q.Scenario), "--sim"}
	if repeated {
		words = append(words, "--repeat", "1")
	}
	for _, s := range q.Set {
		words = append(words, "--set", quoted(s.argument()))
	}
	return strings.Join(words, " ")
}

// quoted returns a word as a shell takes it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r < 128 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=:,+%@", r))
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
