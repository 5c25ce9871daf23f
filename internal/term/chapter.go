package term

import (
	"io"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// Beside is what another backend has for what the claims of a chapter rest on.
type Beside struct {
	Values  []results.ClaimValue
	LeftOut []string // what it did not run, and why
}

// WriteChapter writes the title and the claims with what they rest on, where there
// is a set. The error is that of out.
func (s Screen) WriteChapter(out io.Writer) error {
	var b, claims strings.Builder
	s.paragraph(&b, "", s.Style.paint(bold, s.Name+": "+s.Title))
	if s.Set != nil {
		s.claims(&claims)
		b.WriteString(strings.TrimPrefix(claims.String(), "\n"))
		for _, o := range s.Beside {
			s.beside(&b, o)
		}
	}
	b.WriteByte('\n')
	_, err := io.WriteString(out, b.String())
	return err
}

// beside writes the figures of another backend, and what it has none of, below the
// claims.
func (s Screen) beside(b *strings.Builder, o Beside) {
	lines := o.LeftOut
	if len(o.Values) > 0 {
		lines = append([]string{s.Style.Words().Figures(o.Values)}, lines...)
	}
	for _, text := range lines {
		for _, l := range wrap(text, s.Style.Width-2) {
			b.WriteString("  " + s.Style.paint(dim, l) + "\n")
		}
	}
}
