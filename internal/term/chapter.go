package term

import (
	"io"
	"strings"
)

// WriteChapter writes the title and the claims with what they rest on, where there
// is a set. The error is that of out.
func (s Screen) WriteChapter(out io.Writer) error {
	var b, claims strings.Builder
	s.paragraph(&b, "", s.Style.paint(bold, s.Name+": "+s.Title))
	if s.Set != nil {
		s.claims(&claims)
		b.WriteString(strings.TrimPrefix(claims.String(), "\n"))
	}
	b.WriteByte('\n')
	_, err := io.WriteString(out, b.String())
	return err
}
