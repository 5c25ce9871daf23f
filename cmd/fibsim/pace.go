package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fibsim/fibsim/internal/cpython"
	"github.com/fibsim/fibsim/internal/predict"
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

// resolve looks up what a scenario leaves to its surroundings: what things cost in
// predictions, and the pace of an interpreter. Where that was measured, again measures
// it anew; otherwise again is nil.
func (a *app) resolve(ctx context.Context, s *scenarios.Scenario, backends []session.Backend) (again func(context.Context) error, err error) {
	sims := predictions(backends)
	var costs *predict.Costs
	if len(sims) > 0 {
		if costs, err = loadCosts(s); err != nil {
			return nil, err
		}
		for _, b := range sims {
			b.Costs = costs
		}
		noteDisturbed(s, costs)
	}
	switch {
	case !wantsPace(s):
		return nil, nil
	case len(sims) == len(backends):
		return nil, paceOfCosts(s, costs)
	}
	return a.measurePace(ctx, s, backends, costs)
}

// noteDisturbed tells of the costs of a scenario that others disturbed when they were measured.
func noteDisturbed(s *scenarios.Scenario, costs *predict.Costs) {
	for _, v := range s.Variants {
		name := v.Program.Machine.Costs
		during := costs.Disturbed(name)
		if during == "" {
			continue
		}
		note := fmt.Sprintf("costs %s came out too high: others used the CPUs during %s; measure them again when they have left, with `fibsim calibrate`", name, during)
		if !slices.Contains(s.Notes, note) {
			s.Notes = append(s.Notes, note)
		}
	}
}

// measurePace replaces the pace `python` in all programs of a scenario by what the
// interpreter in use needs: the first that runs, otherwise python3 of PATH.
// Predictions beside it imitate that interpreter as far as their costs know it.
func (a *app) measurePace(ctx context.Context, s *scenarios.Scenario, backends []session.Backend, costs *predict.Costs) (again func(context.Context) error, err error) {
	interpreter, err := paceOf(ctx, backends)
	if err != nil {
		return nil, stopped(ctx, fmt.Errorf("interpreter.pace: python needs an interpreter to measure: %w; or give the pace in ns, as in --set interpreter.pace=25", err))
	}
	progress := term.NewProgress(a.stderr, a.style(a.stderr))
	progress.Say("measuring the pace of " + interpreter.Name())
	defer progress.Clear()
	programs := atPythonsPace(s)
	var ns float64
	again = func(ctx context.Context) (err error) {
		if ns, err = interpreter.Pace(ctx); err != nil {
			return stopped(ctx, fmt.Errorf("interpreter.pace: python: %s: %w", interpreter.Name(), err))
		}
		for _, p := range programs {
			p.Interpreter.Pace = workloads.Pace{Mode: workloads.PaceFixed, NS: ns}
			if costs != nil && otherVersion(costs, p, interpreter) == "" {
				costs.Imitate(p.Machine.Costs, interpreter.Name())
			}
		}
		return nil
	}
	if err := again(ctx); err != nil {
		return nil, err
	}
	s.Notes = append(s.Notes, fmt.Sprintf("interpreter.pace: python is %.4g ns per call of fib, measured on %s", ns, interpreter.Name()))
	for _, p := range programs {
		if note := otherVersion(costs, p, interpreter); note != "" && !slices.Contains(s.Notes, note) {
			s.Notes = append(s.Notes, note)
		}
	}
	return again, nil
}

// versioned is a backend that knows its interpreter.
type versioned interface{ Interpreter() cpython.Interpreter }

// otherVersion says that the costs of a program are of another version of an interpreter
// with the same name; empty where they are not, or that is not known.
func otherVersion(costs *predict.Costs, p *workloads.Program, interpreter pacer) string {
	v, ok := interpreter.(versioned)
	if costs == nil || !ok {
		return ""
	}
	there, here := costs.Version(p.Machine.Costs, interpreter.Name()), v.Interpreter().Version
	if there == "" || there == here {
		return ""
	}
	return fmt.Sprintf("predictions do not imitate %s %s: the costs %s are of its version %s; run `fibsim calibrate --python` again",
		interpreter.Name(), here, p.Machine.Costs, there)
}

// paceOfCosts replaces the pace `python`, where nothing is measured, by that of the
// interpreter in the cost file: the first one, where there are several. Predictions
// imitate it.
func paceOfCosts(s *scenarios.Scenario, costs *predict.Costs) error {
	for _, p := range atPythonsPace(s) {
		names := costs.Interpreters(p.Machine.Costs)
		if len(names) == 0 {
			return &hostError{errors.New("interpreter.pace: python: the costs of this run hold none of an interpreter; run `fibsim calibrate --python` and choose --set machine.costs=host, add --python, or give the pace in ns, as in --set interpreter.pace=25")}
		}
		ns, _ := costs.Imitate(p.Machine.Costs, names[0])
		p.Interpreter.Pace = workloads.Pace{Mode: workloads.PaceFixed, NS: ns}
		note := fmt.Sprintf("interpreter.pace: python is %.4g ns per call of fib, that of %s in the costs %s", ns, names[0], p.Machine.Costs)
		if !slices.Contains(s.Notes, note) {
			s.Notes = append(s.Notes, note)
		}
	}
	return nil
}

// atPythonsPace returns the programs whose pace is that of an interpreter.
func atPythonsPace(s *scenarios.Scenario) []*workloads.Program {
	var list []*workloads.Program
	for _, v := range s.Variants {
		if v.Program.Interpreter.Pace.Mode == workloads.PacePython {
			list = append(list, v.Program)
		}
	}
	return list
}

func wantsPace(s *scenarios.Scenario) bool { return len(atPythonsPace(s)) > 0 }

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
