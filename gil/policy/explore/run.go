package explore

import (
	"fmt"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// Config says what is explored.
type Config struct {
	New   func() Lock // a fresh lock; not one of a policy that has none
	Roles []Role      // of the threads
	Grain int64       // ns; should divide the policy's times
	Depth int         // most steps of a history; 0: any number
	Limit int         // most states; 0: any number

	Stop func() bool // is asked before each state whether to give up; nil: never

	traits policy.Traits
}

// Result is what an exploration found.
type Result struct {
	States    int  // different ones
	Steps     int  // from one state to another, or back to itself
	Histories int  // that were held against the invariants
	Deepest   int  // steps of the longest history, each state reached by the shortest way
	Whole     bool // nothing was left out: no bound was met
	Stopped   bool // Stop said so, and there is nothing to go by
	Broken    *Broken
	Passed    Passed // what can happen to a waiter
	Orderly   Passed // the same where a thread that was woken is always there first
}

// Broken is a history that breaks a rule.
type Broken struct {
	Rule     string // the invariant, or what else was broken
	Schedule []string
}

// Run explores until all states are known, a bound is met, a rule is broken, or it is stopped.
func Run(c Config) Result {
	g := newGraph(c)
	if !g.explore() {
		return Result{Stopped: true}
	}
	r := Result{
		States: len(g.nodes), Steps: g.steps, Histories: g.histories,
		Deepest: g.deepest, Whole: !g.bounded, Broken: g.broken,
	}
	if r.Broken == nil {
		r.Passed, r.Orderly = g.passed(false), g.passed(true)
	}
	return r
}

// graph holds the states that are known and the steps between them.
type graph struct {
	config    *Config
	known     map[string]int32 // by key
	nodes     []node
	steps     int
	histories int
	deepest   int
	bounded   bool
	broken    *Broken

	buffer []int64   // of the key
	log    trace.Log // of the history that is judged
}

// node is a state: how it was reached first, and where it leads.
type node struct {
	world  *world // until it has been expanded
	parent int32
	via    move
	depth  int32
	events []trace.Event // of the step that led here
	edges  []edge
	waits  uint32 // the threads that wait for the lock, as bits
}

// edge is a step to another state.
type edge struct {
	to     int32
	move   move
	grants policy.Thread
	late   bool // time passes although a thread could go on
	barged bool // the lock is granted although a thread that was woken for it is not there yet
}

func newGraph(c Config) *graph {
	c.traits = c.New().Traits()
	return &graph{
		config: &c, known: map[string]int32{},
		log: trace.Log{Threads: threads(c.Roles), Rules: rules(c.traits)},
	}
}

// explore reports false if it was stopped.
func (g *graph) explore() bool {
	stop := g.config.Stop
	g.visit(newWorld(g.config), -1, &step{})
	for i := int32(0); int(i) < len(g.nodes) && g.broken == nil; i++ {
		if stop != nil && stop() {
			return false
		}
		w := g.nodes[i].world
		g.nodes[i].world = nil
		if g.full(i) {
			g.bounded = true
			g.judge(i, nil)
			continue
		}
		g.expand(i, w)
	}
	return true
}

// full reports whether a bound forbids to go on from a state.
func (g *graph) full(i int32) bool {
	c := g.config
	return c.Depth > 0 && int(g.nodes[i].depth) >= c.Depth || c.Limit > 0 && len(g.nodes) >= c.Limit
}

// expand makes every move of a state.
func (g *graph) expand(i int32, w *world) {
	moves, urgent := w.moves(nil)
	ends := true
	for _, m := range moves {
		next := w.copy()
		s := next.play(m)
		g.steps++
		if s.problem == "" {
			s.problem = next.stuck()
		}
		if s.problem != "" {
			g.broken = &Broken{s.problem, g.schedule(append(g.way(i), m), never)}
			return
		}
		to, fresh := g.visit(next, i, s)
		g.nodes[i].edges = append(g.nodes[i].edges, edge{
			to: to, move: m, grants: s.grants(), late: m.kind == passes && urgent, barged: s.barged,
		})
		if fresh {
			ends = false
		} else {
			g.judge(i, s)
		}
	}
	// A history that goes on is judged where it ends.
	if ends {
		g.judge(i, nil)
	}
}

// visit returns the number of a state, and whether it was not known before.
func (g *graph) visit(w *world, parent int32, s *step) (to int32, fresh bool) {
	var key string
	key, g.buffer = w.key(g.buffer)
	if to, ok := g.known[key]; ok {
		return to, false
	}
	g.known[key] = int32(len(g.nodes))
	n := node{world: w, parent: parent, via: s.move, events: s.events}
	if parent >= 0 {
		n.depth = g.nodes[parent].depth + 1
	}
	for i := range w.threads {
		if w.threads[i].waits() {
			n.waits |= 1 << i
		}
	}
	g.deepest = max(g.deepest, int(n.depth))
	g.nodes = append(g.nodes, n)
	return int32(len(g.nodes) - 1), true
}

// judge holds the history that leads to a state, and perhaps one step more,
// against the invariants.
func (g *graph) judge(i int32, more *step) {
	if g.broken != nil {
		return
	}
	g.histories++
	g.log.Events = g.log.Events[:0]
	for _, n := range g.path(i) {
		g.log.Events = append(g.log.Events, g.nodes[n].events...)
	}
	if more != nil {
		g.log.Events = append(g.log.Events, more.events...)
	}
	found := trace.Check(&g.log, g.log.Rules)
	if len(found) == 0 {
		return
	}
	way := g.way(i)
	if more != nil {
		way = append(way, more.move)
	}
	g.broken = &Broken{Rule: found[0].Error()}
	until := int64(never)
	if v, ok := found[0].(*trace.Violation); ok {
		g.broken.Rule = fmt.Sprintf("%s: %s", v.Invariant, v.Text)
		if v.Event.Seq > 0 {
			until = v.Event.Seq
		}
	}
	g.broken.Schedule = g.schedule(way, until)
}

// path returns the states on the way to one, without the first, in their order.
func (g *graph) path(i int32) []int32 {
	out := make([]int32, g.nodes[i].depth)
	for ; g.nodes[i].parent >= 0; i = g.nodes[i].parent {
		out[g.nodes[i].depth-1] = i
	}
	return out
}

// way returns the moves that lead to a state.
func (g *graph) way(i int32) []move {
	var out []move
	for _, n := range g.path(i) {
		out = append(out, g.nodes[n].via)
	}
	return out
}
