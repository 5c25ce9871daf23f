package term

import (
	"io"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/words"
)

// Screen is what a run shows when it is over.
type Screen struct {
	Name     string // of the scenario
	Title    string
	Question string
	Closed   []string // groups of clients in a closed loop
	Set      *results.Set
	Beside   []Beside // of a chapter
	Values   bool     // show those that counts yielded
	Style    Style
}

// Write writes the screen: title and question, the table, the values that counts
// yielded, what the table says of each variant in words, and the claims. The error is that of out.
func (s Screen) Write(out io.Writer) error {
	var b strings.Builder
	s.opening(&b)
	if lines := linesOf(s.Set); len(lines) > 0 {
		text, hides := table(s.Style, lines)
		b.WriteString(text)
		s.footnotes(&b, hides)
		if s.Values {
			s.values(&b)
		}
		s.findings(&b)
		s.modes(&b)
	}
	if s.Set.Run.Aborted {
		s.paragraph(&b, "", "Stopped early: only runs that had ended are counted.")
	}
	s.claims(&b)
	_, err := io.WriteString(out, b.String())
	return err
}

func (s Screen) opening(b *strings.Builder) {
	title := s.Name
	if s.Title != "" {
		title += ": " + s.Title
	}
	b.WriteString(s.Style.paint(bold, title) + "\n")
	if s.Question != "" {
		s.paragraph(b, "", s.Question)
	}
	b.WriteByte('\n')
}

// findings writes, for each variant, what its figures say and its index.
func (s Screen) findings(b *strings.Builder) {
	b.WriteByte('\n')
	for _, variant := range s.Set.Variants {
		prefix := ""
		if variant != "" {
			prefix = variant + ": "
		}
		if text := s.Style.Words().Finding(s.Set, variant); text != "" {
			s.paragraph(b, "", prefix+text)
		}
	}
	for _, variant := range s.Set.Variants {
		if text := s.indexes(variant); text != "" {
			s.paragraph(b, "", text)
		}
	}
	if len(s.Set.Run.Indexes) > 0 {
		s.note(b, "  1: nobody is favoured; above: CPU-bound work is; below: short work is")
	}
}

// indexes returns the favor-CPU-bound index of each backend of a variant.
func (s Screen) indexes(variant string) string {
	var parts []string
	for _, backend := range s.Set.Backends {
		x := s.Set.Index(variant, backend)
		if x == nil {
			continue
		}
		parts = append(parts, backend+" "+words.Index(x))
	}
	if len(parts) == 0 {
		return ""
	}
	name := "Favor-CPU-bound index"
	if variant != "" {
		name += ", " + variant
	}
	return name + ": " + strings.Join(parts, s.Style.pick(" · ", "; "))
}

// footnotes says what the figures above are and what their signs mean.
func (s Screen) footnotes(b *strings.Builder, hides bool) {
	text := words.Evidence(s.Set)
	if hides {
		text += "; " + s.Style.dash() + ": fewer than 10 iterations beyond that percentile"
	}
	s.note(b, text)
}

// note writes text of less weight, in lines that fit, with its own indent.
func (s Screen) note(b *strings.Builder, text string) {
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
	for _, l := range wrap(text, s.Style.Width-len(indent)) {
		b.WriteString(s.Style.paint(dim, indent+l) + "\n")
	}
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// paragraph writes text in lines that fit, each after the indent.
func (s Screen) paragraph(b *strings.Builder, indent, text string) {
	for _, l := range wrap(text, s.Style.Width-width(indent)) {
		b.WriteString(indent + l + "\n")
	}
}

// wrap breaks text between words into lines of at most room columns; a longer
// word gets a line of its own.
func wrap(text string, room int) []string {
	var lines []string
	current := ""
	for _, word := range strings.Fields(text) {
		if current != "" && width(current)+1+width(word) > room {
			lines, current = append(lines, current), ""
		}
		if current != "" {
			current += " "
		}
		current += word
	}
	return append(lines, current)
}
