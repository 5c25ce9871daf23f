package validate

import (
	"github.com/fibsim/fibsim/internal/results"
)

// Row is one group on one backend, held against the reference. The row of the
// reference itself holds its odd repetitions against its even ones.
type Row struct {
	Scenario, Variant, Group string
	Backend, Evidence        string
	Reference                string

	Repetitions int

	// Figures of the backend, the median over the repetitions, and how many times
	// larger they are than those of the reference.
	Rate                     results.Cell // good iterations per second
	P50, P99                 results.Cell // latency in ns
	RateRatio, P50Ratio      Ratio
	P99Ratio                 Ratio
	Distance                 results.Cell // of the latency distributions
	WaitShare                results.Cell // of the latency, spent waiting for the lock
	TheoryRate, TheoryOffset results.Cell // iterations per second; rate/theory - 1
	TheoryForm               string       // how TheoryRate comes about
}

// Itself reports whether the row is the reference against itself.
func (r *Row) Itself() bool { return r.Backend == r.Reference }

// Percentiles in thousandths.
const (
	p50 = 500
	p99 = 990
)

// Theories are the closed forms of each variant and group that has one.
type Theories map[string]map[string]Theory

// Compare holds every backend of a set against the reference, which is one of
// them: by variant and group, the reference first. The collector has to have taken
// the same runs as the set.
func Compare(scenario string, set *results.Set, c *Collector, reference string, theories Theories) []*Row {
	evidence := map[string]string{}
	for _, r := range set.Rows {
		evidence[r.Backend] = r.Evidence
	}
	backends := []string{reference}
	for _, b := range set.Backends {
		if b != reference {
			backends = append(backends, b)
		}
	}
	var out []*Row
	for _, variant := range set.Variants {
		for _, group := range set.Groups(variant) {
			for _, b := range backends {
				key := results.Key{Variant: variant, Backend: b, Group: group}
				if len(set.Select(key)) == 0 {
					continue
				}
				row := newRow(set, c, key, reference)
				row.Scenario, row.Evidence = scenario, evidence[b]
				row.hold(theories[variant][group])
				out = append(out, row)
			}
		}
	}
	return out
}

func newRow(set *results.Set, c *Collector, key results.Key, reference string) *Row {
	mine := c.repetitions(set, key)
	row := &Row{
		Variant: key.Variant, Group: key.Group, Backend: key.Backend, Reference: reference,
		Repetitions: len(mine),
		Rate:        set.Median(key, "throughput_per_s"),
		P50:         shown(set.Median(key, "latency_p50_ns"), mine, p50),
		P99:         shown(set.Median(key, "latency_p99_ns"), mine, p99),
		WaitShare:   set.Median(key, "wait_gil_share_ratio"),
	}
	key.Backend = reference
	theirs := c.repetitions(set, key)
	if row.Itself() {
		mine, theirs = half(mine, true), half(theirs, false)
	}
	row.RateRatio = ratioOf(rates(mine), rates(theirs))
	row.P50Ratio = percentileRatio(mine, theirs, p50)
	row.P99Ratio = percentileRatio(mine, theirs, p99)
	row.Distance = Distance(pool(mine), pool(theirs))
	return row
}

// shown returns the median of a percentile over the repetitions or, where one of
// them does not show any, the percentile of all together.
func shown(median results.Cell, reps []repetition, permille int64) results.Cell {
	if _, ok := median.Value(); ok {
		return median
	}
	return results.Percentile(pool(reps), permille)
}

// hold adds what a closed form gives.
func (r *Row) hold(t Theory) {
	if t.Rate <= 0 {
		return
	}
	r.TheoryRate, r.TheoryForm = results.Float(t.Rate), t.Form
	if rate, ok := r.Rate.Value(); ok {
		r.TheoryOffset = results.Float(rate/t.Rate - 1)
	}
}
