package term

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/validate"
)

// Validation is what the comparison of one scenario with a reference shows.
type Validation struct {
	Name      string // of the scenario
	Title     string
	Reference string // name of the backend that the ratios are to
	Emulated  bool   // for want of an interpreter it is not a real one
	Rows      []*validate.Row
	CPUs      int  // of the host
	Stopped   bool // not all repetitions were made
	Style     Style
}

// Write writes the comparison: a table, and what closed forms give. The error is
// that of out.
func (v Validation) Write(out io.Writer) error {
	s := Screen{Name: v.Name, Title: v.Title, Style: v.Style}
	var b strings.Builder
	s.opening(&b)
	if len(v.Rows) > 0 {
		if v.Emulated {
			s.paragraph(&b, "", "No interpreter took part, so that "+v.Reference+" is the reference.")
		}
		v.table(&b)
		s.note(&b, v.legend())
		v.theories(&b, s)
	}
	if v.Stopped {
		s.paragraph(&b, "", "Stopped early: only runs that had ended are counted.")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// compared is a line of the table: labels, and the text of each column.
type compared struct {
	labels []string
	texts  map[string]string
}

// comparisons are the columns in their order, by rank the ones most wanted.
var comparisons = []column{
	{"rate", "", "rate", 1},
	{"p50", "latency", "p50", 2},
	{"p99", "latency", "p99", 3},
	{"ks", "", "KS", 4},
	{"waits", "waits", "lock", 5},
	{"theory", "off", "theory", 6},
}

// table writes the table. Columns without any figure are left out, and so are the
// least wanted ones where the lines would get too long.
func (v Validation) table(b *strings.Builder) {
	lines := v.lines()
	titles := []string{"variant", "group", "backend"}
	titles = titles[len(titles)-len(lines[0].labels):]
	var labelled []line
	for _, l := range lines {
		labelled = append(labelled, line{labels: l.labels})
	}
	widths := labelWidths(titles, labelled)
	room := v.Style.Width + gap
	for _, w := range widths {
		room -= w + gap
	}
	chosen := fitTexts(comparisons, lines, room)
	head(b, v.Style, chosen, padded(titles, widths))
	var previous []string
	for _, l := range lines {
		text := padded(news(l.labels, previous), widths)
		previous = l.labels
		for _, c := range chosen {
			cell, given := l.texts[c.name]
			if given && cell == "" {
				cell = v.Style.dash()
			}
			text += fmt.Sprintf("  %*s", c.width, cell)
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
}

// fitTexts chooses the columns that have any text and fit into the room, the most
// wanted first.
func fitTexts(columns []column, lines []compared, room int) []fitted {
	var out []fitted
	for _, c := range columns {
		w, any := max(width(c.top), width(c.title)), false
		for _, l := range lines {
			w, any = max(w, width(l.texts[c.name])), any || l.texts[c.name] != ""
		}
		if any && gap+w <= room {
			room -= gap + w
			out = append(out, fitted{c, w})
		}
	}
	return out
}

// lines returns the lines of the table. The reference has two: its own figures,
// and its odd repetitions held against its even ones.
func (v Validation) lines() []compared {
	variants := false
	for _, r := range v.Rows {
		variants = variants || r.Variant != ""
	}
	var out []compared
	add := func(r *validate.Row, backend string, texts map[string]string) {
		labels := []string{r.Variant, r.Group, backend}
		if !variants {
			labels = labels[1:]
		}
		out = append(out, compared{labels, texts})
	}
	for _, r := range v.Rows {
		texts := map[string]string{
			"rate": v.ratio(r.RateRatio), "p50": v.ratio(r.P50Ratio), "p99": v.ratio(r.P99Ratio),
			"ks": distance(r.Distance),
		}
		own := texts
		if r.Itself() {
			own = map[string]string{
				"rate": v.figure("_per_s", r.Rate), "p50": v.figure("_ns", r.P50), "p99": v.figure("_ns", r.P99),
			}
		}
		own["waits"] = v.figure("_share_ratio", r.WaitShare)
		own["theory"] = offset(r.TheoryOffset)
		add(r, r.Backend, own)
		if r.Itself() {
			add(r, "itself", texts)
		}
	}
	return out
}

// figure returns a figure with its unit; empty when it is missing.
func (v Validation) figure(unit string, c results.Cell) string {
	if _, ok := c.Value(); !ok {
		return ""
	}
	return v.Style.figure(unit, c)
}

// ratio returns a ratio and its interval; empty when it is missing.
func (v Validation) ratio(r validate.Ratio) string {
	text := fixed(r.Value)
	if low := fixed(r.Low); low != "" {
		text += " " + low + v.Style.pick("–", "-") + fixed(r.High)
	}
	return text
}

// fixed returns a ratio with two decimals or, where those say little, three digits;
// empty when it is missing.
func fixed(c results.Cell) string {
	v, ok := c.Value()
	switch {
	case !ok:
		return ""
	case v == 0 || v >= 0.0995 && v < 99.5:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return digits(v)
}

// distance returns a number from 0 to 1; empty when it is missing.
func distance(c results.Cell) string {
	v, ok := c.Value()
	if !ok {
		return ""
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// offset returns a share above or below; empty when it is missing.
func offset(c results.Cell) string {
	v, ok := c.Value()
	if !ok {
		return ""
	}
	return fmt.Sprintf("%+.1f %%", 100*v)
}

// legend says what the figures are and on how many repetitions they rest.
func (v Validation) legend() string {
	var names [2][]string
	least, most := v.Rows[0].Repetitions, 0
	seen := map[string]bool{}
	for _, r := range v.Rows {
		least, most = min(least, r.Repetitions), max(most, r.Repetitions)
		if !seen[r.Backend] {
			seen[r.Backend] = true
			kind := 0
			if r.Evidence != "measured" {
				kind = 1
			}
			names[kind] = append(names[kind], r.Backend)
		}
	}
	reps := strconv.Itoa(most)
	if least < most {
		reps = fmt.Sprintf("%d to %d", least, most)
	}
	text := fmt.Sprintf("%s: its figures, then its odd repetitions against its even ones; the others as ratios to it, with 90-percent intervals over %s %s",
		v.Reference, reps, plural(most, "repetition"))
	for kind, evidence := range []string{"measured on " + strconv.Itoa(v.CPUs) + " " + plural(v.CPUs, "CPU"), "predicted"} {
		if len(names[kind]) > 0 {
			text += "; " + strings.Join(names[kind], ", ") + " " + evidence
		}
	}
	return text
}

// theories writes, for each group that has one, what a closed form gives and how
// far the backends are from it.
func (v Validation) theories(b *strings.Builder, s Screen) {
	for i := 0; i < len(v.Rows); {
		r := v.Rows[i]
		var parts []string
		end := i
		for ; end < len(v.Rows) && v.Rows[end].Group == r.Group && v.Rows[end].Variant == r.Variant; end++ {
			if text := offset(v.Rows[end].TheoryOffset); text != "" {
				parts = append(parts, v.Rows[end].Backend+" "+text)
			}
		}
		i = end
		rate, ok := r.TheoryRate.Value()
		if !ok {
			continue
		}
		name := strings.TrimPrefix(r.Variant+": "+r.Group, ": ")
		form := r.TheoryForm
		if v.Style.ASCII {
			form = strings.ReplaceAll(form, "µ", "u")
		}
		s.paragraph(b, "", fmt.Sprintf("Theory, %s: %s/s = %s; %s", name, digits(rate), form, strings.Join(parts, ", ")))
	}
}
