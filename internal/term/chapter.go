package term

import (
	"io"
	"strings"
)

// WriteChapter writes the title and the claims with what they rest on; in their
// place why nothing ran, where that is not empty. The error is that of out.
func (s Screen) WriteChapter(out io.Writer, skipped string) error {
	var b, claims strings.Builder
	s.paragraph(&b, "", s.Style.paint(bold, s.Name+": "+s.Title))
	switch {
	case skipped != "":
		for _, l := range wrap("skipped: "+skipped, s.Style.Width-2) {
			b.WriteString(s.Style.paint(dim, "  "+l) + "\n")
		}
	case s.Set != nil:
		s.claims(&claims)
		b.WriteString(strings.TrimPrefix(claims.String(), "\n"))
	}
	b.WriteByte('\n')
	_, err := io.WriteString(out, b.String())
	return err
}
