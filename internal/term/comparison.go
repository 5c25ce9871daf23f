package term

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/fibsim/fibsim/internal/compare"
	"github.com/fibsim/fibsim/internal/results"
)

// Comparison is what the comparison of two result directories shows.
type Comparison struct {
	*compare.Comparison
	Style Style
}

// shifts are the columns of the table in their order, by rank the ones most wanted.
var shifts = []column{
	{"a", "", "A", 1},
	{"b", "", "B", 2},
	{"shift", "", "shift", 3},
	{"interval", "", "95 %", 4},
	{"p", "", "p", 5},
	{"n", "", "n", 6},
}

// Write writes the comparison: the two sides, in what they are not alike, and a table
// for each column. The error is that of out.
func (c Comparison) Write(out io.Writer) error {
	s := Screen{Style: c.Style}
	var b strings.Builder
	for _, l := range c.sides() {
		s.paragraph(&b, "", l)
	}
	for _, n := range c.Notes {
		s.paragraph(&b, "", "! "+n.Text)
	}
	lines, reasons := c.lines()
	if len(lines) == 0 {
		s.paragraph(&b, "", "Nothing to compare: no group ran on both sides with any of the figures "+strings.Join(c.Columns, ", ")+".")
	} else {
		c.tables(&b, lines)
		b.WriteByte('\n')
		for i, r := range reasons {
			s.note(&b, mark(i)+" "+r)
		}
		s.note(&b, c.legend())
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// sides says what A and B are, in a line each.
func (c Comparison) sides() []string {
	var out []string
	for _, side := range []struct {
		name string
		*results.Dir
	}{{"A", c.A}, {"B", c.B}} {
		var backends []string
		for _, info := range side.Run.Backends {
			backends = append(backends, info.Name+" "+info.Evidence)
		}
		out = append(out, fmt.Sprintf("%s: %s, %s of %s, %s", side.name, side.Path, scenarioName(side.Dir),
			side.Run.Start.UTC().Format("2006-01-02 15:04"), strings.Join(backends, ", ")))
	}
	return out
}

// scenarioName returns the name of the scenario that ran.
func scenarioName(d *results.Dir) string {
	if len(d.Rows) > 0 {
		return d.Rows[0].Scenario
	}
	return "nothing"
}

// shifted is a line of a table: the column that is compared, and what is shown.
type shifted struct {
	compared
	column string
}

// lines returns the lines of all tables, and why differences are none.
func (c Comparison) lines() (lines []shifted, reasons []string) {
	variants := false
	for _, r := range c.Rows {
		variants = variants || r.Variant != ""
	}
	labels := func(all ...string) []string {
		if !variants {
			all = all[1:]
		}
		return all
	}
	for _, column := range c.Columns {
		for _, r := range c.Rows {
			if r.Column == column {
				texts := c.texts(r)
				if r.Reason != "" {
					texts["shift"] = strings.TrimLeft(texts["shift"]+" "+remember(&reasons, r.Reason), " ")
				}
				lines = append(lines, shifted{compared{labels(r.Variant, r.Group, r.Backend), texts}, column})
			}
		}
		for _, g := range c.Geomeans {
			if g.Column == column {
				texts := map[string]string{"a": c.figure(column, g.A), "b": c.figure(column, g.B), "shift": factor(g.Ratio)}
				if g.Reason != "" {
					texts["shift"] = remember(&reasons, g.Reason)
				}
				lines = append(lines, shifted{compared{labels("", "geomean", g.Backend), texts}, column})
			}
		}
	}
	return lines, reasons
}

// remember returns the mark of a reason, which is new or known.
func remember(reasons *[]string, reason string) string {
	for i, known := range *reasons {
		if known == reason {
			return mark(i)
		}
	}
	*reasons = append(*reasons, reason)
	return mark(len(*reasons) - 1)
}

func mark(i int) string { return fmt.Sprintf("[%d]", i+1) }

// texts returns what is shown of a row.
func (c Comparison) texts(r *compare.Row) map[string]string {
	return map[string]string{
		"a": c.figure(r.Column, r.A.Median), "b": c.figure(r.Column, r.B.Median),
		"shift": c.shift(r), "interval": c.interval(r), "p": probability(r.P),
		"n": fmt.Sprintf("%d+%d", r.A.Repetitions, r.B.Repetitions),
	}
}

func (c Comparison) figure(column string, v results.Cell) string {
	if _, ok := v.Value(); !ok {
		return ""
	}
	return c.Style.figure(column, v)
}

// shift returns by how much B lies above A, or ~ where that is not shown to be other
// than nothing.
func (c Comparison) shift(r *compare.Row) string {
	if _, ok := r.Shift.Value(); !ok {
		return ""
	}
	if !r.Significant {
		return "~"
	}
	return c.scaled(r, r.Shift)
}

// interval returns both bounds; empty without.
func (c Comparison) interval(r *compare.Row) string {
	low, high := c.scaled(r, r.Low), c.scaled(r, r.High)
	switch {
	case low == "":
		return ""
	case r.Scale == compare.Factor:
		low = strings.TrimSuffix(low, "x")
	case r.Scale == compare.Points:
		low = strings.TrimSuffix(low, " pt")
	}
	return low + c.Style.pick(" … ", " .. ") + high
}

// scaled returns a shift in the way that suits it.
func (c Comparison) scaled(r *compare.Row, v results.Cell) string {
	x, ok := v.Value()
	switch {
	case !ok:
		return ""
	case r.Scale == compare.Factor:
		return factor(v)
	case r.Scale == compare.Points:
		return fmt.Sprintf("%+.1f pt", 100*x)
	}
	text := c.Style.figure(r.Column, v)
	if x > 0 {
		text = "+" + text
	}
	return text
}

// factor returns a ratio; empty when it is missing. Three decimals near 1, as
// differences of a percent are shown to be there.
func factor(v results.Cell) string {
	x, ok := v.Value()
	switch {
	case !ok:
		return ""
	case x >= 0.5 && x < 2:
		return strconv.FormatFloat(x, 'f', 3, 64) + "x"
	}
	return digits(x) + "x"
}

// probability returns p; empty when it is missing.
func probability(p results.Cell) string {
	v, ok := p.Value()
	switch {
	case !ok:
		return ""
	case v < 0.0005:
		return "<0.001"
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}

// tables writes a table for each column, all of the same shape.
func (c Comparison) tables(b *strings.Builder, lines []shifted) {
	var labelled []line
	var texts []compared
	for _, l := range lines {
		labelled = append(labelled, line{labels: l.labels})
		texts = append(texts, l.compared)
	}
	titles := make([]string, len(lines[0].labels))
	widths := labelWidths(titles, labelled)
	names := (len(widths) - 1) * gap
	for _, w := range widths {
		names += w
	}
	for _, l := range lines {
		if more := width(l.column) - names; more > 0 {
			widths[len(widths)-1] += more
			names += more
		}
	}
	chosen := fitTexts(shifts, texts, c.Style.Width-names)
	var previous []string
	for i, l := range lines {
		if i == 0 || l.column != lines[i-1].column {
			b.WriteByte('\n')
			title := fmt.Sprintf("%-*s", names, l.column)
			for _, f := range chosen {
				title += fmt.Sprintf("  %*s", f.width, f.title)
			}
			b.WriteString(c.Style.paint(dim, title) + "\n")
			previous = nil
		}
		text := padded(news(l.labels, previous), widths)
		previous = l.labels
		for _, f := range chosen {
			cell := l.texts[f.name]
			if cell == "" && (f.name == "a" || f.name == "b" || f.name == "shift") {
				cell = c.Style.dash()
			}
			text += fmt.Sprintf("  %*s", f.width, cell)
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
}

// legend says what the figures are.
func (c Comparison) legend() string {
	text := "A, B: medians over the repetitions; shift: of the median from A to B (Hodges-Lehmann) with its 95-percent interval; " +
		"p, n: Mann-Whitney test, repetitions; ~: not shown to differ"
	for _, r := range c.Rows {
		if r.Scale == compare.Points {
			return text + "; pt: percentage points"
		}
	}
	return text
}

// Markdown writes the comparison as a table that pages and issues show.
func (c Comparison) Markdown(out io.Writer) error {
	var b strings.Builder
	for _, l := range c.sides() {
		b.WriteString("- " + l + "\n")
	}
	for _, n := range c.Notes {
		b.WriteString("- **Note:** " + n.Text + "\n")
	}
	lines, reasons := c.lines()
	if len(lines) > 0 {
		labels := []string{"variant", "group", "backend"}
		labels = labels[len(labels)-len(lines[0].labels):]
		b.WriteString("\n| column | " + strings.Join(labels, " | ") + " |")
		rule := "\n|---" + strings.Repeat("|---", len(labels))
		for _, col := range shifts {
			b.WriteString(" " + col.title + " |")
			rule += "|---:"
		}
		b.WriteString(rule + "|\n")
		for _, l := range lines {
			b.WriteString("| `" + l.column + "` | " + strings.Join(l.labels, " | ") + " |")
			for _, col := range shifts {
				b.WriteString(strings.TrimRight(" "+l.texts[col.name], " ") + " |")
			}
			b.WriteByte('\n')
		}
		b.WriteByte('\n')
		for i, r := range reasons {
			b.WriteString(mark(i) + " " + r + "\\\n")
		}
		b.WriteString(c.legend() + "\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}
