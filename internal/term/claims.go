package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// WriteClaims writes the claims with their verdicts and nothing else. The error
// is that of out.
func (s Screen) WriteClaims(out io.Writer) error {
	var b strings.Builder
	s.claims(&b)
	_, err := io.WriteString(out, strings.TrimPrefix(b.String(), "\n"))
	return err
}

// claims writes each claim with its verdict, then the values it rests on, on
// the same line where there is room. Claims that were skipped for one reason are
// counted where the first of them stands.
func (s Screen) claims(b *strings.Builder) {
	if len(s.Set.Run.Claims) == 0 {
		return
	}
	b.WriteByte('\n')
	skipped := map[string]int{} // by reason
	for _, c := range s.Set.Run.Claims {
		if c.Skipped() {
			skipped[c.Reason]++
		}
	}
	for _, c := range s.Set.Run.Claims {
		n := skipped[c.Reason]
		switch {
		case !c.Skipped() || n == 1:
			text := c.Text
			if c.Variant != "" {
				text = c.Variant + ": " + text
			}
			s.claim(b, c, text)
		case n > 1:
			s.claim(b, c, fmt.Sprintf("%d claims", n))
			skipped[c.Reason] = 0
		}
	}
}

// claim writes one claim, or several that were skipped for the same reason.
func (s Screen) claim(b *strings.Builder, c results.ClaimResult, text string) {
	mark, plain := s.mark(c)
	detail := s.Style.Words().Verdict(c)
	indent := strings.Repeat(" ", width(plain)+1)
	if width(plain)+1+width(text)+2+width(detail) <= s.Style.Width {
		b.WriteString(mark + " " + text + "  " + s.Style.paint(dim, detail) + "\n")
		return
	}
	b.WriteString(mark + " " + strings.Join(wrap(text, s.Style.Width-width(indent)), "\n"+indent) + "\n")
	for _, l := range wrap(detail, s.Style.Width-width(indent)) {
		b.WriteString(indent + s.Style.paint(dim, l) + "\n")
	}
}

// mark returns the sign of a verdict, in colour and as plain text.
func (s Screen) mark(c results.ClaimResult) (mark, plain string) {
	switch {
	case c.Skipped():
		plain = s.Style.pick("–", "skipped")
		return s.Style.paint(dim, plain), plain
	case c.Failed():
		plain = s.Style.pick("✗", "FAILED")
		return s.Style.paint(red, plain), plain
	}
	plain = s.Style.pick("✓", "ok")
	return s.Style.paint(green, plain), plain
}
