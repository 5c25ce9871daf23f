package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/workloads"
)

func (a *app) runCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run FILE|NAME",
		Short: "Run a scenario and compare the backends",
		Long: `Run a scenario on each backend and print one table.

The backend flags are the exact set that runs; without one of them --gil and
--native do. Every group of the scenario first runs alone, so that the table can
say how much slower it is among the others.`,
		Example: `  fibsim run mixed
  fibsim run mixed --gil --python --set interpreter.pace=python
  fibsim run mixed --sim --set machine.cpus=16
  fibsim run mixed --gil --python=/usr/bin/python3.12 --python=python2.7
  fibsim run mixed --lock none --set threads.crunch.count=2 --repeat 5
  fibsim run mixed --timeline --window 60ms@1s
  fibsim run mine.yaml -o results --states --verify
  fibsim run mixed --csv samples.csv.gz --quiet`,
		Args:              oneScenario,
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			s, err := o.load(args[0])
			if err != nil {
				return err
			}
			if o.values && !counts(s) {
				return usage("--show-values: no task of %s counts; give one {count: 10}", s.Path)
			}
			return a.session(cmd.Context(), &o, s)
		},
	}
	o.register(cmd)
	return cmd
}

// counts reports whether any variant of a scenario has values to show.
func counts(s *scenarios.Scenario) bool {
	for _, v := range s.Variants {
		for i := range v.Program.Tasks {
			if workloads.Does(v.Program.Tasks[i].Body, workloads.OpCount) {
				return true
			}
		}
	}
	return false
}

// load reads the scenario with the flags' changes applied.
func (o *runOptions) load(nameOrPath string) (*scenarios.Scenario, error) {
	overrides, err := o.overrides()
	if err != nil {
		return nil, err
	}
	return scenarios.Find(nameOrPath, overrides...)
}

// session opens what a run needs and executes it.
func (a *app) session(ctx context.Context, o *runOptions, s *scenarios.Scenario) error {
	warnings, err := o.bearable(s)
	if err != nil {
		return err
	}
	if err := apart(o.outputs(), filesOf(s)); err != nil {
		return err
	}
	backends, more, err := a.open(ctx, o)
	if err != nil {
		return err
	}
	if err := parkable(s, backends); err != nil {
		return err
	}
	if _, err := a.resolve(ctx, s, backends); err != nil {
		return err
	}
	warnings = slices.Concat(warnings, more, unscheduled(s, backends))
	return a.execute(ctx, &job{options: o, scenario: s, backends: backends, warnings: warnings})
}

// bearable leaves out the backends with real threads where a scenario has more of
// them than a host bears, and fails when nothing is left.
func (o *runOptions) bearable(s *scenarios.Scenario) ([]trace.Warning, error) {
	most := 0
	for _, v := range s.Variants {
		most = max(most, v.Program.Workers())
	}
	c := &o.chosen
	measured := c.gil || c.native || c.optional || len(c.python) > 0
	switch {
	case most <= scenarios.MaxMeasured || !measured:
		return nil, nil
	case !c.simGIL && !c.simNative:
		return nil, usage("%s: all groups together have %d threads, tasks and connections; the limit of measured backends is %d; --sim predicts up to %d",
			s.Path, most, scenarios.MaxMeasured, scenarios.MaxWorkers)
	}
	c.gil, c.native, c.optional, c.python = false, false, false, nil
	return []trace.Warning{{
		Code:    "too-many-threads",
		Message: fmt.Sprintf("measured backends are left out: all groups together have %d threads, tasks and connections, and real ones are limited to %d", most, scenarios.MaxMeasured),
		Hint:    "lower the counts to measure",
	}}, nil
}

// parkable refuses a way to park that this build has not, before any file is made,
// when a backend is to park so.
func parkable(s *scenarios.Scenario, backends []session.Backend) error {
	if !slices.ContainsFunc(backends, func(b session.Backend) bool { return b.Name() == "gil" }) {
		return nil
	}
	for _, v := range s.Variants {
		park := gil.Park(v.Program.Interpreter.Park)
		if park != "" && park != gil.ParkAuto && !slices.Contains(gil.Parks(), park) {
			return usage("interpreter.park: %s is not in this build for this system; use auto, or one of %v", park, gil.Parks())
		}
	}
	return nil
}

// unscheduled warns of what groups have for a scheduler where threads are real, and
// therefore like all others. Predictions warn of their own.
func unscheduled(s *scenarios.Scenario, backends []session.Backend) []trace.Warning {
	var measured, told []string
	for _, b := range backends {
		if _, ok := b.(*predict.Backend); !ok {
			measured = append(measured, b.Name())
		}
	}
	for _, v := range s.Variants {
		for i := range v.Program.Threads {
			g := &v.Program.Threads[i]
			for _, name := range g.Sched.Told() {
				if text := name + " of " + g.Name; !slices.Contains(told, text) {
					told = append(told, text)
				}
			}
		}
	}
	if len(measured) == 0 || len(told) == 0 {
		return nil
	}
	return []trace.Warning{{
		Code:    "scheduling-ignored",
		Message: fmt.Sprintf("%s ignore %s: real threads are like all others", strings.Join(measured, ", "), strings.Join(told, ", ")),
		Hint:    "--sim predicts what it does",
	}}
}

// oneScenario accepts exactly one argument. The path of --python or --sim that
// is not joined to its flag looks like a second one.
func oneScenario(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 1:
		return nil
	case len(args) == 0:
		return usage("%sname a scenario: a file, or one of %s", place(cmd), strings.Join(scenarios.Names(), ", "))
	}
	text := strings.Join(args, " ")
	if f := cmd.Flags().Lookup("sim"); f != nil && f.Changed {
		return usage("%stakes one scenario, got %s; the names follow --sim with =, as in --sim=gil", place(cmd), text)
	}
	if f := cmd.Flags().Lookup("python"); f != nil && f.Changed {
		return usage("%stakes one scenario, got %s; a path follows --python with =, as in --python=%s", place(cmd), text, args[len(args)-1])
	}
	return usage("%stakes one scenario, got %s", place(cmd), text)
}

// completeScenario completes the names of built-in scenarios and of YAML files.
func completeScenario(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var found []string
	for _, s := range scenarios.List() {
		if strings.HasPrefix(s.Name, typed) {
			found = append(found, s.Name+"\t"+s.Title)
		}
	}
	// The shell's own completion of files would hide the names.
	files, _ := filepath.Glob(typed + "*.y*ml")
	dirs, _ := filepath.Glob(typed + "*")
	for _, d := range dirs {
		if info, err := os.Stat(d); err == nil && info.IsDir() {
			files = append(files, d+string(filepath.Separator))
		}
	}
	return append(found, files...), cobra.ShellCompDirectiveNoFileComp
}
