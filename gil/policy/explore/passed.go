package explore

import (
	"cmp"
	"slices"

	"github.com/fibsim/fibsim/gil/policy"
)

// Passed says how often a waiter can be passed over in a prompt world, before it
// gets the lock.
type Passed struct {
	// Most is the largest number, unless there is none. Where a bound was met, it is
	// the largest that was found.
	Most int
	// Endless says that there is none: the steps of Schedule from number Circle on,
	// counted from 0, can be repeated for ever, and time passes in them.
	Endless  bool
	Schedule []string
	Circle   int
	Starving string // the thread that waits in it
	// Instant says that there is no number only because the others may take the lock
	// any number of times within a grain.
	Instant bool
}

// passed looks at each thread's waits in turn; in an orderly world nobody barges.
func (g *graph) passed(orderly bool) Passed {
	p := &prompt{g: g, orderly: orderly}
	p.reach()
	var out Passed
	var best *circle
	for t := range g.config.Roles {
		w := p.waitsOf(policy.Thread(t))
		out.Most = max(out.Most, w.most)
		out.Instant = out.Instant || w.instant
		if c := w.shortest(); c != nil && (best == nil || c.length() < best.length()) {
			best = c
		}
	}
	if best == nil {
		return out
	}
	way := append(p.way(best.from), best.moves...)
	return Passed{
		Endless: true, Circle: len(way) - len(best.moves), Schedule: g.schedule(way, never),
		Starving: called(threads(g.config.Roles)[best.waiter]),
	}
}

// prompt is the part of the graph that a prompt world can reach.
type prompt struct {
	g       *graph
	orderly bool    // without barging
	depth   []int32 // by state: steps on the shortest way; -1: not reached
	parent  []int32
	via     []move
}

// allows reports whether a step can be made in such a world.
func (p *prompt) allows(e *edge) bool { return !e.late && !(p.orderly && e.barged) }

func (p *prompt) reach() {
	n := len(p.g.nodes)
	p.depth, p.parent, p.via = slices.Repeat([]int32{-1}, n), make([]int32, n), make([]move, n)
	p.depth[0] = 0
	for queue := []int32{0}; len(queue) > 0; queue = queue[1:] {
		i := queue[0]
		for k := range p.g.nodes[i].edges {
			e := &p.g.nodes[i].edges[k]
			if p.allows(e) && p.depth[e.to] < 0 {
				p.depth[e.to], p.parent[e.to], p.via[e.to] = p.depth[i]+1, i, e.move
				queue = append(queue, e.to)
			}
		}
	}
}

// way returns the moves that lead to a state.
func (p *prompt) way(i int32) []move {
	out := make([]move, p.depth[i])
	for ; i != 0; i = p.parent[i] {
		out[p.depth[i]-1] = p.via[i]
	}
	return out
}

// waiting is the part in which one thread waits, cut into its knots: sets of
// states each of which leads to each other one.
type waiting struct {
	*prompt
	waiter policy.Thread
	knot   []int32 // by state; -1: not in this part
	knots  []knot  // what lies behind comes before

	most    int
	instant bool
}

// knot is what can happen again and again in one.
type knot struct {
	passes bool // the waiter is passed over
	time   bool // time passes
	most   int  // how often the waiter is passed over from here on
}

// waitsOf finds the knots of a thread's waits and how often it is passed over.
func (p *prompt) waitsOf(t policy.Thread) *waiting {
	w := &waiting{prompt: p, waiter: t, knot: slices.Repeat([]int32{-1}, len(p.g.nodes))}
	s := &search{w: w, index: make([]int32, len(p.g.nodes)), low: make([]int32, len(p.g.nodes))}
	for i := range p.g.nodes {
		if w.has(int32(i)) && s.index[i] == 0 {
			s.visit(int32(i))
		}
	}
	for _, k := range w.knots {
		w.most = max(w.most, k.most)
		w.instant = w.instant || k.passes
	}
	return w
}

// has reports whether the thread waits in a state.
func (w *waiting) has(i int32) bool { return w.depth[i] >= 0 && w.g.nodes[i].waits&(1<<w.waiter) != 0 }

// stays reports whether a step leads from one state of the part to another.
func (w *waiting) stays(e *edge) bool { return w.allows(e) && w.has(e.to) }

// search is Tarjan's, for strongly connected components.
type search struct {
	w          *waiting
	index, low []int32 // by state; index 0: not visited
	visited    int32
	stack      []int32
}

func (s *search) visit(i int32) {
	s.visited++
	s.index[i], s.low[i] = s.visited, s.visited
	s.stack = append(s.stack, i)
	for k := range s.w.g.nodes[i].edges {
		e := &s.w.g.nodes[i].edges[k]
		switch {
		case !s.w.stays(e) || s.w.knot[e.to] >= 0:
		case s.index[e.to] == 0:
			s.visit(e.to)
			s.low[i] = min(s.low[i], s.low[e.to])
		default:
			s.low[i] = min(s.low[i], s.index[e.to])
		}
	}
	if s.low[i] == s.index[i] {
		at := slices.Index(s.stack, i)
		s.w.tie(s.stack[at:])
		s.stack = s.stack[:at]
	}
}

// tie makes a knot of states. All knots behind it are known.
func (w *waiting) tie(states []int32) {
	number := int32(len(w.knots))
	for _, i := range states {
		w.knot[i] = number
	}
	var k knot
	for _, i := range states {
		for n := range w.g.nodes[i].edges {
			e := &w.g.nodes[i].edges[n]
			if !w.stays(e) {
				continue
			}
			over := 0
			if e.grants != policy.Nobody {
				over = 1
			}
			if w.knot[e.to] == number {
				k.passes = k.passes || over > 0
				k.time = k.time || e.move.kind == passes
			} else {
				k.most = max(k.most, over+w.knots[w.knot[e.to]].most)
			}
		}
	}
	w.knots = append(w.knots, k)
}

// circle is a schedule in which a waiter is passed over, and time passes, and that
// ends where it began.
type circle struct {
	waiter policy.Thread
	from   int32
	before int // steps that lead to from
	moves  []move
}

func (c *circle) length() int { return c.before + len(c.moves) }

// mostStarts bounds how many states are tried as the beginning of a circle.
const mostStarts = 64

// shortest returns a short circle, one of those that begin early; nil if there is
// none.
func (w *waiting) shortest() *circle {
	var starts []int32
	for i := range w.g.nodes {
		if n := w.knot[i]; n >= 0 && w.knots[n].passes && w.knots[n].time {
			starts = append(starts, int32(i))
		}
	}
	slices.SortStableFunc(starts, func(a, b int32) int { return cmp.Compare(w.depth[a], w.depth[b]) })
	var best *circle
	for _, from := range starts[:min(len(starts), mostStarts)] {
		c := &circle{waiter: w.waiter, from: from, before: int(w.depth[from]), moves: w.around(from)}
		if best == nil || c.length() < best.length() {
			best = c
		}
	}
	return best
}

// around returns the shortest way from a state of a knot back to itself on which
// the waiter is passed over and time passes.
func (w *waiting) around(from int32) []move {
	type place struct {
		at   int32
		done uint8 // 1: was passed over, 2: time has passed
	}
	type origin struct {
		place
		via move
	}
	const all = 3
	start, goal := place{from, 0}, place{from, all}
	came := map[place]origin{start: {}}
	for queue := []place{start}; came[goal].via == (move{}) && len(queue) > 0; queue = queue[1:] {
		here := queue[0]
		for i := range w.g.nodes[here.at].edges {
			e := &w.g.nodes[here.at].edges[i]
			if !w.stays(e) || w.knot[e.to] != w.knot[from] {
				continue
			}
			next := place{e.to, here.done}
			if e.grants != policy.Nobody {
				next.done |= 1
			}
			if e.move.kind == passes {
				next.done |= 2
			}
			if _, known := came[next]; !known {
				came[next] = origin{here, e.move}
				queue = append(queue, next)
			}
		}
	}
	var moves []move
	for here := goal; here != start; here = came[here].place {
		moves = append(moves, came[here].via)
	}
	slices.Reverse(moves)
	return moves
}
