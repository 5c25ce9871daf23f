package session

import (
	"context"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// Backend runs programs and reports what happened.
type Backend interface {
	// Name is the value of the backend column, such as gil or python_3_11.
	Name() string
	// Evidence is measured or predicted.
	Evidence() string
	// Run runs p once, in full. When ctx ends first it stops early, leaves
	// nothing behind, and returns what it has with the error of ctx.
	Run(ctx context.Context, p *workloads.Program, o Options) (*trace.Report, error)
}

// Options are the wishes of one run that are not part of the program.
type Options struct {
	Events bool // keep a Log
	Values bool // keep what counts yield

	// Rep is the repetition, from 1; 0 for a group alone. A backend whose runs are
	// the same each time takes what is to differ between repetitions from it.
	Rep int
}
