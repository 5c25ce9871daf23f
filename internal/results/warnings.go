package results

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
)

// warnings gathers what the reader of the results must know, each thing once.
type warnings struct {
	list []trace.Warning
	seen map[[2]string]bool
}

func (w *warnings) add(code, hint, format string, args ...any) {
	w.merge(trace.Warning{Code: code, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (w *warnings) merge(warning trace.Warning) {
	key := [2]string{warning.Code, warning.Message}
	if w.seen[key] {
		return
	}
	if w.seen == nil {
		w.seen = map[[2]string]bool{}
	}
	w.seen[key] = true
	w.list = append(w.list, warning)
}

// hostWarnings warns of what changes the story before anything has run.
func (w *Writer) hostWarnings() {
	if !w.config.Predicted {
		w.realHostWarnings(w.config.Host)
	}
	if !w.config.Baseline {
		w.warnings.add("no-baseline", "run without --no-baseline to get them",
			"no group was run alone, so there is no slowdown and no favor-CPU-bound index")
	}
}

// realHostWarnings warns of what this host does to measurements.
func (w *Writer) realHostWarnings(h Host) {
	if h.CPUs == 1 {
		w.warnings.add("one-cpu", "read the figures as those of a host with one CPU; what needs two is skipped",
			"this process may use 1 CPU only: nothing can run in parallel, with or without a lock")
	}
	if h.CPUQuota > 0 && h.CPUQuota < 2 {
		w.warnings.add("cpu-quota", "raise the quota to 2 CPUs or more: a throttled process stops for milliseconds at a time",
			"a CPU quota of %.2g allows less than 2 CPUs", h.CPUQuota)
	}
	if h.Load1 > 1 {
		w.warnings.add("busy-host", "stop what else runs, or repeat with --repeat to see the spread",
			"the load average was %.1f at the start: other work competes for the CPUs", h.Load1)
	}
}

// runWarnings takes the warnings of a run and adds what its iterations show.
func (w *Writer) runWarnings(info RunInfo, rep *trace.Report) {
	for _, warning := range rep.Warnings {
		w.warnings.merge(warning)
	}
	for i := range rep.Groups {
		g := &rep.Groups[i]
		w.failureWarning(info, g)
		if info.Partial {
			continue
		}
		if info.Alone == "" {
			w.thinningWarning(info, g)
			w.driftWarning(info, g, rep.Window)
		} else if iterationsOf(g) == 0 {
			w.warnings.add("empty-baseline", "lengthen the run with --duration, so that a fifth of it holds an iteration",
				"%s: %s finished no iteration when alone on %s, so its slowdown is unknown", groupName(info, g), g.Name, info.Backend)
		}
	}
}

// groupName names a group for messages, with its variant where there is one.
func groupName(info RunInfo, g *trace.GroupReport) string {
	if info.Variant == "" {
		return g.Name
	}
	return info.Variant + "." + g.Name
}

func iterationsOf(g *trace.GroupReport) int64 {
	var n int64
	for _, m := range g.Workers {
		n += m.Total(trace.Measure).Iterations
	}
	return n
}

func (w *Writer) failureWarning(info RunInfo, g *trace.GroupReport) {
	var failed int64
	first := ""
	for _, m := range g.Workers {
		failed += m.Total(trace.Warmup).Failed + m.Total(trace.Measure).Failed
		m.Rows(func(s *trace.Sample) {
			if first == "" {
				first = s.Err
			}
		})
	}
	if failed == 0 {
		return
	}
	if first == "" {
		first = "none of them was kept as a row"
	}
	w.warnings.add("failed-iterations", "they are in no figure; samples.csv shows each with its error",
		"%s on %s: %d iterations failed, the first with: %s", groupName(info, g), info.Backend, failed, first)
}

func (w *Writer) thinningWarning(info RunInfo, g *trace.GroupReport) {
	stride := int64(0)
	for _, m := range g.Workers {
		stride = max(stride, m.Stride())
	}
	if stride > info.stride(g.Name) && len(w.samples) > 0 {
		w.warnings.add("samples-thinned", "the summary still covers every iteration; ask for fewer rows with samples: 1/N",
			"%s on %s: samples.csv keeps only each %dth iteration of the busiest worker from some time on", groupName(info, g), info.Backend, stride)
	}
}

const (
	// driftLeast is how many iterations each half of the window must hold.
	driftLeast = 30
	// driftRatio and driftBy are how far apart the medians of the two halves
	// must lie: the ratio alone would fire on the noise of microseconds.
	driftRatio = 1.5
	driftBy    = 500 * time.Microsecond
)

// driftWarning compares the halves of the window: figures over both mean little
// when the run changed its ways in between.
func (w *Writer) driftWarning(info RunInfo, g *trace.GroupReport, window trace.Window) {
	middle := window.Start + (window.End-window.Start)/2
	var halves [2][]int64
	for _, m := range g.Workers {
		m.Rows(func(s *trace.Sample) {
			if s.Err != "" || window.Phase(s.Intended) != trace.Measure {
				return
			}
			half := 0
			if s.Intended >= middle {
				half = 1
			}
			halves[half] = append(halves[half], s.Delay())
		})
	}
	if len(halves[0]) < driftLeast || len(halves[1]) < driftLeast {
		return
	}
	first, second := medianNS(halves[0]), medianNS(halves[1])
	low, high := min(first, second), max(first, second)
	if high-low < int64(driftBy) || float64(high) < driftRatio*float64(low) {
		return
	}
	w.warnings.add("drift", "lengthen the warm-up or the run, and compare repetitions with --repeat",
		"%s on %s: the median delay was %v in the first half of the window and %v in the second",
		groupName(info, g), info.Backend, time.Duration(first).Round(time.Microsecond), time.Duration(second).Round(time.Microsecond))
}

// medianNS returns the middle value, the lower of two; it sorts v.
func medianNS(v []int64) int64 {
	slices.Sort(v)
	return v[(len(v)-1)/2]
}

const (
	spreadLeast = 3    // repetitions
	spreadMost  = 0.25 // of the median
)

// spreadWarnings warns where repetitions disagree, by the median absolute
// deviation, which one odd repetition among many does not sway.
func (w *Writer) spreadWarnings() {
	for _, c := range cellsOf(w.rows) {
		if len(c.reps) < spreadLeast {
			continue
		}
		for i, r := range c.reps[0] {
			var means []float64
			for _, rows := range c.reps {
				if i < len(rows) && rows[i].delay > 0 {
					means = append(means, rows[i].delay)
				}
			}
			center, spread := medianAndMAD(means)
			if len(means) < spreadLeast || spread <= spreadMost*center {
				continue
			}
			name := r.Group
			if r.Variant != "" {
				name = r.Variant + "." + name
			}
			w.warnings.add("repetitions-differ", "look at each repetition in summary.csv: the median may stand for none of them",
				"%s on %s: mean delays of the repetitions spread by %.0f %% around their median", name, r.Backend, 100*spread/center)
		}
	}
}

// medianAndMAD returns the median of v and the median absolute deviation from
// it, scaled so that it estimates the standard deviation of a normal
// distribution.
func medianAndMAD(v []float64) (center, spread float64) {
	center = median(v)
	off := make([]float64, len(v))
	for i := range v {
		off[i] = math.Abs(v[i] - center)
	}
	return center, 1.4826 * median(off)
}

// median returns the middle value, the mean of the two where there is no one;
// 0 without values.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	half := len(s) / 2
	if len(s)%2 == 1 {
		return s[half]
	}
	return (s[half-1] + s[half]) / 2
}
