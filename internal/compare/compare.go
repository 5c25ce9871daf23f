package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/fibsim/fibsim/internal/results"
)

// leastRepetitions is how many repetitions a side needs before a difference is
// called one. With fewer even no overlap at all says little: five against five leave
// one chance in 126.
const leastRepetitions = 6

// level is the p value up to which a difference is called one.
const level = 0.05

// Columns that are compared where none is named.
var defaultColumns = []string{"throughput_per_s", "latency_p50_ns", "latency_p99_ns", "delay_p50_ns", "wait_gil_share_ratio"}

// DefaultColumns returns the columns of summary.csv that are compared where none is
// named.
func DefaultColumns() []string { return slices.Clone(defaultColumns) }

// FigureColumns returns all columns of summary.csv that can be compared.
func FigureColumns() []string {
	var out []string
	for _, c := range results.SummaryColumns {
		if c.Type != "string" && c.Name != "rep" {
			out = append(out, c.Name)
		}
	}
	return out
}

// Comparison is all that can be said of two result directories, A first.
type Comparison struct {
	A, B     *results.Dir
	Columns  []string
	Rows     []*Row
	Geomeans []Geomean

	// Notes say what makes the two less comparable, and what is on one side only.
	Notes []Note
}

// Note is something that the reader of a comparison must know.
type Note struct {
	Code string `json:"code"` // stable, kebab-case
	Text string `json:"text"`
}

// Row compares one column of one group.
type Row struct {
	Scenario, Variant, Backend, Evidence, Group, Column string

	A, B Sample

	// Scale says what Shift is: a Ratio is B divided by A, a Points a difference of
	// shares, a Plain any other difference. Empty where there is no Shift.
	Scale Scale

	// Shift of the median from A to B with the bounds of its 95 % interval. The
	// bounds are missing where there are too few repetitions for any.
	Shift, Low, High results.Cell

	P           results.Cell
	Significant bool
	Reason      string // why it is not
}

// Sample is what one side has of a column.
type Sample struct {
	Repetitions int          // in which the group ran
	Median      results.Cell // over them; missing where any lacks the figure

	values []float64
}

// Scale is the way in which a shift is told.
type Scale string

// Scales.
const (
	Factor Scale = "ratio"
	Points Scale = "points"
	Plain  Scale = "difference"
)

// key says which group a row is about.
type key struct{ variant, backend, group string }

// Compare compares the columns of two sides, group by group. What only one side has
// is left out of the rows, and named in a note.
func Compare(a, b *results.Dir, columns []string) *Comparison {
	c := &Comparison{A: a, B: b, Columns: columns}
	c.Notes = differences(a, b)
	ofA, ofB := groupsOf(a), groupsOf(b)
	for _, column := range columns {
		for _, k := range ofA {
			if !slices.Contains(ofB, k) {
				continue
			}
			if row := newRow(k, column, rowsOf(a, k), rowsOf(b, k)); row != nil {
				c.Rows = append(c.Rows, row)
			}
		}
	}
	onlyA, onlyB := without(ofA, ofB), without(ofB, ofA)
	if len(onlyA) > 0 {
		c.Notes = append(c.Notes, Note{"only-a", "only in A: " + namesOf(onlyA)})
	}
	if len(onlyB) > 0 {
		c.Notes = append(c.Notes, Note{"only-b", "only in B: " + namesOf(onlyB)})
	}
	c.geomeans(slices.Concat(onlyA, onlyB))
	return c
}

// without returns the groups that another side has not.
func without(groups, other []key) []key {
	return slices.DeleteFunc(slices.Clone(groups), func(k key) bool { return slices.Contains(other, k) })
}

// groupsOf returns the groups of a directory, the backends of each one after the
// other.
func groupsOf(d *results.Dir) []key {
	var out []key
	for _, variant := range d.Variants {
		for _, group := range d.Groups(variant) {
			for _, backend := range d.Backends {
				if k := (key{variant, backend, group}); len(rowsOf(d, k)) > 0 {
					out = append(out, k)
				}
			}
		}
	}
	return out
}

// rowsOf returns the rows of a group, by repetition.
func rowsOf(d *results.Dir, k key) []*results.Row {
	return d.Select(results.Key{Variant: k.variant, Backend: k.backend, Group: k.group})
}

// newRow compares a column; nil where neither side has any figure.
func newRow(k key, column string, a, b []*results.Row) *Row {
	row := &Row{
		Scenario: b[0].Scenario, Variant: k.variant, Backend: k.backend, Evidence: b[0].Evidence, Group: k.group, Column: column,
		A: newSample(column, a), B: newSample(column, b),
	}
	if len(row.A.values) == 0 && len(row.B.values) == 0 {
		return nil
	}
	if row.Reason = lacking(row.A, row.B); row.Reason != "" {
		return row
	}
	row.shift()
	p := MannWhitney(row.A.values, row.B.values)
	row.P = results.Float(p)
	switch {
	case min(row.A.Repetitions, row.B.Repetitions) < leastRepetitions:
		row.Reason = fmt.Sprintf("needs %d repetitions a side, has %d and %d", leastRepetitions, row.A.Repetitions, row.B.Repetitions)
	case p > level:
		row.Reason = "p is above 0.05"
	default:
		row.Significant = true
	}
	return row
}

func newSample(column string, rows []*results.Row) Sample {
	s := Sample{Repetitions: len(rows)}
	for _, r := range rows {
		if v, ok := r.Get(column).Value(); ok {
			s.values = append(s.values, v)
		}
	}
	if len(s.values) == len(rows) {
		s.Median = results.Float(median(s.values))
	}
	return s
}

// lacking says which repetitions have no figure; empty when all have. The others
// would stand for them: a percentile is shown in those that were fast.
func lacking(a, b Sample) string {
	text := ""
	for _, side := range []struct {
		name string
		Sample
	}{{"A", a}, {"B", b}} {
		if missing := side.Repetitions - len(side.values); missing > 0 {
			if text != "" {
				text += ", "
			}
			text += fmt.Sprintf("no figure in %d of %d repetitions of %s", missing, side.Repetitions, side.name)
		}
	}
	return text
}

// shift estimates by how much B lies above A: as a ratio where all values have one.
func (r *Row) shift() {
	r.Scale = scaleOf(r.Column, r.A.values, r.B.values)
	s := Difference(r.A.values, r.B.values)
	if r.Scale == Factor {
		s = Ratio(r.A.values, r.B.values)
	}
	r.Shift = results.Float(s.Value)
	if s.Bounded {
		r.Low, r.High = results.Float(s.Low), results.Float(s.High)
	}
}

func scaleOf(column string, samples ...[]float64) Scale {
	if share(column) {
		return Points
	}
	for _, values := range samples {
		if slices.Min(values) <= 0 {
			return Plain
		}
	}
	return Factor
}

// share reports whether a column holds parts of a whole, from 0 to 1.
func share(column string) bool {
	return column == "run_share_ratio" || column == "wait_gil_share_ratio"
}

// median returns the middle value, or the mean of the middle two.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// Geomean sums up a column on one backend over all its groups and variants.
type Geomean struct {
	Backend, Column string

	// A and B are the geometric means of the medians, Ratio is B divided by A.
	// Missing where the two do not rest on the same groups.
	A, B, Ratio results.Cell

	Rows   int    // that it rests on
	Reason string // why it is missing
}

// geomeans adds one for each column and backend with at least two rows. Lonely are
// the groups that only one side has: a mean over those of one side and not of the
// other would differ though no group did.
func (c *Comparison) geomeans(lonely []key) {
	for _, column := range c.Columns {
		for _, backend := range c.backends() {
			var rows []*Row
			for _, r := range c.Rows {
				if r.Column == column && r.Backend == backend {
					rows = append(rows, r)
				}
			}
			if len(rows) > 1 && !share(column) {
				c.Geomeans = append(c.Geomeans, newGeomean(backend, column, rows, lonely))
			}
		}
	}
}

// backends returns those of the rows, in their order.
func (c *Comparison) backends() []string {
	var out []string
	for _, r := range c.Rows {
		if !slices.Contains(out, r.Backend) {
			out = append(out, r.Backend)
		}
	}
	return out
}

func newGeomean(backend, column string, rows []*Row, lonely []key) Geomean {
	g := Geomean{Backend: backend, Column: column, Rows: len(rows)}
	for _, k := range lonely {
		if k.backend == backend {
			g.Reason = k.String() + " is on one side only"
			return g
		}
	}
	logA, logB := 0.0, 0.0
	for _, r := range rows {
		if r.Scale != Factor {
			g.Reason = key{r.Variant, r.Backend, r.Group}.String() + " has no ratio"
			return g
		}
		a, _ := r.A.Median.Value()
		b, _ := r.B.Median.Value()
		logA, logB = logA+math.Log(a), logB+math.Log(b)
	}
	n := float64(len(rows))
	g.A, g.B = results.Float(math.Exp(logA/n)), results.Float(math.Exp(logB/n))
	g.Ratio = results.Float(math.Exp((logB - logA) / n))
	return g
}
