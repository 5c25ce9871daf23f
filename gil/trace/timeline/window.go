package timeline

import (
	"cmp"
	"slices"
	"sort"
)

// Window returns the part of t between two times, which is cut to t itself.
// Spans and holds that reach beyond it are clipped. A hand-off stays where both
// its ends are inside, a mark where it is. Waiters begins with the number at the
// start of the window. Threads and tasks stay the same, those without a span too.
func (t *Timeline) Window(from, to int64) *Timeline {
	from = max(from, t.Start)
	to = max(from, min(to, t.End))
	w := &Timeline{Threads: t.Threads, Lanes: make([][]Span, len(t.Lanes)), Tasks: t.Tasks, Start: from, End: to, Cut: t.Cut}
	for i, lane := range t.Lanes {
		w.Lanes[i], _ = clip(lane, from, to, func(s *Span) (*int64, *int64) { return &s.Start, &s.End })
	}
	for _, lane := range t.TaskLanes {
		inside, _ := clip(lane, from, to, func(s *TaskSpan) (*int64, *int64) { return &s.Start, &s.End })
		w.TaskLanes = append(w.TaskLanes, inside)
	}
	var first int
	w.Holds, first = clip(t.Holds, from, to, func(h *Hold) (*int64, *int64) { return &h.Start, &h.End })
	if n := len(w.Holds); n > 0 && w.Holds[n-1].End < t.Holds[first+n-1].End {
		w.Holds[n-1].Forced = false // its end is not in the picture
	}
	handoffs := between(t.Handoffs, from, to, func(h Handoff) int64 { return h.Released })
	inside := sort.Search(len(handoffs), func(i int) bool { return handoffs[i].Taken > to })
	w.Handoffs = slices.Clone(handoffs[:inside])
	w.Marks = slices.Clone(between(t.Marks, from, to, func(m Mark) int64 { return m.Time }))
	w.Waiters = t.waitersFrom(from, to)
	return w
}

// waitersFrom returns the changes inside a window, after the number at its start.
func (t *Timeline) waitersFrom(from, to int64) []Count {
	inside := between(t.Waiters, from+1, to, func(c Count) int64 { return c.Time })
	before := sort.Search(len(t.Waiters), func(i int) bool { return t.Waiters[i].Time > from })
	if before == 0 {
		return slices.Clone(inside)
	}
	return append([]Count{{Time: from, N: t.Waiters[before-1].N}}, inside...)
}

// clip returns what lies between two times of a list in order, whose elements do
// not overlap, and the index of the first. An empty element belongs to the window
// that it lies in.
func clip[T any](list []T, from, to int64, ends func(*T) (start, end *int64)) (out []T, first int) {
	first = sort.Search(len(list), func(i int) bool {
		start, end := ends(&list[i])
		return *end > from || *start >= from
	})
	for i := first; i < len(list); i++ {
		e := list[i]
		start, end := ends(&e)
		if *start > to || *start == to && *end > to {
			break
		}
		*start, *end = max(*start, from), min(*end, to)
		out = append(out, e)
	}
	return out, first
}

// between returns what lies from one time to another, both included, of a list
// in order of time.
func between[T any](list []T, from, to int64, at func(T) int64) []T {
	first, _ := slices.BinarySearchFunc(list, from, func(e T, t int64) int { return cmp.Compare(at(e), t) })
	end := sort.Search(len(list), func(i int) bool { return at(list[i]) > to })
	return list[first:max(first, end)]
}
