package report

import (
	"errors"
	"fmt"
	"html/template"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fibsim/fibsim/gil/trace/timeline"
	"github.com/fibsim/fibsim/internal/palette"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/words"
)

// tell says figures in words.
var tell = words.Style{}

// section is what the template shows of one directory.
type section struct {
	ID, Dir  string
	Name     string // of the scenario
	Heading  string
	Question string
	Findings []finding
	Evidence string
	Aborted  bool
	Table    table
	Indexes  table
	Claims   []claim
	Warnings []results.Warning

	// Of the charts: all variants and groups, and which are shown first. No groups:
	// nothing ran to its end.
	Variants, Groups []string
	Variant, Group   string
	Picture          template.HTML
	IntervalNote     string
	Percentiles      table
	Deciles          table
	Rates            table

	Reps        bool
	ShareLabels []string
	Shares      []shareRow

	Timelines        []timelineData
	TimelineVariants []string // those that have one
	TimelineReps     []int
	TimelineNote     string
	NoTimeline       string // why there is none

	Facts []fact
}

type finding struct{ Variant, Text string }

type claim struct{ Class, Mark, Verdict, Text, Detail string }

// fact is a line of the footer; Code is one that was or can be typed.
type fact struct {
	Name, Value string
	Code        bool
}

// newSection reads what a section shows, and puts its intervals into lanes, at most so
// many.
func newSection(id string, d *results.Dir, lines []palette.Line, lanes *packer, most int) (*section, *sectionCurves, error) {
	scenario := newScenario(d.Run.Scenario)
	s := &section{
		ID: id, Dir: filepath.Base(filepath.Clean(d.Path)), Name: scenario.Name, Heading: heading(scenario),
		Question: scenario.Question, Evidence: words.Evidence(&d.Set), Aborted: d.Run.Aborted,
		Table: mainTable(&d.Set), Indexes: indexTable(&d.Set), Claims: claims(d.Run.Claims), Warnings: d.Run.Warnings,
		Facts: facts(d),
	}
	for _, variant := range d.Variants {
		if text := tell.Finding(&d.Set, variant); text != "" {
			s.Findings = append(s.Findings, finding{variant, text})
		}
	}
	list, err := readSamples(d)
	if err != nil {
		return nil, nil, err
	}
	curves := &sectionCurves{Backends: lineDatas(d, lines), Variants: d.Variants, Intervals: map[string]int64{}, Curves: []curve{}, Rates: []rate{}}
	s.choose(d)
	curves.Groups = s.Groups
	for _, variant := range d.Variants {
		if ns := scenario.interval(variant); ns > 0 {
			curves.Intervals[variant] = ns
		}
		for _, group := range s.Groups {
			s.charts(d, &scenario, variant, group, list, curves)
		}
	}
	s.tables(d, curves)
	s.Picture = picture(curves, s.Variant, s.Group, lines)
	if err := s.timelines(d, &scenario, lanes, most); err != nil {
		return nil, nil, err
	}
	curves.Timelines = s.Timelines
	return s, curves, nil
}

func heading(s scenario) string {
	if s.Title == "" {
		return s.Name
	}
	return s.Name + ": " + s.Title
}

func lineDatas(d *results.Dir, lines []palette.Line) []lineData {
	out := []lineData{}
	for _, b := range d.Run.Backends {
		i := slices.IndexFunc(lines, func(l palette.Line) bool { return l.Name == b.Name })
		out = append(out, lineData{b.Name, b.Evidence, fmt.Sprintf("--line-%d", i), lines[i].Predicted})
	}
	return out
}

// choose settles which variants and groups there are, those that are shown first in
// front.
func (s *section) choose(d *results.Dir) {
	s.Variants = d.Variants
	s.Groups = []string{}
	for _, variant := range d.Variants {
		for _, g := range d.Groups(variant) {
			if !slices.Contains(s.Groups, g) {
				s.Groups = append(s.Groups, g)
			}
		}
	}
	s.Variant = d.Variants[0]
	s.Group = words.Focus(&d.Set, s.Variant)
}

// charts adds the lines of one group in one variant.
func (s *section) charts(d *results.Dir, sc *scenario, variant, group string, list *samples, out *sectionCurves) {
	var cells []cell
	window := span{from: sc.warmup(variant)}
	for _, backend := range d.Backends {
		c := cell{variant, group, backend}
		rows := d.Select(results.Key{Variant: variant, Backend: backend, Group: group})
		if len(rows) == 0 || len(list.runs[c]) == 0 {
			continue
		}
		if ns, ok := rows[0].Get("elapsed_ns").Value(); ok {
			window.to = max(window.to, window.from+int64(ns))
		}
		cells = append(cells, c)
		s.Reps = s.Reps || len(rows) > 1
		out.Curves = append(out.Curves, newCurve(c, list.runs[c]))
		s.addShares(c, evidenceOf(d, backend), hasVariants(&d.Set), list.runs[c])
	}
	out.Rates = append(out.Rates, rates(window, cells, list.runs)...)
}

func claims(list []results.ClaimResult) []claim {
	var out []claim
	for _, c := range list {
		shown := claim{"good", "✓", "holds", c.Text, tell.Verdict(c)}
		switch {
		case c.Skipped():
			shown.Class, shown.Mark, shown.Verdict = "muted", "–", "not decided"
		case c.Failed():
			shown.Class, shown.Mark, shown.Verdict = "bad", "✗", "failed"
		}
		if c.Variant != "" {
			shown.Text = c.Variant + ": " + c.Text
		}
		out = append(out, shown)
	}
	return out
}

// firstWindow is how many switch intervals are seen at first, and the bounds of that.
const (
	firstIntervals = 20
	firstLeast     = int64(20 * time.Millisecond)
	firstMost      = int64(time.Second)
)

// timelines packs the repetitions of each variant, at most so many intervals. The first
// is there in any case, as far as it fits; the others in their order, if they fit whole.
func (s *section) timelines(d *results.Dir, sc *scenario, lanes *packer, most int) error {
	all, err := d.Timelines()
	if errors.Is(err, results.ErrNoStates) {
		s.NoTimeline = "There is none, as the run kept no states. Make it again with --states: " + again(d.Run.Command)
		return nil
	}
	if err != nil {
		return err
	}
	if len(all) == 0 && d.Run.Aborted {
		s.NoTimeline = "There is none: the run was stopped before any backend had told what its threads do."
		return nil
	}
	if len(all) == 0 {
		s.NoTimeline = "There is none: no backend of this run sees the states of its threads."
		return nil
	}
	byRep := map[int][]results.RunTimeline{}
	reps := 0
	for _, t := range all {
		byRep[t.Rep] = append(byRep[t.Rep], t)
		reps = max(reps, t.Rep)
	}
	s.TimelineNote = "The line marks where the window begins; what is before it is warm-up."
	for rep := 1; rep <= reps; rep++ {
		runs := byRep[rep]
		cut := fitting(timelinesOf(runs), max(0, most))
		last := latest(timelinesOf(runs))
		if cut < last && len(s.TimelineReps) > 0 {
			s.TimelineNote += fmt.Sprintf(" Repetitions from %d on are left out, as a page holds %d intervals; states.csv has all.", rep, mostIntervals)
			break
		}
		if cut < last {
			s.TimelineNote += fmt.Sprintf(" Only the first %s are shown, as a page holds %d intervals; states.csv has all.",
				tell.Nanoseconds(float64(cut)), mostIntervals)
		}
		before := lanes.total
		s.pack(d, sc, lanes, rep, runs, cut)
		most -= lanes.total - before
	}
	return nil
}

// pack adds one repetition of each variant, up to a time.
func (s *section) pack(d *results.Dir, sc *scenario, lanes *packer, rep int, runs []results.RunTimeline, cut int64) {
	for _, variant := range d.Variants {
		data := timelineData{Variant: variant, Rep: rep, Roots: []timelineRoot{}, Marks: []timelineMark{}}
		for _, t := range runs {
			if t.Variant != variant {
				continue
			}
			seen := t.Window(0, cut)
			data.End = max(data.End, seen.End)
			data.Roots = append(data.Roots, lanes.root(t.Backend, evidenceOf(d, t.Backend), seen))
		}
		if len(data.Roots) == 0 {
			continue
		}
		begin := sc.warmup(variant)
		if begin > 0 && begin < data.End {
			data.Marks = append(data.Marks, timelineMark{begin, "the window begins"})
		}
		length := min(max(firstIntervals*sc.interval(variant), firstLeast), firstMost)
		data.Window = [2]int64{begin, min(begin+length, data.End)}
		s.Timelines = append(s.Timelines, data)
		if !slices.Contains(s.TimelineReps, rep) {
			s.TimelineReps = append(s.TimelineReps, rep)
		}
		if !slices.Contains(s.TimelineVariants, variant) {
			s.TimelineVariants = append(s.TimelineVariants, variant)
		}
	}
}

func timelinesOf(runs []results.RunTimeline) []*timeline.Timeline {
	var out []*timeline.Timeline
	for _, r := range runs {
		out = append(out, r.Timeline)
	}
	return out
}

func evidenceOf(d *results.Dir, backend string) string {
	for _, b := range d.Run.Backends {
		if b.Name == backend {
			return b.Evidence
		}
	}
	return ""
}

// again returns the command line of a run with --states.
func again(command []string) string {
	return strings.Join(append(slices.Clone(command), "--states"), " ")
}
