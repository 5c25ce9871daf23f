package main

import (
	"context"
	"fmt"

	"github.com/fibsim/fibsim/internal/cpython"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/internal/term"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/workloads"
)

// pacer is a backend that can say what a call of fib costs in it.
type pacer interface {
	Name() string
	Pace(context.Context) (float64, error)
}

// resolvePace replaces the pace `python` in all programs of a scenario by what
// the interpreter in use needs: the first that runs, otherwise python3 of PATH.
func (a *app) resolvePace(ctx context.Context, s *scenarios.Scenario, backends []session.Backend) error {
	if !wantsPace(s) {
		return nil
	}
	interpreter, err := paceOf(ctx, backends)
	if err != nil {
		return stopped(ctx, fmt.Errorf("interpreter.pace: python needs an interpreter to measure: %w; or give the pace in ns, as in --set interpreter.pace=25", err))
	}
	progress := term.NewProgress(a.stderr, a.style(a.stderr))
	progress.Say("measuring the pace of " + interpreter.Name())
	defer progress.Clear()
	ns, err := interpreter.Pace(ctx)
	if err != nil {
		return stopped(ctx, fmt.Errorf("interpreter.pace: python: %s: %w", interpreter.Name(), err))
	}
	for i := range s.Variants {
		if p := &s.Variants[i].Program.Interpreter.Pace; p.Mode == workloads.PacePython {
			*p = workloads.Pace{Mode: workloads.PaceFixed, NS: ns}
		}
	}
	s.Notes = append(s.Notes, fmt.Sprintf("interpreter.pace: python is %.4g ns per call of fib, measured on %s", ns, interpreter.Name()))
	return nil
}

func wantsPace(s *scenarios.Scenario) bool {
	for _, v := range s.Variants {
		if v.Program.Interpreter.Pace.Mode == workloads.PacePython {
			return true
		}
	}
	return false
}

// paceOf returns the interpreter whose pace counts.
func paceOf(ctx context.Context, backends []session.Backend) (pacer, error) {
	for _, b := range backends {
		if p, ok := b.(pacer); ok {
			return p, nil
		}
	}
	return cpython.Open(ctx, "")
}

// stopped returns the error of an interpreter, or the interrupt that caused it.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return session.ErrInterrupted
	}
	return &hostError{err}
}
