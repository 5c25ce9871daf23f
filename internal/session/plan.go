package session

import (
	"slices"
	"time"

	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/workloads"
)

// Variant is one form of a scenario.
type Variant struct {
	Name    string // empty where the scenario has no variants
	Program *workloads.Program
}

// PlanOptions says what has to be run.
type PlanOptions struct {
	Variants []Variant
	Backends []Backend
	Repeat   int    // repetitions of each variant on each backend; at least 1
	Seed     uint64 // decides the order where there is one repetition
	Baseline bool   // run each group alone first

	// Without leaves a variant out on a backend; nil: every backend runs all of them.
	Without func(Variant, Backend) bool
}

// Step is one run of a plan.
type Step struct {
	results.RunInfo
	On Backend
}

// NewPlan returns the runs of a command in their order, numbered from 1.
//
// Baselines come first: for each variant and backend, one member of each group
// by itself, but for those that wait for others in a queue. Then each repetition runs every variant on every backend. With
// several, every second one goes backwards (A B B A), which cancels a steady
// drift of the host. A single one goes in an order drawn from the seed, so that
// no backend is always the first.
func NewPlan(o PlanOptions) []Step {
	var steps []Step
	cells := cells(o)
	if o.Baseline {
		for _, c := range cells {
			for _, group := range c.Program.Cohorts() {
				if group.Social {
					continue // nobody would answer it
				}
				alone := c
				alone.Alone, alone.Program = group.Name, Alone(c.Program, group.Name)
				steps = append(steps, alone)
			}
		}
	}
	if o.Repeat <= 1 {
		shuffle(cells, o.Seed)
	}
	for rep := 1; rep <= max(1, o.Repeat); rep++ {
		for _, c := range cells {
			c.Rep = rep
			steps = append(steps, c)
		}
		slices.Reverse(cells)
	}
	for i := range steps {
		steps[i].Order = i + 1
	}
	return steps
}

// cells returns each variant on each backend.
func cells(o PlanOptions) []Step {
	var out []Step
	for _, v := range o.Variants {
		for _, b := range o.Backends {
			if o.Without != nil && o.Without(v, b) {
				continue
			}
			out = append(out, Step{On: b, RunInfo: results.RunInfo{
				Variant: v.Name, Program: v.Program, Backend: b.Name(), Evidence: b.Evidence(),
			}})
		}
	}
	return out
}

// shuffle puts steps in an order drawn from the seed (Fisher and Yates).
func shuffle(steps []Step, seed uint64) {
	s := workloads.NewStream(seed, "", 0, "order")
	for i := len(steps) - 1; i > 0; i-- {
		k := int(s.Uint64() % uint64(i+1))
		steps[i], steps[k] = steps[k], steps[i]
	}
}

// The window of a group alone is a fifth of the program's, within these bounds.
const (
	aloneShare = 5
	aloneLeast = 500 * time.Millisecond
	aloneMost  = 2 * time.Second
)

// Alone returns the program in which one member of the group runs by itself
// from the start: a thread without the others, a task with its event loop, a
// connection with its server. Pools and locks that it uses are there.
//
// A program that runs until all is done stays one: the member does its times.
// Otherwise the window is a fifth of the program's, at least 0.5 s and at most
// 2 s, after the same warm-up.
func Alone(p *workloads.Program, group string) *workloads.Program {
	alone := *p
	alone.Threads, alone.Tasks, alone.Clients, alone.Server = nil, nil, nil, nil
	for _, g := range p.Threads {
		if g.Name == group {
			g.Count, g.Start = 1, 0
			alone.Threads = []workloads.Group{g}
		}
	}
	for _, g := range p.Tasks {
		if g.Name == group {
			g.Count, g.Start = 1, 0
			alone.Tasks = []workloads.TaskGroup{g}
		}
	}
	for _, c := range p.Clients {
		if c.Name == group {
			c.Count = 1
			alone.Clients, alone.Server = []workloads.Client{c}, p.Server
		}
	}
	if !p.UntilDone {
		alone.Duration = min(max(p.Duration/aloneShare, aloneLeast), aloneMost)
	}
	alone.Trim()
	return &alone
}
