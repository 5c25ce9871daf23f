package cpython

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
)

// times are the iterations of one worker, in ns since time 0.
type times struct{ starts, ends []int64 }

// rows reads the times of all workers.
func (r *running) rows(res *result) ([]times, error) {
	var all []times
	for _, g := range r.request.Groups {
		for range g.Count {
			if len(all) == len(res.Rows) || res.Rows[len(all)] < 0 || res.Rows[len(all)] > max(g.Most, g.Times) {
				return nil, r.proc.failure(errOrder, "")
			}
			starts, ends, err := r.proc.times(res.Rows[len(all)])
			if err != nil {
				return nil, err
			}
			all = append(all, times{since(res.Zero, starts), since(res.Zero, ends)})
		}
	}
	if len(all) != len(res.Rows) {
		return nil, r.proc.failure(errOrder, "")
	}
	return all, nil
}

// since turns seconds of a clock into nanoseconds after zero, and a number that
// is none into one that no clock shows.
func since(zero float64, seconds []float64) []int64 {
	out := make([]int64, len(seconds))
	for i, s := range seconds {
		ns := math.Round((s - zero) * 1e9)
		if !(math.Abs(ns) < 1e18) {
			ns = -1e18
		}
		out[i] = int64(ns)
	}
	return out
}

// values reads what counts yielded.
func (r *running) values(res *result) ([]trace.Value, error) {
	if res.Values < 0 || res.Values > r.request.Values {
		return nil, r.proc.failure(errOrder, "")
	}
	pairs, err := r.proc.doubles(2 * res.Values)
	if err != nil {
		return nil, r.proc.failure(err, "")
	}
	var workers []trace.Value
	for _, g := range r.request.Groups {
		for worker := range g.Count {
			workers = append(workers, trace.Value{Group: g.Name, Worker: worker})
		}
	}
	var all []trace.Value
	for ; len(pairs) > 0; pairs = pairs[2:] {
		if !(pairs[0] >= 0 && pairs[0] < float64(len(workers))) {
			return nil, r.proc.failure(errOrder, "")
		}
		v := workers[int(pairs[0])]
		v.Value = int64(pairs[1])
		all = append(all, v)
	}
	return all, nil
}

// report folds the iterations.
func (r *running) report(res *result, rows []times) (*trace.Report, error) {
	p := r.program
	rep := &trace.Report{
		Window:     r.window(res, rows),
		Facts:      r.facts(&res.Facts),
		Warnings:   r.warnings(res),
		PeakMemory: res.PeakMemory,
	}
	for _, g := range groupsOf(p) {
		folded := trace.GroupReport{Name: g.Name}
		for worker := range g.Count {
			m := trace.NewMeter(rep.Window, int(g.Samples), max(1, trace.RowsPerSecond/g.Count))
			if err := fold(m, rows[0], newPlanner(p.Seed, g.Group, worker)); err != nil {
				return nil, fmt.Errorf("%s: %s: worker %d: %w", r.path, g.key, worker, err)
			}
			rows = rows[1:]
			folded.Workers = append(folded.Workers, m)
		}
		rep.Groups = append(rep.Groups, folded)
	}
	if r.answered != nil {
		<-r.answered
		c := r.answer
		rep.Groups = append(rep.Groups, c.Groups...)
		rep.Facts = append(rep.Facts, c.Facts...)
		rep.Warnings = append(rep.Warnings, c.Warnings...)
		rep.PeakMemory += c.PeakMemory
	}
	return rep, nil
}

var errClock = errors.New("the interpreter's clock went backwards; run again, and do not set the host's time meanwhile")

// fold adds the iterations of one worker to its meter.
func fold(m *trace.Meter, t times, plan *planner) error {
	last := int64(0)
	for i := range t.starts {
		s := trace.Sample{Seq: int64(i), Intended: t.starts[i], Start: t.starts[i], End: t.ends[i]}
		if s.Start < last || s.End < s.Start {
			return errClock
		}
		last = s.End
		s.Planned = plan.next()
		m.Add(&s)
	}
	return nil
}

// window returns the measured part of the run: that of the program, up to where
// it was cut short, or up to the last end where all had to be done.
func (r *running) window(res *result, rows []times) trace.Window {
	w := trace.Window{Start: int64(r.program.Warmup)}
	w.End = w.Start + int64(r.program.Duration)
	if r.program.UntilDone {
		w.End = w.Start
		for _, t := range rows {
			if n := len(t.ends); n > 0 {
				w.End = max(w.End, t.ends[n-1])
			}
		}
	}
	if res.Stopped != nil && !r.program.UntilDone {
		stopped := int64(time.Duration(*res.Stopped * 1e9))
		w.End = max(w.Start, min(w.End, stopped))
	}
	return w
}
