package results

import "math"

// Index is the favor-CPU-bound index of one variant on one backend: slowdown of
// the group with the smallest demand, divided by the slowdown of the one with
// the largest. 1: nobody is favoured. Above: CPU-bound work is. Below: short
// work is.
type Index struct {
	Variant string `json:"variant"`
	Backend string `json:"backend"`

	Value Cell `json:"value"` // geometric mean over the repetitions
	Runs  int  `json:"runs"`  // repetitions that it rests on

	// Bounds of the 95 % t interval of ln index; missing with one repetition.
	Low  Cell `json:"low"`
	High Cell `json:"high"`

	Short string `json:"smallest_demand"` // the two groups
	Long  string `json:"largest_demand"`

	// Slope of ln slowdown on ln demand, the mean over the repetitions; missing
	// with fewer than three groups. Below 0: CPU-bound work is favoured.
	Slope Cell `json:"slope"`
}

// slowdown returns how many times longer an iteration takes than alone, sleep
// that was asked for left out; a missing Cell when either side has no time.
func slowdown(mix, alone *Row) Cell {
	if mix.delay <= 0 || alone.delay <= 0 {
		return Cell{}
	}
	return Float(mix.delay / alone.delay)
}

// point is a group of one repetition.
type point struct {
	group            string
	demand, slowdown float64
}

// indexes returns the index of each variant and backend that has one, in the
// order in which they first ran in full.
func (w *Writer) indexes() []Index {
	var out []Index
	for _, c := range cellsOf(w.rows) {
		var reps [][]point
		for _, rows := range c.reps {
			reps = append(reps, w.points(rows))
		}
		if index, ok := newIndex(reps); ok {
			index.Variant, index.Backend = c.variant, c.backend
			out = append(out, index)
		}
	}
	return out
}

// points returns the groups of one repetition that use the processor at all
// and whose slowdown is known.
func (w *Writer) points(rows []*Row) []point {
	var out []point
	for _, r := range rows {
		s, known := r.Get("slowdown_ratio").Value()
		alone := w.alone(r.Variant, r.Backend, r.Group)
		if known && s > 0 && alone.demand > 0 {
			out = append(out, point{group: r.Group, demand: alone.demand, slowdown: s})
		}
	}
	return out
}

// newIndex computes the index over repetitions; false when no two groups differ
// in demand.
func newIndex(reps [][]point) (Index, bool) {
	var index Index
	var logs, slopes []float64
	for _, points := range reps {
		short, long, ok := extremes(points)
		if !ok {
			continue
		}
		index.Short, index.Long = short.group, long.group
		logs = append(logs, math.Log(short.slowdown/long.slowdown))
		if len(points) > 2 {
			slopes = append(slopes, slope(points))
		}
	}
	if len(logs) == 0 {
		return Index{}, false
	}
	center, half := meanInterval(logs)
	index.Value, index.Runs = Float(math.Exp(center)), len(logs)
	if len(logs) > 1 {
		index.Low, index.High = Float(math.Exp(center-half)), Float(math.Exp(center+half))
	}
	if len(slopes) > 0 {
		index.Slope = Float(mean(slopes))
	}
	return index, true
}

// extremes returns the groups with the smallest and the largest demand, the
// first of equals.
func extremes(points []point) (short, long point, ok bool) {
	for i, p := range points {
		if i == 0 || p.demand < short.demand {
			short = p
		}
		if i == 0 || p.demand > long.demand {
			long = p
		}
	}
	return short, long, short.demand < long.demand
}

// slope returns the slope of ln slowdown on ln demand by least squares.
func slope(points []point) float64 {
	var x, y []float64
	for _, p := range points {
		x = append(x, math.Log(p.demand))
		y = append(y, math.Log(p.slowdown))
	}
	return slopeOf(x, y)
}

// meanInterval returns the mean and half the width of its 95 % t interval; 0
// for a single value.
func meanInterval(v []float64) (center, half float64) {
	center = mean(v)
	if len(v) < 2 {
		return center, 0
	}
	n := float64(len(v))
	return center, studentBound(0.975, n-1) * deviation(v) / math.Sqrt(n)
}

// runCell is all that one variant showed on one backend.
type runCell struct {
	variant, backend string
	reps             [][]*Row // rows of each repetition, in the order of the groups
}

// cellsOf sorts the rows of whole programs by variant and backend, in the order
// of their first appearance, and by repetition.
func cellsOf(rows []*Row) []*runCell {
	type key struct{ variant, backend string }
	cells := map[key]*runCell{}
	var order []*runCell
	last := map[key]int{}
	for _, r := range rows {
		if r.Phase != phaseMeasure {
			continue
		}
		k := key{r.Variant, r.Backend}
		c := cells[k]
		if c == nil {
			c = &runCell{variant: r.Variant, backend: r.Backend}
			cells[k] = c
			order = append(order, c)
		}
		if last[k] != r.Rep {
			c.reps = append(c.reps, nil)
			last[k] = r.Rep
		}
		n := len(c.reps) - 1
		c.reps[n] = append(c.reps[n], r)
	}
	return order
}
