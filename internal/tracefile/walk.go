package tracefile

import (
	"sort"
	"strconv"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/timeline"
)

// walker goes through a run and gives all that is to be shown to a sink.
type walker struct {
	file     *File
	run      *Run
	line     *timeline.Timeline // of the window; nil where there is none
	from, to int64
	root     *track
	ranks    map[*track]int
	buffer   []byte
	err      error
}

// walk writes a run as far as it lies between two times.
func (f *File) walk(r *Run, from, to int64, about []arg) error {
	w := &walker{file: f, run: r, from: from, to: to, ranks: map[*track]int{}}
	if r.Line != nil {
		w.line = r.Line.Window(from, to)
	}
	w.root = w.track(nil, rootName(f.options.Scenario, r), group)
	w.instant(w.root, &instant{at: from, name: "about this run", category: catRun, args: about})
	for _, edge := range []instant{{at: r.Window.Start, name: "the warm-up is over"}, {at: r.Window.End, name: "the measured window is over"}} {
		if edge.category = catRun; from <= edge.at && edge.at <= to {
			w.instant(w.root, &edge)
		}
	}
	if w.line != nil {
		w.holders()
		w.waiters()
		w.lanes()
		w.tasks()
	}
	w.iterations()
	w.flush()
	return w.err
}

// rootName names a run for people: what ran where, and how one knows.
func rootName(scenario string, r *Run) string {
	name := scenario
	if r.Variant != "" {
		name += ", " + r.Variant
	}
	return name + " · " + r.Backend + " · " + r.Evidence
}

// track begins a new track below another.
func (w *walker) track(parent *track, name string, kind trackKind) *track {
	w.file.tracks++
	t := &track{id: w.file.tracks, parent: parent, root: w.root, name: name, rank: w.run.Rank, kind: kind}
	if parent == nil {
		t.root = t
	} else {
		t.rank = w.ranks[parent]
		w.ranks[parent]++
	}
	w.buffer = w.file.sink.track(w.buffer, t)
	return t
}

// flushAt is how much is gathered before it goes to the file.
const flushAt = 1 << 16

// flush hands the records on that have been gathered.
func (w *walker) flush() {
	if w.err == nil {
		w.err = w.file.out.Write(w.buffer)
	}
	w.buffer = w.buffer[:0]
}

func (w *walker) wrote() {
	w.file.events++
	if len(w.buffer) >= flushAt {
		w.flush()
	}
}

func (w *walker) slice(t *track, s *slice) {
	w.buffer = w.file.sink.slice(w.buffer, t, s)
	w.wrote()
}

func (w *walker) instant(t *track, i *instant) {
	w.buffer = w.file.sink.instant(w.buffer, t, i)
	w.wrote()
}

// name returns how a thread is called.
func (w *walker) name(thread int32) string {
	if thread < 0 {
		return "the lock's clock"
	}
	return workerName(w.line.Threads[thread])
}

func workerName(t trace.Thread) string { return t.Group + "-" + strconv.Itoa(t.Worker) }

// holders writes who had the lock.
func (w *walker) holders() {
	if len(w.line.Holds) == 0 {
		return
	}
	t := w.track(w.root, "holder", lines)
	for _, h := range w.line.Holds {
		w.slice(t, &slice{start: h.Start, end: h.End, name: w.name(h.Thread), category: catHolder, args: []arg{ended(&h)}})
	}
	for _, m := range w.line.Marks {
		if m.Thread < 0 {
			w.instant(t, w.mark(&m))
		}
	}
}

// ended says why a hold ended.
func ended(h *timeline.Hold) arg {
	if h.Forced {
		return arg{name: "ended", text: "forced"}
	}
	return arg{name: "ended", text: "by itself"}
}

// waiters writes how many threads waited.
func (w *walker) waiters() {
	if len(w.line.Waiters) == 0 {
		return
	}
	t := w.track(w.root, "waiters", counter)
	if w.line.Waiters[0].Time > w.from {
		w.buffer = w.file.sink.count(w.buffer, t, w.from, 0)
		w.wrote()
	}
	for _, c := range w.line.Waiters {
		w.buffer = w.file.sink.count(w.buffer, t, c.Time, c.N)
		w.wrote()
	}
}

// mark returns a moment of the lock as an instant.
func (w *walker) mark(m *timeline.Mark) *instant {
	i := &instant{at: m.Time, category: catMark}
	switch m.Kind {
	case trace.Request:
		i.name = "drop request"
		i.args = []arg{{name: "holder", text: w.name(m.Other)}}
	case trace.Forced:
		i.name = "forced"
	default:
		i.name = "timeout"
	}
	return i
}

// lanes writes what each thread did that did anything.
func (w *walker) lanes() {
	marks := make([][]*timeline.Mark, len(w.line.Lanes))
	for i := range w.line.Marks {
		if m := &w.line.Marks[i]; m.Thread >= 0 {
			marks[m.Thread] = append(marks[m.Thread], m)
		}
	}
	holds := make([][]*timeline.Hold, len(w.line.Lanes))
	for i := range w.line.Holds {
		h := &w.line.Holds[i]
		holds[h.Thread] = append(holds[h.Thread], h)
	}
	arrows := w.arrows(holds)
	for i, lane := range w.line.Lanes {
		if len(lane) == 0 {
			continue
		}
		t := w.track(w.root, w.name(int32(i)), lines)
		l := laneWalk{walker: w, spans: lane, holds: holds[i], links: arrows[i]}
		for k := range lane {
			w.slice(t, l.slice(k))
		}
		for _, m := range marks[i] {
			w.instant(t, w.mark(m))
		}
	}
}

// tasks writes what each task did that is shown.
func (w *walker) tasks() {
	var below *track
	for _, i := range w.run.tasks {
		lane := w.line.TaskLanes[i]
		if len(lane) == 0 {
			continue
		}
		if below == nil {
			below = w.track(w.root, "tasks", group)
		}
		t := w.track(below, workerName(w.line.Tasks[i]), lines)
		for k := range lane {
			w.slice(t, w.task(&lane[k]))
		}
	}
}

// task returns a span of a task, with whom it was behind.
func (w *walker) task(span *timeline.TaskSpan) *slice {
	s := &slice{start: span.Start, end: span.End, name: span.State.String(), category: catState}
	if span.State != trace.Behind {
		return s
	}
	if span.Behind >= 0 {
		s.args = append(s.args, arg{name: "behind", text: workerName(w.line.Tasks[span.Behind])})
	}
	s.args = append(s.args, arg{name: "turns", number: int64(span.Turns)})
	return s
}

// link is an end of an arrow: in a span of a lane.
type link struct {
	span int
	id   uint64
	out  bool // it begins there
}

// arrows finds, for each hand-off, the span in which the one thread ran that let go
// and that in which the other runs that took. A viewer draws an arrow from the
// earlier to the later, so that one which would have to go back, or whose span is not
// in the window, is left out. No arrow has two ends.
func (w *walker) arrows(holds [][]*timeline.Hold) [][]link {
	out := make([][]link, len(w.line.Lanes))
	for _, h := range w.line.Handoffs {
		from, to := runUntil(w.line.Lanes[h.From], h.Released), runFrom(w.line.Lanes[h.To], h.Taken, holds[h.To])
		if from < 0 || to < 0 || w.line.Lanes[h.From][from].Start >= w.line.Lanes[h.To][to].Start {
			continue
		}
		w.file.flows++
		out[h.From] = append(out[h.From], link{span: from, id: w.file.flows, out: true})
		out[h.To] = append(out[h.To], link{span: to, id: w.file.flows})
	}
	return out
}

// runUntil returns the last span of a lane in which its thread ran before a time, or
// at it; -1 without.
func runUntil(lane []timeline.Span, at int64) int {
	i := sort.Search(len(lane), func(i int) bool { return lane[i].Start > at }) - 1
	for i >= 0 && lane[i].State != trace.Run {
		i--
	}
	return i
}

// runFrom returns the first span of a lane in which its thread runs with the lock
// that it took at a time; -1 where it let go before it ran.
func runFrom(lane []timeline.Span, at int64, holds []*timeline.Hold) int {
	k := sort.Search(len(holds), func(i int) bool { return holds[i].Start >= at })
	if k == len(holds) {
		return -1
	}
	i := sort.Search(len(lane), func(i int) bool { return lane[i].End > at || lane[i].Start >= at })
	for ; i < len(lane) && lane[i].Start <= holds[k].End; i++ {
		if lane[i].State == trace.Run {
			return i
		}
	}
	return -1
}

// laneWalk goes through the spans of one thread in their order, along with its holds
// and the ends of arrows.
type laneWalk struct {
	*walker
	spans []timeline.Span
	holds []*timeline.Hold
	links []link // the rest, by span
}

// slice returns span k, with what is known of it.
func (l *laneWalk) slice(k int) *slice {
	span := l.spans[k]
	s := &slice{start: span.Start, end: span.End, name: span.State.String(), category: catState}
	for len(l.links) > 0 && l.links[0].span == k {
		if l.links[0].out {
			s.begins = append(s.begins, l.links[0].id)
		} else {
			s.ends = append(s.ends, l.links[0].id)
		}
		l.links = l.links[1:]
	}
	if span.State != trace.Run || len(l.line.Holds) == 0 {
		return s
	}
	if waited := l.waited(k); waited > 0 {
		s.args = append(s.args, arg{name: "waited_ns", number: waited})
	}
	for len(l.holds) > 0 && l.holds[0].End <= span.Start && l.holds[0].Start < span.Start {
		l.holds = l.holds[1:]
	}
	if len(l.holds) > 0 && l.holds[0].Start <= span.End {
		h := l.holds[0]
		s.args = append(s.args, arg{name: "held_ns", number: h.End - h.Start}, ended(h))
	}
	s.args = append(s.args, arg{name: "waiters", number: int64(l.waitersAt(span.Start))})
	return s
}

// waited returns how long a thread waited for the lock right before span k.
func (l *laneWalk) waited(k int) int64 {
	sum := int64(0)
	for k--; k >= 0; k-- {
		switch s := l.spans[k]; s.State {
		case trace.WaitGIL:
			sum += s.End - s.Start
		case trace.Ready: // was woken, and had no CPU yet
		default:
			return sum
		}
	}
	return sum
}

// waitersAt returns how many threads wait at a time.
func (w *walker) waitersAt(at int64) int {
	i := sort.Search(len(w.line.Waiters), func(i int) bool { return w.line.Waiters[i].Time > at })
	if i == 0 {
		return 0
	}
	return w.line.Waiters[i-1].N
}

// iterations writes what each worker did as a whole, apart from the states: an
// iteration may begin in the middle of one.
func (w *walker) iterations() {
	var below [2]*track
	for i := range w.run.Workers {
		worker := &w.run.Workers[i]
		rows := rowsBetween(worker.Rows, w.from, w.to)
		if len(rows) == 0 {
			continue
		}
		kind, title, name := 0, "iterations", "iteration"
		if worker.Client {
			kind, title, name = 1, "requests", "request"
		}
		if below[kind] == nil {
			below[kind] = w.track(w.root, title, group)
		}
		t := w.track(below[kind], workerName(trace.Thread{Group: worker.Group, Worker: worker.Number}), lines)
		for _, s := range rows {
			w.slice(t, w.iteration(name, s))
		}
	}
}

func (w *walker) iteration(name string, r *trace.Sample) *slice {
	s := &slice{
		start: max(r.Start, w.from), end: min(r.End, w.to), name: name, category: catIteration,
		args: []arg{{name: "seq", number: r.Seq}},
	}
	if r.Intended != r.Start {
		s.args = append(s.args, arg{name: "intended_ns", number: r.Intended})
	}
	if r.Planned > 0 {
		s.args = append(s.args, arg{name: "planned_ns", number: r.Planned})
	}
	if r.Err != "" {
		s.name += " failed"
		s.args = append(s.args, arg{name: "error", text: r.Err})
	}
	return s
}
