package plot

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fibsim/fibsim/internal/results"
)

// interval draws a column of summary.csv over the switch interval of the variants: a
// panel for each group, a curve for each backend. A point is the median over the
// repetitions, with a bar from the least to the largest.
func (s *selection) interval() (*Picture, error) {
	s.Column = cmp.Or(s.Column, "delay_p50_ns")
	if !slices.ContainsFunc(results.SummaryColumns, func(c results.Column) bool { return c.Name == s.Column }) {
		return nil, choice("summary.csv has no column %q", s.Column)
	}
	places := map[string]float64{}
	taken := map[time.Duration]string{}
	for _, v := range s.variants {
		d, ok := s.scenario.interval(v)
		if !ok {
			continue
		}
		if other, twice := taken[d]; twice {
			return nil, choice("%s and %s have the same switch interval; choose variants that differ in nothing else with --variant", other, v)
		}
		taken[d] = v
		places[v] = float64(d) / float64(time.Millisecond)
	}
	low, high := math.Inf(1), 0.0
	for _, ms := range places {
		low, high = min(low, ms), max(high, ms)
	}
	if len(places) < 2 || low == high {
		return nil, choice("the variants have no different switch intervals; run switch-interval, or a scenario whose variants set interpreter.switch_interval")
	}
	unit, scale := unitOf(s.Column)
	pic := s.newPicture("Medians of "+strings.TrimSuffix(s.Column, "_ns")+" over the switch interval; bars from the least to the largest repetition", 290)
	for i := range s.backends {
		pic.legend = append(pic.legend, s.key(i))
	}
	var panels []*gonum.Plot
	groups, err := s.groups(s.variants[0])
	if err != nil {
		return nil, err
	}
	for _, group := range groups {
		if p := s.intervalPanel(group, places, unit, scale, low, high); p != nil {
			panels = append(panels, p)
		}
	}
	if len(panels) == 0 {
		return nil, choice("%s is empty for all that was asked for", s.Column)
	}
	if unit == "ms" {
		pic.legend = append(pic.legend, entry{text: "as much as the interval", line: dotted})
	}
	pic.panels = inRows(panels, 1)
	return pic.finish(s.Height), nil
}

// unitOf returns the unit in which a column is drawn, and what to multiply it with.
func unitOf(column string) (unit string, scale float64) {
	switch {
	case strings.HasSuffix(column, "_ns"):
		return "ms", 1e-6
	case strings.HasSuffix(column, "_share_ratio"):
		return "%", 100
	case strings.HasSuffix(column, "_ratio"):
		return "times", 1
	case strings.HasSuffix(column, "_per_s"):
		return "1/s", 1
	case strings.HasSuffix(column, "_bytes"):
		return "MiB", 1.0 / (1 << 20)
	}
	return "count", 1
}

// intervalPanel returns the panel of a group; nil where it has no figure.
func (s *selection) intervalPanel(group string, places map[string]float64, unit string, scale, low, high float64) *gonum.Plot {
	name, _, _ := strings.Cut(s.Column, "_ns")
	p := newPanel(group, "switch interval [ms]", name+" ["+unit+"]")
	logarithmic(&p.X, low, high)
	least, most := math.Inf(1), math.Inf(-1)
	var curves []spread
	for i, backend := range s.backends {
		curve := spread{style: s.stroke(i)}
		for _, v := range s.variants {
			at, known := places[v]
			values := s.repetitions(v, group, backend, scale)
			if !known || len(values) == 0 {
				continue
			}
			half := len(values) / 2
			middle := values[half]
			if len(values)%2 == 0 {
				middle = (values[half-1] + values[half]) / 2
			}
			curve.points = append(curve.points, spreadPoint{at, values[0], middle, values[len(values)-1]})
			least, most = min(least, values[0]), max(most, values[len(values)-1])
		}
		slices.SortFunc(curve.points, func(a, b spreadPoint) int { return cmp.Compare(a.at, b.at) })
		if len(curve.points) > 0 {
			curves = append(curves, curve)
		}
	}
	if len(curves) == 0 {
		return nil
	}
	if unit == "ms" && least > 0 {
		logarithmic(&p.Y, min(least, low), max(most, high))
	} else {
		p.Y.Min, p.Y.Max, p.Y.Tick.Marker = min(0, least), max(most*1.05, least+1e-9), even{6}
	}
	p.Add(guides{x: true, y: true})
	if unit == "ms" {
		p.Add(curve{points: []vg.Point{{X: vg.Length(low), Y: vg.Length(low)}, {X: vg.Length(high), Y: vg.Length(high)}}, style: dotted})
	}
	for _, c := range curves {
		p.Add(c)
	}
	return p
}

// repetitions returns the figures of a group, sorted, where all repetitions have one.
func (s *selection) repetitions(variant, group, backend string, scale float64) []float64 {
	var out []float64
	for _, r := range s.Select(results.Key{Variant: variant, Backend: backend, Group: group}) {
		v, ok := r.Get(s.Column).Value()
		if !ok {
			return nil
		}
		out = append(out, v*scale)
	}
	slices.Sort(out)
	return out
}

// spread is a curve through medians with bars.
type spread struct {
	points []spreadPoint
	style  draw.LineStyle
}

type spreadPoint struct{ at, least, middle, most float64 }

// Plot draws the curve and its bars.
func (s spread) Plot(c draw.Canvas, p *gonum.Plot) {
	x, y := p.Transforms(&c)
	line := curve{style: s.style, dots: true}
	bar := s.style
	bar.Dashes, bar.Width = nil, 1
	for _, at := range s.points {
		line.points = append(line.points, vg.Point{X: vg.Length(at.at), Y: vg.Length(at.middle)})
		if at.most > at.least {
			c.StrokeLine2(bar, x(at.at), y(at.least), x(at.at), y(at.most))
			for _, end := range []float64{at.least, at.most} {
				c.StrokeLine2(bar, x(at.at)-3, y(end), x(at.at)+3, y(end))
			}
		}
	}
	line.Plot(c, p)
}
