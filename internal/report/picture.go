package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/internal/palette"
)

// The static picture, in the units of its own coordinates.
const (
	pictureWidth, pictureHeight = 720, 380
	plotLeft, plotRight         = 80, 700
	plotTop, plotBottom         = 40, 320
)

// picture draws the percentile spectrum of one group, for readers without scripts.
// It is empty where no curve has a point.
func picture(curves *sectionCurves, variant, group string, lines []palette.Line) template.HTML {
	var shown []curve
	for _, c := range curves.Curves {
		if c.Variant == variant && c.Group == group && len(c.Value) > 0 {
			shown = append(shown, c)
		}
	}
	if len(shown) == 0 {
		return ""
	}
	a := newAxes(shown)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" width="%d" role="img" aria-label="latency by percentile" font-family="sans-serif" font-size="13" fill="currentColor">`,
		pictureWidth, pictureHeight, pictureWidth)
	a.draw(&b)
	if ns := curves.Intervals[variant]; ns > 0 {
		a.interval(&b, ns)
	}
	x := plotLeft
	for _, c := range shown {
		i := slices.IndexFunc(lines, func(l palette.Line) bool { return l.Name == c.Backend })
		style := fmt.Sprintf(`stroke="var(--line-%d)" stroke-width="2.5" fill="none"`, i)
		if lines[i].Predicted {
			style += ` stroke-dasharray="7 5"`
		}
		fmt.Fprintf(&b, `<polyline points="%s" %s/>`, a.points(c.Value), style)
		// A name is at most as wide as this; the next one begins behind it.
		fmt.Fprintf(&b, `<path d="M%d 18h24" %s/><text x="%d" y="22">%s</text>`, x, style, x+30, template.HTMLEscapeString(c.Backend))
		x += 50 + 8*len(c.Backend)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// axes are those of the spectrum: x is -log10(1-share), y the logarithm of ns.
type axes struct{ most, low, high float64 }

func newAxes(shown []curve) axes {
	a := axes{low: math.Inf(1), high: math.Inf(-1)}
	for _, c := range shown {
		a.most = max(a.most, spread(grid[len(c.Value)-1]))
		for _, v := range c.Value {
			if v > 0 {
				a.low, a.high = min(a.low, math.Log10(float64(v))), max(a.high, math.Log10(float64(v)))
			}
		}
	}
	a.low, a.high = math.Floor(a.low), math.Ceil(a.high)
	if !(a.low < a.high) {
		a.low, a.high = a.low-1, a.low+1
	}
	return a
}

// spread is where a share lies on the axis of the spectrum.
func spread(share float64) float64 { return -math.Log10(1 - share) }

func (a axes) x(share float64) float64 { return plotLeft + (plotRight-plotLeft)*spread(share)/a.most }
func (a axes) y(ns float64) float64 {
	return plotBottom - (plotBottom-plotTop)*(math.Log10(ns)-a.low)/(a.high-a.low)
}

// points returns the points of a line, without those that a logarithm has not.
func (a axes) points(values []int64) string {
	var out []string
	for i, v := range values {
		if v > 0 {
			out = append(out, fmt.Sprintf("%.1f,%.1f", a.x(grid[i]), a.y(float64(v))))
		}
	}
	return strings.Join(out, " ")
}

// draw writes both axes with their units.
func (a axes) draw(b *strings.Builder) {
	for e := a.low; e <= a.high; e++ {
		y := a.y(math.Pow(10, e))
		fmt.Fprintf(b, `<path d="M%d %.1fH%d" stroke="var(--rule)"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`,
			plotLeft, y, plotRight, plotLeft-8, y+4, tell.Nanoseconds(math.Pow(10, e)))
	}
	for _, share := range []float64{0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999} {
		if spread(share) > a.most+1e-9 {
			break
		}
		x := a.x(share)
		fmt.Fprintf(b, `<path d="M%.1f %dV%d" stroke="var(--rule)"/><text x="%.1f" y="%d" text-anchor="middle">%.6g %%</text>`,
			x, plotTop, plotBottom, x, plotBottom+20, 100*share)
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle">percentile of iterations (%%); upwards: latency (log scale)</text>`,
		(plotLeft+plotRight)/2, plotBottom+46)
}

// interval writes a line at the switch interval, where that is in the picture.
func (a axes) interval(b *strings.Builder, ns int64) {
	if at := math.Log10(float64(ns)); at < a.low || at > a.high {
		return
	}
	y := a.y(float64(ns))
	fmt.Fprintf(b, `<path d="M%d %.1fH%d" stroke="currentColor" stroke-dasharray="3 3"/><text x="%d" y="%.1f" text-anchor="end">switch interval %s</text>`,
		plotLeft, y, plotRight, plotRight-4, y-4, tell.Nanoseconds(float64(ns)))
}
