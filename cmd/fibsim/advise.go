package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/internal/advise"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/internal/term"
	"github.com/fibsim/fibsim/scenarios"
)

// adviseOptions are the flags of advise. Those that it shares with run are in a
// runOptions, so that they mean the same.
type adviseOptions struct {
	run     runOptions
	variant string
	csv     string
}

func (a *app) adviseCommand() *cobra.Command {
	var o adviseOptions
	cmd := &cobra.Command{
		Use:   "advise FILE|NAME",
		Short: "Predict a scenario under every model of a server, and rank them",
		Long: `Predict what the clients of a scenario get when its server is built in each of the
ways that there are: one connection at a time, threads, pools, processes, several
interpreters, coroutines; and threads without the lock, for which one gives up
CPython as it is, or Python. The first is the one in which the shortest requests
wait least: by the 99th percentile of their response times, to two digits, then by
replies per second, then by memory.

Memory is what the processes of a CPython 3.11 need for that number of workers and
threads, and not what the requests allocate.`,
		Example: `  fibsim advise server-mixed
  fibsim advise server-mixed --set server.workers=8 --set machine.cpus=8
  fibsim advise perf1-scaling --variant four --csv advice.csv`,
		Args:              oneScenario,
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.run.changed("csv") && o.csv == "" {
				return usage("--csv: needs the name of a file, or - for standard output")
			}
			return a.advise(cmd.Context(), &o, args[0])
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.variant, "variant", "", "the `NAME` of the variant, where there are several")
	f.StringArrayVar(&o.run.set, "set", nil, "change one `path=value` of the scenario; may be repeated")
	f.StringVar(&o.run.seed, "seed", "", "seed of random durations, a number `N`")
	f.StringVar(&o.run.duration, "duration", "", "length of the measured window, a duration `D` such as 10s")
	f.StringVar(&o.csv, "csv", "", "write the table to `FILE`; - is standard output")
	o.run.changed = f.Changed
	o.run.ties, o.run.quiet = tiesRule, true
	return cmd
}

// advise predicts the scenario under each way to build its server and shows them
// ranked.
func (a *app) advise(ctx context.Context, o *adviseOptions, nameOrPath string) error {
	overrides, err := o.run.overrides()
	if err != nil {
		return err
	}
	base, err := scenarios.Find(nameOrPath, overrides...)
	if err != nil {
		return err
	}
	if err := oneVariant(base, o.variant); err != nil {
		return err
	}
	if base.Variants[0].Program.Server == nil {
		return usage("advise: %s has no server whose model could be another; give it a server and clients", base.Path)
	}
	if err := apart([]namedFile{{"--csv", o.csv}}, filesOf(base)); err != nil {
		return err
	}
	var table *results.Table
	if o.csv != "" {
		if table, err = results.CreateTable(o.csv, a.stdout, advise.Columns); err != nil {
			return err
		}
	}
	list, err := a.predictAll(ctx, o, nameOrPath, overrides)
	if err == nil {
		advise.Rank(list)
		err = a.showAdvice(o, base, list, table)
	}
	if table != nil {
		err = errors.Join(err, table.Close())
	}
	if err != nil {
		return &sessionError{err: err}
	}
	return nil
}

// predictAll predicts the scenario under each way.
func (a *app) predictAll(ctx context.Context, o *adviseOptions, nameOrPath string, overrides []scenarios.Override) ([]*advise.Advice, error) {
	var list []*advise.Advice
	progress := term.NewProgress(a.stderr, a.style(a.stderr))
	defer progress.Clear()
	for _, w := range advise.Ways() {
		progress.Say("predicting " + w.Name)
		changes := append(slices.Clone(overrides), scenarios.Override{Flag: "advise: server.model", Path: "server.model", Value: string(w.Model)})
		if w.Lock != "" {
			changes = append(changes, scenarios.Override{Flag: "advise: interpreter.lock", Path: "interpreter.lock", Value: w.Lock})
		}
		s, err := scenarios.Find(nameOrPath, changes...)
		if err == nil {
			err = oneVariant(s, o.variant)
		}
		if err != nil {
			return nil, err
		}
		one, err := a.predictOne(ctx, &o.run, w, s)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// longestAdvice is up to where a window is lengthened that holds too few of the
// shortest requests for their 99th percentile.
const longestAdvice = 2 * time.Minute

// predictOne predicts a scenario under one way.
func (a *app) predictOne(ctx context.Context, run *runOptions, w advise.Way, s *scenarios.Scenario) (*advise.Advice, error) {
	built := s.Variants[0].Program
	one := advise.New(w, built)
	o := *run
	o.chosen = chosen{simGIL: !w.Native, simNative: w.Native}
	backends, _, err := a.open(ctx, &o)
	if err != nil {
		return nil, err
	}
	if _, err := a.resolve(ctx, s, backends); err != nil {
		return nil, err
	}
	for window := built.Duration; ; window *= 4 {
		program := *built
		program.Duration = window
		s.Variants[0].Program = &program
		set, err := a.predicted(ctx, &o, s, backends)
		if err != nil {
			return nil, err
		}
		one.Take(set, s.Variants[0].Name)
		if one.Told() || o.changed("duration") || 4*window > longestAdvice {
			return one, nil
		}
	}
}

// predicted makes the runs of a scenario and returns what they found.
func (a *app) predicted(ctx context.Context, o *runOptions, s *scenarios.Scenario, backends []session.Backend) (*results.Set, error) {
	j := &job{options: o, scenario: s, backends: backends}
	w, err := results.Create(a.config(j))
	if err != nil {
		return nil, err
	}
	complete, err := a.runAll(ctx, j, w, nil)
	set, ferr := w.Finish(!complete)
	return set, errors.Join(err, ferr)
}

// showAdvice writes the table to the screen and, where there is one, to a file.
func (a *app) showAdvice(o *adviseOptions, s *scenarios.Scenario, list []*advise.Advice, table *results.Table) error {
	out := a.stdout
	if o.csv == "-" {
		out = a.stderr
	}
	screen := term.Advice{Name: s.Name, Title: s.Title, Ways: list, Style: a.style(out)}
	if table != nil {
		for _, one := range list {
			table.Row(one.Fields(screen.Style.Words()))
		}
	}
	return written(screen.Write(out))
}
