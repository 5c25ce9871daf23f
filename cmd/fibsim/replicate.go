package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/internal/replicate"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/internal/term"
	"github.com/fibsim/fibsim/scenarios"
)

// replicateOptions are the flags of replicate.
type replicateOptions struct {
	all, measured, markdown, json bool
	python                        pythonPaths
	csv                           string
	changed                       func(flag string) bool
}

func (a *app) replicateCommand() *cobra.Command {
	var o replicateOptions
	cmd := &cobra.Command{
		Use:   "replicate [NAME...]",
		Short: "Repeat published measurements and put ours beside the originals",
		Long: `Repeat measurements that others have published: each figure as it was published,
with its source, and beside it what is predicted for the machine that it is from.
Without a name it lists them.

--measured adds this host, under the emulated lock, and --python a real interpreter.
A figure that is about more CPUs than this host has is left out there, and so is one
about a single CPU where there are more. The host is another one than theirs: what
should be alike is how figures of one table are to each other.

A scenario of each measurement comes with the program: fibsim run published/echo-hogs.
Its claims say which predictions are to be right and how nearly; when one is not, the
exit status is 99.`,
		Example: `  fibsim replicate
  fibsim replicate echo-hogs
  fibsim replicate countdown-threads --measured --python=/usr/bin/python3.9
  fibsim replicate --all --csv figures.csv`,
		ValidArgsFunction: func(_ *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			return replicate.Names(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := o.check(args)
			switch {
			case err != nil:
				return err
			case len(list) == 0:
				return a.listExperiments()
			}
			return a.replicate(cmd.Context(), &o, list)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&o.all, "all", false, "all of them")
	f.BoolVar(&o.measured, "measured", false, "measure, too: the emulated lock on this host")
	f.Var(&o.python, "python", "measure the interpreter at `PATH`, too; may be repeated")
	f.Lookup("python").NoOptDefVal = bareForm
	f.BoolVar(&o.markdown, "markdown", false, "print the tables as Markdown")
	f.StringVar(&o.csv, "csv", "", "write the figures to `FILE`; - is standard output")
	f.BoolVar(&o.json, "json", false, "print the figures as JSON")
	o.changed = f.Changed
	return cmd
}

// check refuses what makes no sense and returns the experiments that are asked for.
func (o *replicateOptions) check(names []string) ([]*replicate.Experiment, error) {
	switch {
	case o.changed("csv") && o.csv == "":
		return nil, usage("--csv: needs the name of a file, or - for standard output")
	case o.json && o.csv == "-":
		return nil, usage("--json and --csv - both want standard output; give the CSV a file name")
	case o.json && o.markdown:
		return nil, usage("--json and --markdown both want standard output; leave one out")
	case o.all && len(names) > 0:
		return nil, usage("--all takes no names, got %s", strings.Join(names, " "))
	case !o.all && len(names) == 0 && (o.measured || o.markdown || o.json || o.csv != "" || len(o.python) > 0):
		return nil, usage("replicate: name a measurement, or give --all; there are %s", strings.Join(replicate.Names(), ", "))
	}
	if o.all {
		names = replicate.Names()
	}
	var list []*replicate.Experiment
	for _, name := range names {
		e := replicate.Find(name)
		if e == nil {
			return nil, usage("replicate: no measurement is named %q; %s", name, didYouMean(name, replicate.Names()))
		}
		list = append(list, e)
	}
	return list, nil
}

// listExperiments prints what there is.
func (a *app) listExperiments() error {
	var b strings.Builder
	for _, e := range replicate.Experiments() {
		s, err := scenarios.Find(e.Scenario)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%-18s %s\n", e.Name, s.Title)
	}
	return a.print(b.String())
}

// replicate repeats experiments and shows each when it is done.
func (a *app) replicate(ctx context.Context, o *replicateOptions, list []*replicate.Experiment) error {
	predicting, measuring, err := a.openReplicas(ctx, o)
	if err != nil {
		return err
	}
	var table *results.Table
	if o.csv != "" {
		if table, err = results.CreateTable(o.csv, a.stdout, replicate.Columns); err != nil {
			return err
		}
	}
	progress := term.NewProgress(a.stderr, a.style(a.stderr))
	var done []*replicate.Replica
	var errs []error
	for _, e := range list {
		r, err := a.repeat(ctx, e, predicting, measuring, progress)
		progress.Clear()
		if r != nil {
			done = append(done, r)
			err = errors.Join(err, a.showReplica(o, r, table))
		}
		if err != nil {
			errs = append(errs, err)
			break
		}
	}
	if table != nil {
		errs = append(errs, table.Close())
	}
	if o.json {
		errs = append(errs, a.printReplicas(done))
	}
	failed := 0
	judged := map[string]bool{}
	for _, r := range done {
		// Two tables may be of one scenario.
		if !judged[r.Scenario] {
			judged[r.Scenario] = true
			for _, c := range r.Claims {
				if c.Failed() {
					failed++
					fmt.Fprintf(a.stderr, "fibsim: %s: %s: %s\n", r.Name, c.Text, c.Reason)
				}
			}
		}
	}
	if err := errors.Join(errs...); err != nil || failed > 0 {
		return &sessionError{err: err, failed: failed}
	}
	return nil
}

// openReplicas opens the simulator, and what is to be measured.
func (a *app) openReplicas(ctx context.Context, o *replicateOptions) (predicting, measuring []session.Backend, err error) {
	run := &runOptions{ties: tiesRule, quiet: true, chosen: chosen{simGIL: true}}
	if predicting, _, err = a.open(ctx, run); err != nil || !o.measured && len(o.python) == 0 {
		return predicting, nil, err
	}
	run.chosen = chosen{gil: o.measured, python: o.python}
	measuring, _, err = a.open(ctx, run)
	return predicting, measuring, err
}

// repeat makes the runs of one experiment: the prediction, then each backend that
// measures. What was found until an error is returned, too; nil where that is nothing.
func (a *app) repeat(ctx context.Context, e *replicate.Experiment, predicting, measuring []session.Backend, progress *term.Progress) (*replicate.Replica, error) {
	s, err := scenarios.Find(e.Scenario)
	if err != nil {
		return nil, err
	}
	r := replicate.New(e, s.Title)
	set, err := a.replicateOn(ctx, s, predicting, progress)
	if set != nil {
		r.Take(set)
		r.Claims = set.Run.Claims
	}
	host := results.CollectHost()
	for _, b := range measuring {
		if err != nil {
			break
		}
		part := *s
		part.Claims = nil // they are about predictions of all variants
		if part.Variants = e.Variants(s, b.Name(), host.UsableCPUs()); len(part.Variants) == 0 {
			continue
		}
		if set, err = a.replicateOn(ctx, &part, []session.Backend{b}, progress); set != nil {
			r.Take(set)
		}
	}
	return r, err
}

// replicateOn makes the runs of a scenario on backends.
func (a *app) replicateOn(ctx context.Context, s *scenarios.Scenario, backends []session.Backend, progress *term.Progress) (*results.Set, error) {
	if _, err := a.resolve(ctx, s, backends); err != nil {
		return nil, err
	}
	j := &job{options: &runOptions{noBaseline: true}, scenario: s, backends: backends}
	w, err := results.Create(a.config(j))
	if err != nil {
		return nil, err
	}
	complete, err := a.runAll(ctx, j, w, func(p session.Progress) {
		progress.Show(p.Run.Order, p.Runs, s.Name+", "+p.Run.String(), p.Left)
	})
	set, ferr := w.Finish(!complete)
	return set, errors.Join(err, ferr)
}

// showReplica writes the table of an experiment to the screen and, where there is one,
// to a file. Where standard output carries that, the table goes to standard error.
func (a *app) showReplica(o *replicateOptions, r *replicate.Replica, table *results.Table) error {
	if table != nil {
		for _, row := range r.Rows() {
			table.Row(row.Fields())
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	if o.json {
		return nil
	}
	out := a.stdout
	if o.csv == "-" {
		out = a.stderr
	}
	screen := term.Replication{Replica: r, Style: a.style(out)}
	if o.markdown {
		return written(screen.WriteMarkdown(out))
	}
	return written(screen.Write(out))
}

// printReplicas writes all figures as JSON, with < and > as they are.
func (a *app) printReplicas(done []*replicate.Replica) error {
	rows := []replicate.Row{}
	for _, r := range done {
		rows = append(rows, r.Rows()...)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(rows); err != nil {
		return err
	}
	return a.print(out.String())
}
