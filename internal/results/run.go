package results

import (
	"fmt"

	"github.com/fibsim/fibsim/workloads"
)

// RunInfo says which run of the command a report belongs to.
type RunInfo struct {
	Variant  string // empty without variants
	Backend  string
	Evidence string // measured or predicted
	Rep      int    // from 1; 0 for a group alone
	Order    int    // position in the whole command, from 1
	Alone    string // the group that ran by itself; empty for the whole program

	// Program is what ran; of Alone, what ran of it.
	Program *workloads.Program

	// Partial is a run that was stopped before its end. Its iterations are
	// kept, but its window has not passed, so nothing is computed from it.
	Partial bool
}

// String names the run for messages: gil, repetition 2 of variant two.
func (r RunInfo) String() string {
	s := r.Backend
	if r.Alone != "" {
		s += ", " + r.Alone + " alone"
	} else {
		s += fmt.Sprintf(", repetition %d", r.Rep)
	}
	if r.Variant != "" {
		s += " of variant " + r.Variant
	}
	return s
}

// stride returns the n of every n-th iteration that a group wanted as rows.
func (r RunInfo) stride(group string) int64 {
	for _, c := range r.Program.Cohorts() {
		if c.Name == group {
			return max(1, int64(c.Samples))
		}
	}
	return 1
}

// phase returns the phase of iterations inside the window of the run.
func (r RunInfo) phase() string {
	if r.Alone != "" {
		return phaseAlone
	}
	return phaseMeasure
}

const (
	phaseWarmup  = "warmup"
	phaseMeasure = "measure"
	phaseAlone   = "alone"
)
