package plot

import (
	"math"
	"slices"
	"time"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/fibsim/fibsim/internal/results"
)

// Limits of what a picture holds and still can be read.
const (
	mostPanels = 24
	mostPoints = 1500 // of a curve; there are fewer pixels
)

// floor is the least value on a logarithmic axis, in ns: what a clock cannot tell from
// nothing.
const floor = 1000

// beyond is how many iterations must lie beyond a percentile that a table would show.
const beyond = 10

// place says which panel and which curve of it an iteration belongs to.
type place struct{ variant, group, backend string }

// distribution draws percentiles of all repetitions together: a panel for each variant
// and group, a curve for each backend.
func (s *selection) distribution() (*Picture, error) {
	if s.Value == "" {
		s.Value = Values()[0]
	}
	if !slices.Contains(Values(), s.Value) {
		return nil, choice("no value of an iteration is named %q; there are latency, delay, response", s.Value)
	}
	values, err := s.values()
	if err != nil {
		return nil, err
	}
	about := map[Kind]string{Spectrum: "The " + s.Value + " of iterations by percentile: to the right are the slowest",
		CDF: "The share of iterations up to a " + s.Value}[s.Kind]
	pic := s.newPicture(about, 290)
	for i := range s.backends {
		pic.legend = append(pic.legend, s.key(i))
	}
	low, high, most := extent(values)
	marked, thin := false, false
	var panels []*gonum.Plot
	for _, variant := range s.variants {
		groups, err := s.groups(variant)
		if err != nil {
			return nil, err
		}
		for _, group := range groups {
			title := group
			if variant != "" {
				title = variant + ": " + group
			}
			panel := s.distributionPanel(title, low, high, most)
			if interval, ok := s.scenario.interval(variant); ok {
				at := float64(interval) / float64(time.Millisecond)
				panel.Add(rule{at: at, upright: s.Kind == CDF})
				marked = true
			}
			empty := true
			for i, backend := range s.backends {
				own := values[place{variant, group, backend}]
				if len(own) == 0 {
					continue
				}
				empty = false
				thin = s.addCurves(panel, own, i) || thin
			}
			if !empty {
				panels = append(panels, panel)
			}
		}
	}
	switch {
	case len(panels) == 0:
		return nil, choice("samples.csv has no good iteration of what was asked for; run with samples: all%s", s.stopped())
	case len(panels) > mostPanels:
		return nil, choice("%d panels are too many to be read; choose a --group or a --variant", len(panels))
	}
	if marked {
		pic.legend = append(pic.legend, entry{text: "switch interval", line: dotted})
	}
	if thin {
		pic.legend = append(pic.legend, entry{text: "thin: fewer than 10 iterations beyond", line: thinner(dotted)})
		pic.legend[len(pic.legend)-1].line.Dashes = nil
	}
	pic.panels = inRows(panels, len(s.variants))
	return pic.finish(s.Height), nil
}

// inRows puts panels into rows: one for each variant, or two panels in each.
func inRows(panels []*gonum.Plot, variants int) [][]*gonum.Plot {
	columns := min(2, len(panels))
	if variants > 1 && len(panels)%variants == 0 && len(panels)/variants <= 3 {
		columns = len(panels) / variants
	}
	var out [][]*gonum.Plot
	for row := range slices.Chunk(panels, columns) {
		out = append(out, append(slices.Clone(row), make([]*gonum.Plot, columns-len(row))...))
	}
	return out
}

// values reads the good iterations of the windows, in ms, sorted.
func (s *selection) values() (map[place][]float64, error) {
	out := map[place][]float64{}
	err := s.Samples(func(r *results.SampleRow) error {
		if r.Phase != "measure" || r.Err != "" || !slices.Contains(s.variants, r.Variant) || !slices.Contains(s.backends, r.Backend) ||
			len(s.Options.Groups) > 0 && !slices.Contains(s.Options.Groups, r.Group) {
			return nil
		}
		v := r.Latency()
		switch s.Value {
		case "delay":
			v = r.Delay()
		case "response":
			v = r.Response()
		}
		at := place{r.Variant, r.Group, r.Backend}
		out[at] = append(out[at], float64(max(v, floor))/1e6)
		return nil
	})
	for _, own := range out {
		slices.Sort(own)
	}
	return out, err
}

// extent returns the least and the largest value, and the largest number of them.
func extent(values map[place][]float64) (low, high float64, most int) {
	low, high = math.Inf(1), 0
	for _, own := range values {
		low, high, most = min(low, own[0]), max(high, own[len(own)-1]), max(most, len(own))
	}
	return low, high, most
}

// distributionPanel returns a panel with its axes, the same for all panels.
func (s *selection) distributionPanel(title string, low, high float64, most int) *gonum.Plot {
	value := s.Value + " [ms]"
	if s.Kind == CDF {
		p := newPanel(title, value, "share of iterations [%]")
		logarithmic(&p.X, low, high)
		p.Y.Min, p.Y.Max, p.Y.Tick.Marker = 0, 100, even{5}
		p.Add(guides{x: true, y: true})
		return p
	}
	p := newPanel(title, "percentile [%]", value)
	logarithmic(&p.Y, low, high)
	p.X.Min, p.X.Max, p.X.Tick.Marker = 0, nines(1-0.5/float64(most)), percentiles{}
	p.Add(guides{x: true, y: true})
	return p
}

// nines spreads shares out so that each further nine takes the same room.
func nines(share float64) float64 { return -math.Log10(1 - share) }

// percentiles marks an axis of nines.
type percentiles struct{}

// Ticks returns the marks up to a number of nines.
func (percentiles) Ticks(_, high float64) []gonum.Tick {
	out := []gonum.Tick{{Value: 0, Label: "0"}, {Value: nines(0.5), Label: "50"}}
	text := "90"
	for n := 1.0; n <= high; n++ {
		out = append(out, gonum.Tick{Value: n, Label: text})
		if text == "90" {
			text = "99"
		} else if text == "99" {
			text = "99.9"
		} else {
			text += "9"
		}
	}
	return out
}

// addCurves adds the curve of one backend, and reports whether a part of it is thin
// because few iterations lie beyond.
func (s *selection) addCurves(p *gonum.Plot, values []float64, backend int) bool {
	at := func(rank int) vg.Point {
		share := (float64(rank) + 0.5) / float64(len(values))
		if s.Kind == CDF {
			return vg.Point{X: vg.Length(values[rank]), Y: vg.Length(100 * float64(rank+1) / float64(len(values)))}
		}
		return vg.Point{X: vg.Length(nines(share)), Y: vg.Length(values[rank])}
	}
	style := s.stroke(backend)
	ranks := s.ranks(len(values))
	if s.Kind == CDF {
		p.Add(curve{points: points(ranks, at), style: style, stairs: true})
		return false
	}
	firm := slices.IndexFunc(ranks, func(r int) bool { return len(values)-1-r < beyond })
	if firm < 0 {
		firm = len(ranks)
	}
	p.Add(curve{points: points(ranks[:min(firm+1, len(ranks))], at), style: style})
	if firm < len(ranks) {
		p.Add(curve{points: points(ranks[firm:], at), style: thinner(style)})
	}
	return firm < len(ranks)
}

func points(ranks []int, at func(int) vg.Point) []vg.Point {
	var out []vg.Point
	for _, r := range ranks {
		out = append(out, at(r))
	}
	return out
}

// ranks returns which of n sorted values are drawn: of many those that are a pixel
// apart, and always the first and the last.
func (s *selection) ranks(n int) []int {
	var out []int
	last := math.Inf(-1)
	for r := range n {
		x := float64(r) / float64(n)
		if s.Kind == Spectrum {
			x = nines((float64(r)+0.5)/float64(n)) / nines(1-0.5/float64(n))
		}
		if r == n-1 || x-last >= 1.0/mostPoints {
			out = append(out, r)
			last = x
		}
	}
	return out
}
