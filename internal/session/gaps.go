package session

import (
	"slices"
	"strings"

	"github.com/fibsim/fibsim/workloads"
)

// gap is something in a program that a kind of backend cannot do yet.
type gap struct {
	what    string // as the user wrote it
	in      func(*workloads.Program) bool
	backend string // gil, native, sim_gil, sim_native, or python for any interpreter
}

// gaps are all that is still missing. What is not here works.
var gaps = []gap{}

func tasks(kind workloads.TaskKind) func(*workloads.Program) bool {
	return func(p *workloads.Program) bool {
		return slices.ContainsFunc(p.Tasks, func(t workloads.TaskGroup) bool { return t.Kind == kind })
	}
}

func does(kinds ...workloads.OpKind) func(*workloads.Program) bool {
	return func(p *workloads.Program) bool {
		for i := range p.Threads {
			if workloads.Does(p.Threads[i].Body, kinds...) {
				return true
			}
		}
		for i := range p.Tasks {
			if workloads.Does(p.Tasks[i].Body, kinds...) {
				return true
			}
		}
		return false
	}
}

func serves(model workloads.Model) func(*workloads.Program) bool {
	return func(p *workloads.Program) bool { return p.Server != nil && p.Server.Model == model }
}

// Gaps returns what a program has that the backend of that name cannot do yet, as
// the user wrote it.
func Gaps(p *workloads.Program, backend string) []string {
	if strings.HasPrefix(backend, "python") || strings.HasPrefix(backend, "pypy") {
		backend = "python"
	}
	var missing []string
	for _, g := range gaps {
		if g.backend == backend && g.in(p) {
			missing = append(missing, g.what)
		}
	}
	return missing
}
