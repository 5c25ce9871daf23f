package term

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/internal/replicate"
	"github.com/fibsim/fibsim/internal/results"
)

// Replication is a published measurement beside its repetition.
type Replication struct {
	*replicate.Replica
	Style Style
}

// sources returns where the figures were published, each once and in the order in which
// the table comes to them.
func (r Replication) sources() []string {
	var list []string
	for _, f := range r.Figures {
		if f.Source != nil && !slices.Contains(list, f.Source.String()) {
			list = append(list, f.Source.String())
		}
	}
	return list
}

// cells returns the texts of figure i: its labels, what was published with the number of
// its source, and ours.
func (r Replication) cells(i int, sources []string) []string {
	f := r.Figures[i]
	text := f.Text
	if text == "" {
		text = r.Style.dash()
	}
	if f.Given {
		text += "*"
	}
	if f.Source != nil {
		text += fmt.Sprintf(" [%d]", slices.Index(sources, f.Source.String())+1)
	}
	cells := append([]string(nil), f.Labels...)
	cells = append(cells, text)
	for _, b := range r.Backends {
		ratio := r.Style.cell(r.Ratio(i, b), twoDecimals)
		if far(r.Ratio(i, b)) {
			ratio += "!"
		}
		cells = append(cells, r.Style.cell(r.Ours(i, b), digits), ratio)
	}
	return cells
}

// tolerance is by how much ours may be more or less than what was published.
const tolerance = 0.2

// far reports whether a ratio is beyond that.
func far(ratio results.Cell) bool {
	v, known := ratio.Value()
	return known && math.Abs(v-1) > tolerance
}

// cell returns a figure in a format; a dash where it is missing.
func (s Style) cell(c results.Cell, format func(float64) string) string {
	v, known := c.Value()
	if !known {
		return s.dash()
	}
	return format(v)
}

func twoDecimals(v float64) string { return fmt.Sprintf("%.2f", v) }

// heads returns the titles of the columns.
func (r Replication) heads() []string {
	heads := append([]string(nil), r.Titles...)
	heads = append(heads, "published, "+r.Unit)
	for _, b := range r.Backends {
		heads = append(heads, b, "ratio")
	}
	return heads
}

// legend says what the signs of the table mean, each that it has.
func (r Replication) legend() []string {
	var signs []string
	given, off := false, false
	for i, f := range r.Figures {
		given = given || f.Given
		off = off || slices.ContainsFunc(r.Backends, func(b string) bool { return far(r.Ratio(i, b)) })
	}
	if given {
		signs = append(signs, "*: the costs of the predicted host are such that this comes out")
	}
	if off {
		signs = append(signs, fmt.Sprintf("!: more than %.0f %% off", tolerance*100))
	}
	return signs
}

// Write writes the table and its sources. The error is that of out.
func (r Replication) Write(out io.Writer) error {
	s := Screen{Name: r.Name, Title: r.Title, Question: "Published: " + r.Host + ".", Style: r.Style}
	var b strings.Builder
	s.opening(&b)
	lines, sources := [][]string{r.heads()}, r.sources()
	for i := range r.Figures {
		lines = append(lines, r.cells(i, sources))
	}
	widths := make([]int, len(lines[0]))
	for _, l := range lines {
		for i, c := range l {
			widths[i] = max(widths[i], width(c))
		}
	}
	var before []string
	for n, l := range lines {
		labels := l[:len(r.Titles)]
		text := padded(news(labels, before), widths[:len(r.Titles)])
		for i, c := range l[len(r.Titles):] {
			text += strings.Repeat(" ", gap+widths[len(r.Titles)+i]-width(c)) + c
		}
		text = strings.TrimRight(text, " ")
		if n == 0 {
			text = r.Style.paint(dim, text)
		} else {
			before = labels
		}
		b.WriteString(text + "\n")
	}
	for _, text := range r.legend() {
		s.note(&b, text)
	}
	for i, source := range sources {
		s.note(&b, fmt.Sprintf("[%d] %s", i+1, source))
	}
	b.WriteByte('\n')
	_, err := io.WriteString(out, b.String())
	return err
}

// WriteMarkdown writes the same as Markdown, below a heading. The error is that of
// out.
func (r Replication) WriteMarkdown(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s: %s\n\nPublished: %s.\n\n", r.Name, r.Title, r.Host)
	heads, sources := r.heads(), r.sources()
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(heads, " | "), strings.Repeat("---|", len(heads)))
	for i := range r.Figures {
		cells := r.cells(i, sources)
		cells[len(r.Titles)] = strings.Replace(cells[len(r.Titles)], "*", `\*`, 1)
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	b.WriteByte('\n')
	for _, text := range r.legend() {
		b.WriteString(`\` + text + ".\n\n")
	}
	for i, source := range sources {
		fmt.Fprintf(&b, "%d. %s\n", i+1, source)
	}
	b.WriteByte('\n')
	_, err := io.WriteString(out, b.String())
	return err
}
