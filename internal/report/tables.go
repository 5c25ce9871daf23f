package report

import (
	"fmt"
	"html/template"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/words"
)

// table is a table of text. The first Labels columns say what a row is about.
type table struct {
	Name    string // for those who do not see it
	Caption string
	Top     []spanned // a line above the titles, or nothing
	Titles  []string
	Labels  int
	Rows    []tableRow
}

type spanned struct {
	Text string
	Span int
}

// tableRow is a row; First is one that begins a group of rows.
type tableRow struct {
	First         bool
	Labels, Cells []string
}

// add appends a row. A row whose labels but the last two are others than those of the
// row before begins a group.
func (t *table) add(labels, cells []string) {
	first := false
	if n := len(t.Rows); n > 0 {
		for i := 0; i < len(labels)-2; i++ {
			first = first || labels[i] != t.Rows[n-1].Labels[i]
		}
	}
	t.Rows = append(t.Rows, tableRow{first, labels, cells})
	t.Labels = len(labels)
}

// labels returns what a row is about: variant where there are any, group, backend and
// its evidence.
func labels(variants bool, variant, group, backend, evidence string) []string {
	out := []string{variant, group, backend, evidence}
	if !variants {
		out = out[1:]
	}
	return out
}

func labelTitles(variants bool) []string {
	return labels(variants, "variant", "group", "backend", "evidence")
}

// hasVariants reports whether a set has variants at all.
func hasVariants(set *results.Set) bool { return len(set.Variants) > 1 || set.Variants[0] != "" }

// mainTable is the table of a run: the medians of every figure that there is.
func mainTable(set *results.Set) table {
	t := table{Name: "results"}
	fill(&t, labelTitles(hasVariants(set)), []*results.Set{set}, func(_ int, variant, group, backend, evidence string) []string {
		return labels(hasVariants(set), variant, group, backend, evidence)
	})
	return t
}

// overview is the table of several directories, each group of all of them together.
func overview(dirs []*results.Dir) *table {
	var sets []*results.Set
	variants := false
	for _, d := range dirs {
		sets = append(sets, &d.Set)
		variants = variants || hasVariants(&d.Set)
	}
	t := &table{Name: "results of all directories"}
	titles := labelTitles(variants)
	fill(t, append(titles[:len(titles)-2:len(titles)-2], "results", "backend", "evidence"), sets,
		func(i int, variant, group, backend, evidence string) []string {
			out := labels(variants, variant, group, backend, evidence)
			n := len(out) - 2
			return append(out[:n:n], filepath.Base(filepath.Clean(dirs[i].Path)), backend, evidence)
		})
	return t
}

// fill puts the groups of all sets into a table: each variant and group in the order
// in which it first comes, with all that any set has of it together.
func fill(t *table, titles []string, sets []*results.Set, label func(set int, variant, group, backend, evidence string) []string) {
	columns := known(sets)
	t.Titles = titles
	t.Top = []spanned{{"", len(titles)}}
	hides := false
	for _, c := range columns {
		t.Titles = append(t.Titles, c.Title)
		if n := len(t.Top); t.Top[n-1].Text == c.Top && n > 1 {
			t.Top[n-1].Span++
		} else {
			t.Top = append(t.Top, spanned{c.Top, 1})
		}
	}
	type key struct{ variant, group string }
	done := map[key]bool{}
	for _, from := range sets {
		for _, variant := range from.Variants {
			for _, group := range from.Groups(variant) {
				if done[key{variant, group}] {
					continue
				}
				done[key{variant, group}] = true
				for i, set := range sets {
					for _, backend := range set.Backends {
						k := results.Key{Variant: variant, Backend: backend, Group: group}
						rows := set.Select(k)
						if len(rows) == 0 {
							continue
						}
						var cells []string
						for _, c := range columns {
							v := set.Median(k, c.Name)
							_, shown := v.Value()
							hides = hides || c.Percentile() && !shown
							cells = append(cells, tell.Figure(c.Name, v))
						}
						t.add(label(i, variant, group, backend, rows[0].Evidence), cells)
					}
				}
			}
		}
	}
	if hides {
		t.Caption = "–: fewer than 10 iterations beyond that percentile, or not seen by that backend"
	}
}

// known returns the columns that any set has a figure for, without response times
// that say nothing new.
func known(sets []*results.Set) []words.Column {
	var out []words.Column
	for _, c := range words.Columns() {
		column, response := strings.CutPrefix(c.Name, "response")
		if anyFigure(sets, c.Name) && !(response && same(sets, c.Name, "latency"+column)) {
			out = append(out, c)
		}
	}
	return out
}

// same reports whether two columns hold the same figures everywhere, as response and
// latency do without an open loop.
func same(sets []*results.Set, a, b string) bool {
	for _, set := range sets {
		for _, r := range set.Rows {
			if r.Get(a) != r.Get(b) {
				return false
			}
		}
	}
	return true
}

func anyFigure(sets []*results.Set, column string) bool {
	for _, set := range sets {
		for _, r := range set.Rows {
			if _, ok := r.Get(column).Value(); ok && r.Phase == "measure" {
				return true
			}
		}
	}
	return false
}

// indexTable is the favor-CPU-bound index of each variant on each backend.
func indexTable(set *results.Set) table {
	t := table{
		Name: "favor-CPU-bound index", Labels: 2,
		Caption: "Slowdown of the group with the least work, divided by that of the group with the most. 1: nobody is favoured; above: CPU-bound work is; below: short work is.",
		Titles:  []string{"backend", "evidence", "favor-CPU-bound index", "least work", "most work"},
	}
	variants := hasVariants(set)
	if variants {
		t.Titles = append([]string{"variant"}, t.Titles...)
	}
	for _, variant := range set.Variants {
		for _, b := range set.Run.Backends {
			x := set.Index(variant, b.Name)
			if x == nil {
				continue
			}
			row := []string{variant, b.Name, b.Evidence}
			if !variants {
				row = row[1:]
			}
			t.add(row, []string{words.Index(x), x.Short, x.Long})
		}
	}
	return t
}

// tables fills the tables below the charts.
func (s *section) tables(d *results.Dir, curves *sectionCurves) {
	variants := hasVariants(&d.Set)
	start := func(name string, titles ...string) table {
		return table{Name: name, Titles: append(labelTitles(variants), titles...), Labels: len(labelTitles(variants))}
	}
	s.IntervalNote = "The shade is where the percentile lies with a confidence of 95 %, if iterations were independent; they are not quite."
	if s.Reps {
		s.IntervalNote = "Medians of the repetitions; the shade goes from the lowest to the highest of them."
	}
	s.Percentiles = start("percentiles", "p50", "p90", "p99", "p99.9", "p99.99")
	s.Percentiles.Caption = "Latency, with the interval that the chart shades. –: fewer than 10 iterations beyond it"
	s.Deciles = start("deciles", "p10", "p20", "p30", "p40", "p50", "p60", "p70", "p80", "p90")
	s.Deciles.Caption = "Latency that a share of the iterations does not exceed"
	for i := range curves.Curves {
		c := &curves.Curves[i]
		row := labels(variants, c.Variant, c.Group, c.Backend, evidenceOf(d, c.Backend))
		var high, all []string
		for _, share := range []float64{0.5, 0.9, 0.99, 0.999, 0.9999} {
			high = append(high, c.at(share, true))
		}
		for i := 1; i <= 9; i++ {
			all = append(all, c.at(float64(i)/10, false))
		}
		s.Percentiles.add(row, high)
		s.Deciles.add(row, all)
	}
	s.Rates = start("rates", "stretches", "each", "mean", "least", "most")
	s.Rates.Caption = "Iterations per second over stretches of equal length"
	for i := range curves.Rates {
		r := &curves.Rates[i]
		least, most, sum := r.Values[0], r.Values[0], 0.0
		for _, v := range r.Values {
			least, most, sum = min(least, v), max(most, v), sum+v
		}
		s.Rates.add(labels(variants, r.Variant, r.Group, r.Backend, evidenceOf(d, r.Backend)), []string{
			strconv.Itoa(len(r.Values)), tell.Nanoseconds(float64(r.Step)),
			words.Digits(sum/float64(len(r.Values))) + "/s", words.Digits(least) + "/s", words.Digits(most) + "/s",
		})
	}
}

// at returns the latency at a share, with its interval if that is wanted. The grid has
// the nearest share that is not below.
func (c *curve) at(share float64, interval bool) string {
	for i, g := range grid[:len(c.Value)] {
		if g < share-1e-9 {
			continue
		}
		text := tell.Nanoseconds(float64(c.Value[i]))
		if interval {
			text += fmt.Sprintf(" [%s, %s]", tell.Nanoseconds(float64(c.Low[i])), tell.Nanoseconds(float64(c.High[i])))
		}
		return text
	}
	return tell.Dash()
}

// shareRow is the bar of a cell.
type shareRow struct {
	First  bool
	Labels []string
	Parts  []sharePart
}

type sharePart struct {
	Width bool // there is any
	Style template.CSS
	Text  string
}

// addShares adds the bar of a cell whose backend sees states.
func (s *section) addShares(c cell, evidence string, variants bool, reps []*run) {
	parts, ok := shares(reps)
	if !ok {
		return
	}
	s.ShareLabels = labelTitles(variants)
	row := shareRow{Labels: labels(variants, c.variant, c.group, c.backend, evidence)}
	if n := len(s.Shares); n > 0 {
		last := s.Shares[n-1].Labels
		row.First = last[len(last)-3] != c.group || variants && last[0] != c.variant
	}
	for i, share := range parts {
		row.Parts = append(row.Parts, sharePart{
			Width: share > 0.0005,
			Style: template.CSS(fmt.Sprintf("width:%.2f%%;background:var(--state-%s)", 100*share, shareNames[i])),
			Text:  percent(share),
		})
	}
	s.Shares = append(s.Shares, row)
}

// percent returns a share as the scripts do.
func percent(share float64) string {
	switch {
	case share <= 0:
		return "–"
	case share < 0.005:
		return "< 1 %"
	}
	return strconv.FormatFloat(100*share, 'f', 0, 64) + " %"
}
