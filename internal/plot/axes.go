package plot

import (
	"math"
	"strconv"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fibsim/fibsim/internal/palette"
)

// decades marks the powers of ten of a logarithmic axis; 2 and 5 times them, too, where
// the axis has few.
type decades struct{}

// Ticks returns the marks between two values above 0.
func (decades) Ticks(low, high float64) []gonum.Tick {
	factors := []float64{1}
	if high/low < 400 {
		factors = []float64{1, 2, 5}
	}
	var out []gonum.Tick
	for power := math.Floor(math.Log10(low)); power <= math.Log10(high)+1; power++ {
		for factor := 1.0; factor < 10; factor++ {
			v := factor * math.Pow(10, power)
			if v < low*0.999 || v > high*1.001 {
				continue
			}
			tick := gonum.Tick{Value: v}
			for _, f := range factors {
				if f == factor {
					tick.Label = plain(v)
				}
			}
			out = append(out, tick)
		}
	}
	return out
}

// even marks multiples of a round step.
type even struct{ most int }

// Ticks returns at most as many marks as were asked for, and one.
func (e even) Ticks(low, high float64) []gonum.Tick {
	step := math.Pow(10, math.Floor(math.Log10((high-low)/float64(e.most))))
	for _, factor := range []float64{1, 2, 5, 10} {
		if (high-low)/(factor*step) <= float64(e.most) {
			step *= factor
			break
		}
	}
	var out []gonum.Tick
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		out = append(out, gonum.Tick{Value: i * step, Label: plain(i * step)})
	}
	return out
}

// plain writes a number with at most six digits and no exponent.
func plain(v float64) string {
	if math.Abs(v) < 1e-12 {
		return "0"
	}
	digits := 5 - int(math.Floor(math.Log10(math.Abs(v))))
	scale := math.Pow(10, float64(max(0, digits)))
	return strconv.FormatFloat(math.Round(v*scale)/scale, 'f', -1, 64)
}

// guides draws a faint line at each mark with a text.
type guides struct{ x, y bool }

// Plot draws the lines behind the data.
func (g guides) Plot(c draw.Canvas, p *gonum.Plot) {
	x, y := p.Transforms(&c)
	line := draw.LineStyle{Color: paint(palette.Rule), Width: 0.5}
	if g.x {
		for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
			if t.Label != "" {
				c.StrokeLine2(line, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
			}
		}
	}
	if g.y {
		for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
			if t.Label != "" {
				c.StrokeLine2(line, c.Min.X, y(t.Value), c.Max.X, y(t.Value))
			}
		}
	}
}

// rule is a dotted line across a panel: level at Y, or upright at X.
type rule struct {
	at      float64
	upright bool
}

// dotted is how switch intervals are drawn.
var dotted = draw.LineStyle{Color: paint(palette.Text), Width: 1, Dashes: []vg.Length{1.5, 2.5}}

// Plot draws the line where it is inside.
func (r rule) Plot(c draw.Canvas, p *gonum.Plot) {
	x, y := p.Transforms(&c)
	switch {
	case r.upright && r.at >= p.X.Min && r.at <= p.X.Max:
		c.StrokeLine2(dotted, x(r.at), c.Min.Y, x(r.at), c.Max.Y)
	case !r.upright && r.at >= p.Y.Min && r.at <= p.Y.Max:
		c.StrokeLine2(dotted, c.Min.X, y(r.at), c.Max.X, y(r.at))
	}
}

// curve is a line through points. Stairs go along X first.
type curve struct {
	points []vg.Point // in the units of the axes
	style  draw.LineStyle
	stairs bool
	dots   bool
}

// Plot draws the line, as far as it is inside.
func (l curve) Plot(c draw.Canvas, p *gonum.Plot) {
	x, y := p.Transforms(&c)
	var path []vg.Point
	for i, at := range l.points {
		to := vg.Point{X: x(float64(at.X)), Y: y(float64(at.Y))}
		if l.stairs && i > 0 {
			path = append(path, vg.Point{X: to.X, Y: path[len(path)-1].Y})
		}
		path = append(path, to)
	}
	c.StrokeLines(l.style, c.ClipLinesXY(path)...)
	if l.dots {
		for _, at := range l.points {
			c.DrawGlyph(draw.GlyphStyle{Color: l.style.Color, Radius: 2.5, Shape: draw.CircleGlyph{}}, vg.Point{X: x(float64(at.X)), Y: y(float64(at.Y))})
		}
	}
}

// logarithmic makes an axis logarithmic, from a bit below the least value to a bit
// above the largest.
func logarithmic(a *gonum.Axis, low, high float64) {
	a.Scale, a.Tick.Marker = gonum.LogScale{}, decades{}
	if high < low*1.2 {
		low, high = low/1.5, high*1.5
	}
	a.Min, a.Max = low*0.9, high*1.1
}
