package tracefile

import (
	"cmp"
	"slices"
	"sort"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/timeline"
)

// Run is what is shown of one run.
type Run struct {
	Variant, Backend, Evidence string

	Lock    string // policy of the lock; empty without
	Rep     int
	Rank    int  // its place among the runs of the file, from 0
	Partial bool // it was stopped before its end

	Window  trace.Window       // the measured part
	Line    *timeline.Timeline // nil where the backend does not tell what its threads do
	Workers []Worker

	tasks []int // places of those of Line that are shown
}

// Worker is one thread or connection with its iterations.
type Worker struct {
	Group  string
	Number int
	Client bool            // a connection, whose iterations are requests
	Rows   []*trace.Sample // in their order; those that were kept
}

// Workers returns the workers of a report, but for those without a row.
func Workers(report *trace.Report) []Worker {
	var out []Worker
	for i := range report.Groups {
		g := &report.Groups[i]
		for number, m := range g.Workers {
			w := Worker{Group: g.Name, Number: number, Client: g.Client}
			m.Rows(func(s *trace.Sample) { w.Rows = append(w.Rows, s) })
			if w.Rows != nil {
				out = append(out, w)
			}
		}
	}
	return out
}

// mostTasks is how many tasks of event loops a run shows at most. A loop may have very
// many, and what is of interest of them is how they take turns.
const mostTasks = 100

// chooseTasks chooses the tasks that are shown, of those that ever could go on, and
// returns how many those are.
func (r *Run) chooseTasks() (all int) {
	var places []int
	var names []trace.Thread
	for i, lane := range r.Line.TaskLanes {
		if len(lane) > 0 {
			places, names = append(places, i), append(names, r.Line.Tasks[i])
		}
	}
	r.tasks = nil
	for _, i := range timeline.Choose(names, mostTasks) {
		r.tasks = append(r.tasks, places[i])
	}
	return len(names)
}

// end returns when the last thing happened.
func (r *Run) end() int64 {
	end := r.Window.End
	if r.Line != nil {
		end = r.Line.End
	}
	for i := range r.Workers {
		if rows := r.Workers[i].Rows; len(rows) > 0 {
			end = max(end, rows[len(rows)-1].End)
		}
	}
	return end
}

// count returns how many events of a trace show what happened between two times.
func (r *Run) count(from, to int64) int64 {
	n := 0
	if t := r.Line; t != nil {
		for _, lane := range t.Lanes {
			n += touching(lane, from, to, func(s *timeline.Span) (int64, int64) { return s.Start, s.End })
		}
		for _, i := range r.tasks {
			n += touching(t.TaskLanes[i], from, to, func(s *timeline.TaskSpan) (int64, int64) { return s.Start, s.End })
		}
		n += touching(t.Holds, from, to, func(h *timeline.Hold) (int64, int64) { return h.Start, h.End })
		n += touching(t.Waiters, from, to, func(c *timeline.Count) (int64, int64) { return c.Time, c.Time })
		n += touching(t.Marks, from, to, func(m *timeline.Mark) (int64, int64) { return m.Time, m.Time })
	}
	for i := range r.Workers {
		n += touching(r.Workers[i].Rows, from, to, func(s **trace.Sample) (int64, int64) { return (*s).Start, (*s).End })
	}
	return int64(n)
}

// touching returns how many of a list, in order and without overlap, lie between two
// times at least in part.
func touching[T any](list []T, from, to int64, ends func(*T) (start, end int64)) int {
	first := sort.Search(len(list), func(i int) bool { _, end := ends(&list[i]); return end >= from })
	last := sort.Search(len(list), func(i int) bool { start, _ := ends(&list[i]); return start > to })
	return max(0, last-first)
}

// cutAt returns the latest time up to which a run from a time on has at most so many
// events.
func (r *Run) cutAt(from, to, most int64) int64 {
	length := sort.Search(int(to-from), func(d int) bool { return r.count(from, from+int64(d)+1) > most })
	return from + int64(length)
}

// rowsBetween returns the iterations that lie between two times at least in part.
func rowsBetween(rows []*trace.Sample, from, to int64) []*trace.Sample {
	first := sort.Search(len(rows), func(i int) bool { return rows[i].End >= from })
	last := sort.Search(len(rows), func(i int) bool { return rows[i].Start > to })
	return rows[first:max(first, last)]
}

// sortRows puts the iterations of a worker in the order of their start, which is the
// order in which they ended.
func sortRows(rows []*trace.Sample) {
	slices.SortFunc(rows, func(a, b *trace.Sample) int { return cmp.Compare(a.Start, b.Start) })
}
