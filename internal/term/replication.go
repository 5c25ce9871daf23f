package term

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// Replication is a published measurement beside its repetition.
type Replication struct {
	Name, Title string
	Host        string   // what the published figures are from
	Unit        string   // of both
	Titles      []string // of the labels
	Backends    []string // that ours are from
	Rows        []ReplicationRow
	Sources     []string
	Style       Style
}

// ReplicationRow is one published figure.
type ReplicationRow struct {
	Labels    []string
	Published string // as published, or what was said; empty: nothing
	Source    int    // from 1; 0: none
	Given     bool   // the predicted host was made so that it comes out

	Ours, Ratios []results.Cell // by backend
}

// cells returns the texts of a row: its labels, what was published, and ours.
func (r Replication) cells(row ReplicationRow) []string {
	text := row.Published
	if text == "" {
		text = r.Style.dash()
	}
	if row.Given {
		text += "*"
	}
	if row.Source > 0 {
		text += fmt.Sprintf(" [%d]", row.Source)
	}
	cells := append([]string(nil), row.Labels...)
	cells = append(cells, text)
	for i := range r.Backends {
		ratio := r.Style.cell(row.Ratios[i], twoDecimals)
		if far(row.Ratios[i]) {
			ratio += "!"
		}
		cells = append(cells, r.Style.cell(row.Ours[i], digits), ratio)
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
	if slices.ContainsFunc(r.Rows, func(row ReplicationRow) bool { return row.Given }) {
		signs = append(signs, "*: the costs of the predicted host are such that this comes out")
	}
	if slices.ContainsFunc(r.Rows, func(row ReplicationRow) bool { return slices.ContainsFunc(row.Ratios, far) }) {
		signs = append(signs, fmt.Sprintf("!: more than %.0f %% off", tolerance*100))
	}
	return signs
}

// Write writes the table and its sources. The error is that of out.
func (r Replication) Write(out io.Writer) error {
	s := Screen{Name: r.Name, Title: r.Title, Question: "Published: " + r.Host + ".", Style: r.Style}
	var b strings.Builder
	s.opening(&b)
	lines := [][]string{r.heads()}
	for _, row := range r.Rows {
		lines = append(lines, r.cells(row))
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
	for i, source := range r.Sources {
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
	heads := r.heads()
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(heads, " | "), strings.Repeat("---|", len(heads)))
	for _, row := range r.Rows {
		cells := r.cells(row)
		cells[len(r.Titles)] = strings.Replace(cells[len(r.Titles)], "*", `\*`, 1)
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	b.WriteByte('\n')
	for _, text := range r.legend() {
		b.WriteString(`\` + text + ".\n\n")
	}
	for i, source := range r.Sources {
		fmt.Fprintf(&b, "%d. %s\n", i+1, source)
	}
	b.WriteByte('\n')
	_, err := io.WriteString(out, b.String())
	return err
}
