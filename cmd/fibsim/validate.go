package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/internal/term"
	"github.com/fibsim/fibsim/internal/validate"
	"github.com/fibsim/fibsim/scenarios"
)

func (a *app) validateCommand() *cobra.Command {
	var o validateOptions
	cmd := &cobra.Command{
		Use:   "validate FILE|NAME...",
		Short: "Hold the emulator and the simulator against a real interpreter",
		Long: `Run scenarios in an interpreter, under the emulated lock and in the simulator, one
after the other and back, and print for each group how far they are from the
interpreter: ratios of rate, p50 and p99 with 90 % intervals over the repetitions,
and the KS distance of the latencies. The reference is also held against itself:
its odd repetitions against its even ones.

The reference is the first --python, or the python3 on PATH; without one it is gil.
A call of fib then costs what it costs in the interpreter, and the simulator has as
many CPUs as this host, unless --set says otherwise.

Theory is a closed form under the lock cpython-3 with switch interval I, with z of
sleep, s of work and w sleeps in an iteration, and a hand-over h (a timer's slack,
the notice of the request, a wake-up) out of machine.costs: 1/(z + s + w (I + h)) for
one thread that sleeps next to one that only computes, and the work alone for
threads that only compute. It assumes 2 CPUs, sleeps of at least 0.2 ms, stretches
of work below 0.9 I, and no sockets; elsewhere it is left out.`,
		Example: `  fibsim validate mixed
  fibsim validate mixed switch-interval --python=/usr/bin/python3.12 --csv distances.csv
  fibsim validate mine.yaml --repeat 12 --set interpreter.switch_interval=1ms`,
		Args:              someScenarios,
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return a.validate(cmd.Context(), &o, args)
		},
	}
	o.register(cmd)
	return cmd
}

// someScenarios accepts at least one argument.
func someScenarios(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return nil
	}
	return usage("%sname a scenario: a file, or one of %s", place(cmd), strings.Join(scenarios.Names(), ", "))
}

// completeScenarios completes any number of scenarios.
func completeScenarios(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	return completeScenario(cmd, nil, typed)
}

// validation is what a command has found so far.
type validation struct {
	options   *validateOptions
	backends  []session.Backend
	reference session.Backend
	real      bool // the reference is an interpreter
	warnings  []trace.Warning
	table     *results.Table // nil without --csv
	host      results.Host

	rows    []*validate.Row
	stopped bool
}

// validate runs each scenario on all backends and shows how far they are from the
// reference. What was found until something went wrong is shown, too.
func (a *app) validate(ctx context.Context, o *validateOptions, names []string) error {
	// Mistakes in any of them come before an interpreter is looked for.
	if _, err := o.load(names, nil); err != nil {
		return err
	}
	v := &validation{options: o, host: results.CollectHost()}
	if err := a.openReference(ctx, v); err != nil {
		return err
	}
	list, err := o.load(names, v.surroundings())
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := parkable(s, v.backends); err != nil {
			return err
		}
		if len(predictions(v.backends)) > 0 {
			if _, err := loadCosts(s); err != nil {
				return err
			}
		}
	}
	if err := apart([]namedFile{{"--csv", o.csv}}, filesOf(list...)); err != nil {
		return err
	}
	if o.csv != "" {
		if v.table, err = results.CreateTable(o.csv, a.stdout, validate.Columns); err != nil {
			return err
		}
	}
	var errs []error
	for _, s := range list {
		if err := a.hold(ctx, v, s); err != nil {
			errs = append(errs, err)
			break
		}
	}
	if v.table != nil {
		errs = append(errs, v.table.Close())
	}
	if o.json {
		errs = append(errs, a.printJSON(v))
	}
	if err := errors.Join(errs...); err != nil {
		return &sessionError{err: err}
	}
	return nil
}

// openReference opens the backends and chooses the reference: the first interpreter
// or, without one, gil.
func (a *app) openReference(ctx context.Context, v *validation) error {
	var err error
	if v.backends, v.warnings, err = a.open(ctx, v.options.backends()); err != nil {
		return err
	}
	for _, b := range v.backends {
		if _, ok := b.(pacer); ok {
			v.reference, v.real = b, true
			return nil
		}
	}
	for _, b := range v.backends {
		if b.Name() == "gil" {
			v.reference = b
			return nil
		}
	}
	return errors.New("no backend can be the reference")
}

// surroundings are the changes that make the backends comparable, unless the user
// has said otherwise: the same work as in the interpreter, and the CPUs of this host.
func (v *validation) surroundings() []scenarios.Override {
	changes := []scenarios.Override{{Path: "machine.cpus", Value: fmt.Sprint(min(v.host.CPUs, scenarios.MaxCPUs))}}
	if v.real {
		changes = append(changes, scenarios.Override{Path: "interpreter.pace", Value: "python"})
	}
	for i := range changes {
		changes[i].Flag = "--set " + changes[i].Path + "=" + changes[i].Value
	}
	return changes
}

// hold runs one scenario and shows its comparison.
func (a *app) hold(ctx context.Context, v *validation, s *scenarios.Scenario) error {
	again, err := a.resolve(ctx, s, v.backends)
	if err != nil {
		return err
	}
	a.notes(s.Notes)
	j := &job{options: &runOptions{noBaseline: true}, scenario: s, backends: v.backends, warnings: append(v.warnings, unscheduled(s, v.backends)...)}
	v.warnings = nil // told once
	c := a.config(j)
	// No slowdown is asked for, so that its lack is no warning; nor is any claim.
	c.Baseline, c.Claims, c.Host = true, nil, v.host
	w, err := results.Create(c)
	if err != nil {
		return err
	}
	plan := j.plan()
	plan.Repeat = v.options.repetitions(s)
	taken := &validate.Collector{}
	complete, err := a.collect(ctx, session.NewPlan(plan), s.Name, w, taken, again)
	set, ferr := w.Finish(!complete)
	rows := validate.Compare(s.Name, set, taken, v.reference.Name(), v.theories(s))
	v.rows, v.stopped = append(v.rows, rows...), v.stopped || !complete
	return errors.Join(err, ferr, a.showValidation(v, s, set, rows))
}

// collect makes the runs and keeps their figures and distributions. The speed of a
// host drifts: each repetition but the first begins with measuring the pace again,
// where there is one to measure. Complete says that all runs were made, in full.
func (a *app) collect(ctx context.Context, steps []session.Step, name string, w *results.Writer, taken *validate.Collector, again func(context.Context) error) (complete bool, err error) {
	rep := 1
	progress := term.NewProgress(a.stderr, a.style(a.stderr))
	defer progress.Clear()
	left := len(steps)
	err = session.Run(ctx, steps, session.Hooks{
		Add: func(info results.RunInfo, report *trace.Report) error {
			if !info.Partial {
				left--
			}
			taken.Add(info, report)
			return w.Add(info, report)
		},
		Progress: func(p session.Progress) {
			progress.Show(p.Run.Order, p.Runs, name+" on "+p.Run.String(), p.Left)
		},
		Before: func(ctx context.Context, info results.RunInfo) error {
			if again == nil || info.Rep == rep {
				return nil
			}
			rep = info.Rep
			return again(ctx)
		},
	})
	return left == 0, err
}

// theories returns the closed forms of each variant of a scenario, with the costs
// that predictions have.
func (v *validation) theories(s *scenarios.Scenario) validate.Theories {
	costs := &predict.Costs{}
	if sims := predictions(v.backends); len(sims) > 0 {
		costs = sims[0].Costs
	}
	out := validate.Theories{}
	for _, variant := range s.Variants {
		// Without predictions only the defaults are at hand.
		if c, err := costs.Of(variant.Program.Machine.Costs); err == nil {
			out[variant.Name] = validate.TheoryOf(variant.Program, c)
		}
	}
	return out
}

// showValidation prints the comparison of one scenario, and adds it to the CSV file.
// Where standard output carries that, the table goes to standard error.
func (a *app) showValidation(v *validation, s *scenarios.Scenario, set *results.Set, rows []*validate.Row) error {
	if err := term.Warnings(a.stderr, a.style(a.stderr), set.Run.Warnings); err != nil {
		return written(err)
	}
	var failed error
	if v.table != nil {
		for _, r := range rows {
			v.table.Row(r.Fields())
		}
		failed = v.table.Flush()
	}
	if v.options.json {
		return failed
	}
	out := a.stdout
	if v.options.csv == "-" {
		out = a.stderr
	}
	shown := term.Validation{
		Name: s.Name, Title: s.Title, Reference: v.reference.Name(), Emulated: !v.real,
		Rows: rows, CPUs: v.host.CPUs, Stopped: set.Run.Aborted, Style: a.style(out),
	}
	return errors.Join(failed, written(shown.Write(out)))
}

// printJSON prints the rows of all scenarios.
func (a *app) printJSON(v *validation) error {
	rows := v.rows
	if rows == nil {
		rows = []*validate.Row{}
	}
	content, err := json.MarshalIndent(struct {
		Reference string          `json:"reference"`
		Aborted   bool            `json:"aborted"`
		Rows      []*validate.Row `json:"rows"`
	}{v.reference.Name(), v.stopped, rows}, "", "  ")
	if err != nil {
		return err
	}
	return a.print(string(content) + "\n")
}
