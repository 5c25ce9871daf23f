package report

import (
	"math"
	"slices"

	"github.com/fibsim/fibsim/internal/results"
)

// curve is the distribution of the latency of a cell: for each share of grid the
// latency in ns that it does not exceed, and the interval around it. It ends where
// fewer than 10 iterations would lie beyond.
type curve struct {
	Variant string  `json:"variant"`
	Group   string  `json:"group"`
	Backend string  `json:"backend"`
	Value   []int64 `json:"value"`
	Low     []int64 `json:"low"`
	High    []int64 `json:"high"`
}

// nines is how many nines the grid goes to: 99.9999 %.
const nines = 6

// grid is the shares at which curves are told: the deciles, and others evenly spaced
// on the axis of the spectrum, -log10(1-share), denser where most iterations are. It
// has 90 %, 99 % and so on, too.
var grid = func() []float64 {
	out := []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8}
	for i := 1; i <= 100; i++ {
		out = append(out, 1-math.Pow(10, -float64(i)/100))
	}
	for i := 41; i <= nines*40; i++ {
		out = append(out, 1-math.Pow(10, -float64(i)/40))
	}
	slices.Sort(out)
	return out
}()

// newCurve returns the curve of a cell. Of one repetition the interval is that of
// order statistics; of several, value is the median of theirs and the interval goes
// from the lowest to the highest.
func newCurve(c cell, reps []*run) curve {
	out := curve{Variant: c.variant, Group: c.group, Backend: c.backend, Value: []int64{}, Low: []int64{}, High: []int64{}}
	for _, share := range grid {
		value, low, high, ok := quantile(reps, share)
		if !ok {
			break
		}
		out.Value, out.Low, out.High = append(out.Value, value), append(out.Low, low), append(out.High, high)
	}
	return out
}

// quantile returns the latency that a share of the iterations does not exceed; false
// where a repetition has too few for it.
func quantile(reps []*run, share float64) (value, low, high int64, ok bool) {
	var values []int64
	for _, r := range reps {
		rank, l, h, shown := results.Ranks(int64(len(r.latency)), share)
		if !shown {
			return 0, 0, 0, false
		}
		values = append(values, r.latency[rank-1])
		low, high = r.latency[max(l, 1)-1], r.latency[min(h, int64(len(r.latency)))-1]
	}
	switch len(values) {
	case 0:
		return 0, 0, 0, false
	case 1:
		return values[0], low, high, true
	}
	slices.Sort(values)
	return median(values), values[0], values[len(values)-1], true
}

// median returns the median of sorted values, of an even number the mean of the two
// in the middle.
func median(sorted []int64) int64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	a, b := sorted[n/2-1], sorted[n/2]
	return a + (b-a)/2
}

// rate is the throughput of a cell over the window: iterations per second that ended
// in each stretch of step ns, the mean over the repetitions.
type rate struct {
	Variant string    `json:"variant"`
	Group   string    `json:"group"`
	Backend string    `json:"backend"`
	Start   int64     `json:"start"`
	Step    int64     `json:"step"`
	Values  []float64 `json:"values"`
}

// A stretch holds at least so many iterations of the slowest backend on average,
// where that leaves enough stretches.
const (
	perStretch    = 6
	stretchesMost = 120
	stretchesFew  = 10
)

// rates returns the throughput of one group on each backend, over stretches that are
// the same for all.
func rates(window span, cells []cell, runs map[cell][]*run) []rate {
	least := int64(math.MaxInt64)
	for _, c := range cells {
		n := int64(0)
		for _, r := range runs[c] {
			for _, e := range r.ends {
				if window.holds(e.at) {
					n += e.weight
				}
			}
		}
		if n > 0 {
			least = min(least, n/int64(len(runs[c])))
		}
	}
	if least == math.MaxInt64 || window.length() <= 0 {
		return nil
	}
	stretches := min(max(least/perStretch, stretchesFew), stretchesMost)
	step := (window.length() + stretches - 1) / stretches
	var out []rate
	for _, c := range cells {
		out = append(out, newRate(window, step, c, runs[c]))
	}
	return out
}

func newRate(window span, step int64, c cell, reps []*run) rate {
	counts := make([]int64, (window.length()+step-1)/step)
	for _, r := range reps {
		for _, e := range r.ends {
			if window.holds(e.at) {
				counts[(e.at-window.from)/step] += e.weight
			}
		}
	}
	out := rate{Variant: c.variant, Group: c.group, Backend: c.backend, Start: window.from, Step: step}
	for i, n := range counts {
		// The last stretch may be shorter.
		length := min(step, window.length()-int64(i)*step)
		out.Values = append(out.Values, float64(n)/float64(len(reps))/(float64(length)/1e9))
	}
	return out
}

// span is a stretch of time.
type span struct{ from, to int64 }

func (s span) length() int64       { return s.to - s.from }
func (s span) holds(at int64) bool { return s.from <= at && at < s.to }
