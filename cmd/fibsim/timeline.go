package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/timeline"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/term"
	"github.com/fibsim/fibsim/scenarios"
)

// window is a stretch of a run as it was asked for.
type window struct {
	length, start time.Duration
	started       bool // the start was given, too
}

// leastWindow is the shortest stretch that can be drawn: a few nanoseconds a column.
// mostWindow bounds its length and its beginning: no run is that long.
const (
	leastWindow = time.Microsecond
	mostWindow  = 1_000_000 * time.Second
)

// parseWindow reads a length and, after an @, where the stretch begins.
func parseWindow(flag, text string) (w window, err error) {
	length, start, started := strings.Cut(text, "@")
	if w.length, err = scenarios.ParseDuration(length); err != nil {
		return w, usage("%s %s: the length %s", flag, text, lacks(err))
	}
	if w.length < leastWindow {
		return w, usage("%s %s: the length must be at least 1us", flag, text)
	}
	if w.started = started; started {
		if w.start, err = scenarios.ParseDuration(start); err != nil {
			return w, usage("%s %s: the beginning %s", flag, text, lacks(err))
		}
	}
	if w.length > mostWindow || w.start > mostWindow {
		return w, usage("%s %s: length and beginning must be at most %ds", flag, text, mostWindow/time.Second)
	}
	return w, nil
}

// lacks makes what is wrong with a duration the end of a sentence about it.
func lacks(err error) string {
	if text := err.Error(); strings.HasPrefix(text, "unknown unit") {
		return "has the " + text
	}
	return err.Error()
}

// checkTimeline refuses flags of the timeline that contradict others.
func (o *runOptions) checkTimeline() (err error) {
	switch {
	case o.changed("window") && !o.timeline:
		return usage("--window needs --timeline")
	case o.timeline && o.json:
		return usage("--timeline is text, and --json prints data alone; leave out one of them")
	case o.timeline && o.quiet:
		return usage("--timeline and --quiet contradict each other")
	case o.changed("window"):
		o.window, err = parseWindow("--window", o.windowText)
	}
	return err
}

// usualInterval is the switch interval where a lock has none: that of CPython.
const usualInterval = 5 * time.Millisecond

// drawing is the first repetition of a variant on a backend.
type drawing struct {
	variant, backend string

	line     *timeline.Timeline // nil: the backend does not tell what its threads do
	after    int64              // end of the warm-up
	interval int64              // switch interval; 0 without
	locks    int                // of the process
}

type drawings []drawing

// picture keeps or writes what is to be seen of a run, which is the first of its kind.
func (j *job) picture(info results.RunInfo, report *trace.Report) error {
	if info.Rep != 1 || !j.options.timeline && j.trace == nil {
		return nil
	}
	var line *timeline.Timeline
	if report.Log != nil {
		line = timeline.Of(report.Log)
	}
	if j.options.timeline {
		one := drawing{variant: info.Variant, backend: info.Backend, line: line, after: report.Window.Start, locks: 1 + len(report.Others)}
		if report.Log != nil {
			one.interval = report.Log.Rules.Interval
		}
		j.drawn = append(j.drawn, one)
	}
	return j.trace.add(j, info, report, line)
}

// of returns the drawing of a variant on a backend; nil where the run was not made.
func (d drawings) of(variant, backend string) *drawing {
	for i := range d {
		if d[i].variant == variant && d[i].backend == backend {
			return &d[i]
		}
	}
	return nil
}

// draw prints the timelines, by variant and backend. The backends of a variant show
// the same stretch of their runs, so that they can be compared.
func (a *app) draw(j *job) error {
	if !j.options.timeline {
		return nil
	}
	var b strings.Builder
	out := a.textOut(j)
	style := a.style(out)
	for _, v := range j.scenario.Variants {
		var runs []*drawing
		for _, backend := range j.backends {
			if d := j.drawn.of(v.Name, backend.Name()); d != nil {
				runs = append(runs, d)
			}
		}
		stretch := j.stretch(runs)
		for _, d := range runs {
			b.WriteByte('\n')
			if d.line == nil {
				fmt.Fprintf(&b, "%s: no timeline: it does not tell what its threads do when\n", d.name())
				continue
			}
			// A Builder takes everything.
			_ = term.Lanes{Style: style, Name: d.name(), Line: d.line, Stretch: stretch}.Write(&b)
		}
	}
	_, err := io.WriteString(out, b.String())
	return written(err)
}

func (d *drawing) name() string {
	name := d.backend
	if d.variant != "" {
		name += ", " + d.variant
	}
	if d.locks > 1 {
		name += fmt.Sprintf(", the first of %d interpreters", d.locks)
	}
	return name
}

// stretch returns what is drawn of the runs of a variant.
func (j *job) stretch(runs []*drawing) term.Stretch {
	w := j.options.window
	if w.started {
		return ending(runs, term.Stretch{From: int64(w.start), To: int64(w.start + w.length)})
	}
	interval, after := int64(0), int64(0)
	var lines []*timeline.Timeline
	for _, d := range runs {
		if d.line == nil {
			continue
		}
		lines = append(lines, d.line)
		after = d.after
		if interval == 0 {
			interval = d.interval
		}
	}
	if interval == 0 {
		interval = int64(usualInterval)
	}
	return ending(runs, term.Telling(lines, after, interval, int64(w.length)))
}

// ending cuts a stretch where the last of the runs ends, unless all of it is later.
func ending(runs []*drawing, s term.Stretch) term.Stretch {
	last := int64(0)
	for _, d := range runs {
		if d.line != nil {
			last = max(last, d.line.End)
		}
	}
	if s.From < last {
		s.To = min(s.To, last)
	}
	return s
}
