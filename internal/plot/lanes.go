package plot

import (
	"cmp"
	"fmt"
	"image/color"
	"slices"
	"time"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fibsim/fibsim/gil/trace/timeline"
	"github.com/fibsim/fibsim/internal/palette"
	"github.com/fibsim/fibsim/internal/results"
)

// mostLanes is how many threads a panel can show, and mostShare the part of the stretch
// that a state must take, in all lanes together, to be in the legend: one that takes
// less cannot be seen.
const (
	mostLanes = 60
	mostShare = 1000
)

// holder is the name of the lane that shows who has the lock.
const holder = "has the lock"

// timeline draws what each thread and the lock do: a panel for each backend, below one
// another and over the same stretch of time.
func (s *selection) timeline() (*Picture, error) {
	all, err := s.Timelines()
	if err != nil {
		return nil, err
	}
	if len(s.variants) > 1 {
		return nil, choice("a timeline is of one variant; choose one of them with --variant")
	}
	rep := cmp.Or(s.Rep, 1)
	var runs []results.RunTimeline
	for _, t := range all {
		if t.Variant == s.variants[0] && t.Rep == rep && slices.Contains(s.backends, t.Backend) {
			runs = append(runs, t)
		}
	}
	if len(runs) == 0 {
		return nil, choice("states.csv has no run with repetition %d of what was asked for%s", rep, s.stopped())
	}
	from, length := s.telling(runs)
	if s.Length > 0 {
		length = s.Length
	}
	if s.Started {
		from = s.From
	}
	end := int64(0)
	for _, r := range runs {
		end = max(end, r.End)
	}
	to := from + length
	if from < end {
		to = min(to, end) // there is nothing to see after it
	}
	return s.lanes(runs, from, to)
}

// Where no stretch was asked for it is as long as some switch intervals, and begins a
// bit before the first forced switch in the window.
const (
	stretchIntervals = 12
	beforeIntervals  = 2
	usualInterval    = 5 * time.Millisecond
)

// telling returns where a stretch begins that shows what the lock does, and how long
// it is.
func (s *selection) telling(runs []results.RunTimeline) (from, length int64) {
	interval, ok := s.scenario.interval(s.variants[0])
	if !ok {
		interval = usualInterval
	}
	from = int64(s.warmup)
	for _, r := range runs {
		i := slices.IndexFunc(r.Handoffs, func(h timeline.Handoff) bool { return h.Forced && h.Released >= int64(s.warmup) })
		if i >= 0 {
			from = max(0, r.Handoffs[i].Released-beforeIntervals*int64(interval))
			break
		}
	}
	return from, stretchIntervals * int64(interval)
}

func (s *selection) lanes(runs []results.RunTimeline, from, to int64) (*Picture, error) {
	about := fmt.Sprintf("What each thread does, and who has the lock, in %v of repetition %d", time.Duration(to-from), runs[0].Rep)
	if s.variants[0] != "" {
		about += " of variant " + s.variants[0]
	}
	pic := s.newPicture(about, 0)
	present := map[string]int64{}
	longest := 0
	for _, r := range runs {
		if from >= r.End {
			return nil, choice("%s ends at %v, before the window begins", r.Backend, time.Duration(r.End))
		}
		w := r.Window(from, to)
		var rows []lane
		var names []string
		for _, t := range w.Threads {
			names = append(names, fmt.Sprintf("%s-%d", t.Group, t.Worker))
		}
		if len(r.Holds) > 0 {
			rows = append(rows, lane{name: holder, holds: w.Holds, threads: names})
		}
		for i, spans := range w.Lanes {
			if len(s.Options.Groups) == 0 || slices.Contains(s.Options.Groups, w.Threads[i].Group) {
				rows = append(rows, lane{name: names[i], spans: spans})
			}
		}
		if len(rows) > mostLanes {
			return nil, choice("%d lanes are too many to be read; choose a --group", len(rows))
		}
		for _, row := range rows {
			for _, span := range row.spans {
				present[span.State.String()] += span.End - span.Start
			}
		}
		if r.Cut > 0 && r.Cut < to {
			pic.caption += fmt.Sprintf(" · %s made too many events: none after %v was kept", r.Backend, time.Duration(r.Cut))
		}
		longest = max(longest, len(rows))
		pic.panels = append(pic.panels, []*gonum.Plot{s.lanePanel(r.Backend, rows, from, to)})
	}
	for _, state := range palette.States() {
		if present[state.Name] > (to-from)/mostShare {
			pic.legend = append(pic.legend, entry{text: state.Name, fill: hex(state.Light)})
		}
	}
	pic.height = vg.Length(70+26*longest) * pixel
	return pic.finish(s.Height), nil
}

// lanePanel returns the panel of one run.
func (s *selection) lanePanel(backend string, rows []lane, from, to int64) *gonum.Plot {
	p := newPanel(backend+" ("+s.evidence(backend)+")", "time since the start of the warm-up [ms]", "")
	p.X.Min, p.X.Max, p.X.Tick.Marker = float64(from)/1e6, float64(to)/1e6, even{12}
	p.Y.Min, p.Y.Max = 0, float64(len(rows))
	p.Y.Tick.Length = 0
	p.Y.LineStyle.Width = 0
	var names gonum.ConstantTicks
	p.Add(guides{x: true})
	for i, row := range rows {
		row.place = float64(len(rows) - 1 - i)
		names = append(names, gonum.Tick{Value: row.place + 0.5, Label: row.name})
		p.Add(row)
	}
	p.Y.Tick.Marker = names
	return p
}

// lane is a row of a panel: the states of a thread, or who has the lock.
type lane struct {
	name    string
	place   float64 // of its lower edge
	spans   []timeline.Span
	holds   []timeline.Hold
	threads []string // names, by number
}

// laneTop and laneBottom are the part of a lane that is filled.
const laneTop, laneBottom = 0.86, 0.14

// Plot draws the lane. What is narrower than a pixel comes last, as it would be painted
// over: each pixel that has any is filled with the mean of their colours by time.
func (l lane) Plot(c draw.Canvas, p *gonum.Plot) {
	x, y := p.Transforms(&c)
	bottom, top := y(l.place+laneBottom), y(l.place+laneTop)
	box := func(clr color.Color, left, right vg.Length) {
		c.FillPolygon(clr, []vg.Point{{X: left, Y: bottom}, {X: right, Y: bottom}, {X: right, Y: top}, {X: left, Y: top}})
	}
	var narrow []blend
	add := func(clr palette.Color, from, to int64, overlap vg.Length) {
		left, right := x(float64(from)/1e6), x(float64(to)/1e6)
		if right-left >= pixel {
			box(paint(clr), left, right+overlap)
			return
		}
		column := int((left - c.Min.X) / pixel)
		if n := len(narrow); n == 0 || narrow[n-1].column != column {
			narrow = append(narrow, blend{column: column})
		}
		narrow[len(narrow)-1].add(clr, float64(to-from))
	}
	// Neighbours overlap, and the next one is painted over it: no page shows between two
	// edges that are softened.
	for i, span := range l.spans {
		if state, ok := palette.Of(span.State.String()); ok {
			overlap := pixel / 2
			if i == len(l.spans)-1 {
				overlap = 0
			}
			add(state.Color, span.Start, span.End, overlap)
		}
	}
	for _, h := range l.holds {
		add(palette.Thread(int(h.Thread)), h.Start, h.End, 0)
	}
	for i, b := range narrow {
		left := c.Min.X + vg.Length(b.column)*pixel
		right := left + pixel
		if i+1 < len(narrow) && narrow[i+1].column == b.column+1 {
			right += pixel / 2
		}
		box(b.mean(), left, min(right, c.Max.X))
	}
	style := textStyle(small, palette.Page)
	style.XAlign, style.YAlign = text.XCenter, text.YCenter
	for _, h := range l.holds {
		left, right := x(float64(h.Start)/1e6), x(float64(h.End)/1e6)
		if name := l.threads[h.Thread]; style.Width(name)+4 < right-left {
			c.FillText(style, vg.Point{X: (left + right) / 2, Y: (bottom + top) / 2}, name)
		}
	}
}

// blend is the colours of what lies on one pixel, each with its weight.
type blend struct {
	column           int
	red, green, blue float64
	weight           float64
}

// add adds a colour. Even what takes no time weighs something.
func (b *blend) add(clr palette.Color, ns float64) {
	ns = max(ns, 1)
	c := paint(clr)
	b.red, b.green, b.blue = b.red+ns*float64(c.R), b.green+ns*float64(c.G), b.blue+ns*float64(c.B)
	b.weight += ns
}

func (b *blend) mean() color.Color {
	part := func(sum float64) uint8 { return uint8(sum/b.weight + 0.5) }
	return color.NRGBA{R: part(b.red), G: part(b.green), B: part(b.blue), A: 255}
}
