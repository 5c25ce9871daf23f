package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/explain"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/internal/term"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/workloads"
)

// explainOptions are the flags of explain. Those that it shares with run are in a
// runOptions, so that they mean the same.
type explainOptions struct {
	run              runOptions
	slowest          int
	group, iteration string
	variant          string
	worker           trace.Thread // of iteration
	seq              int64
}

func (a *app) explainCommand() *cobra.Command {
	o := explainOptions{slowest: 5}
	cmd := &cobra.Command{
		Use:   "explain FILE|NAME",
		Short: "Say where the time of single iterations went, and who caused it",
		Long: `Run a scenario once on one backend and take its iterations apart: which part was
work, which a switch interval against whom, a lost race, a turn of others. The parts
of an iteration add up to its latency. The slowest are those that took most beyond
the sleep that they asked for.

A thread is named as in results: group, number of the worker, and after a colon
that of the iteration.`,
		Example: `  fibsim explain mixed
  fibsim explain mixed --sim --group quick --slowest 10
  fibsim explain mixed --sim --iteration quick-0:12
  fibsim explain server-mixed --sim=native --json`,
		Args:              oneScenario,
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			s, err := o.run.load(args[0])
			if err == nil {
				err = o.choose(s)
			}
			if err != nil {
				return err
			}
			return a.explain(cmd.Context(), &o, s)
		},
	}
	o.register(cmd)
	return cmd
}

func (o *explainOptions) register(cmd *cobra.Command) {
	f, r := cmd.Flags(), &o.run
	f.SortFlags = false
	f.BoolVar(&r.gil, "gil", false, "run under the emulated interpreter lock (this is the default)")
	f.BoolVar(&r.native, "native", false, "run on Go's own scheduler, without a lock")
	f.StringVar(&r.sim, "sim", "", "predict one `BACKEND` in virtual time: gil or native")
	f.Lookup("sim").NoOptDefVal = "gil"
	f.Var(&r.python, "python", "")
	f.Lookup("python").NoOptDefVal = bareForm
	f.Lookup("python").Hidden = true // for its own error
	f.IntVar(&o.slowest, "slowest", o.slowest, "explain the `N` slowest iterations of each group")
	f.StringVar(&o.group, "group", "", "only those of the group `NAME`")
	f.StringVar(&o.iteration, "iteration", "", "explain one iteration instead, a `NAME` such as quick-0:12")
	f.StringVar(&o.variant, "variant", "", "which variant to run, a `NAME` of the scenario's")

	f.StringVar(&r.lock, "lock", "", "lock policy: a `NAME` of fibsim policies")
	f.StringArrayVar(&r.set, "set", nil, "change one `path=value` of the scenario; may be repeated")
	f.StringVar(&r.seed, "seed", "", "seed of random durations, a number `N`")
	f.StringVar(&r.duration, "duration", "", "length of the measured window, a duration `D` such as 10s")
	f.BoolVar(&r.json, "json", false, "print the parts as JSON")
	r.changed, r.ties = f.Changed, tiesRule

	// An error here would mean that a flag above has another name.
	_ = cmd.RegisterFlagCompletionFunc("lock", cobra.FixedCompletions(policy.Names(), cobra.ShellCompDirectiveNoFileComp))
}

// check refuses what makes no sense and settles the backend.
func (o *explainOptions) check() error {
	switch {
	case len(o.run.python) > 0:
		return usage("--python: a real interpreter does not tell what its lock does; use --gil, --native or --sim")
	case o.slowest < 1:
		return usage("--slowest %d: must be 1 or more", o.slowest)
	case o.iteration != "" && (o.group != "" || o.run.changed("slowest")):
		return usage("--iteration names one; it goes without --group and --slowest")
	}
	if !o.run.native && !o.run.changed("sim") {
		o.run.gil = true
	}
	if err := o.run.check(); err != nil {
		return err
	}
	count := 0
	for _, chosen := range []bool{o.run.chosen.gil, o.run.chosen.native, o.run.chosen.simGIL, o.run.chosen.simNative} {
		if chosen {
			count++
		}
	}
	if count > 1 {
		return usage("explain: choose one backend: --gil, --native, --sim=gil or --sim=native")
	}
	return o.parseIteration()
}

// parseIteration reads GROUP-WORKER:NUMBER.
func (o *explainOptions) parseIteration() error {
	if !o.run.changed("iteration") {
		return nil
	}
	who, number, _ := strings.Cut(o.iteration, ":")
	group, worker, _ := strings.Cut(who, "-")
	id, idErr := strconv.Atoi(worker)
	seq, seqErr := strconv.ParseInt(number, 10, 64)
	if group == "" || idErr != nil || seqErr != nil || id < 0 || seq < 0 {
		return usage("--iteration %s: must be group, worker and number, such as quick-0:12", o.iteration)
	}
	o.worker, o.seq = trace.Thread{Group: group, Worker: id}, seq
	return nil
}

// choose leaves one variant in a scenario and checks that it has what the flags name.
func (o *explainOptions) choose(s *scenarios.Scenario) error {
	if err := oneVariant(s, o.variant); err != nil {
		return err
	}
	return o.known(s.Variants[0].Program)
}

// oneVariant leaves the variant of that name in a scenario: where it has none, the
// name is empty.
func oneVariant(s *scenarios.Scenario, name string) error {
	var names []string
	for _, v := range s.Variants {
		names = append(names, v.Name)
	}
	k := slices.Index(names, name)
	switch {
	case k >= 0:
	case names[0] == "":
		return usage("--variant %s: the scenario has no variants", name)
	case name == "":
		return usage("--variant: choose one of %s", strings.Join(names, ", "))
	default:
		return usage("--variant: no variant is named %q; %s", name, didYouMean(name, names))
	}
	s.Variants = s.Variants[k : k+1]
	return nil
}

// known checks that a program has the group or the worker that the flags name.
func (o *explainOptions) known(p *workloads.Program) error {
	counts := map[string]int{}
	var groups []string
	for _, c := range p.Cohorts() {
		groups = append(groups, c.Name)
		counts[c.Name] = c.Count
	}
	if o.group != "" && counts[o.group] == 0 {
		return usage("--group: no group is named %q; %s", o.group, didYouMean(o.group, groups))
	}
	if o.iteration == "" {
		return nil
	}
	switch n := counts[o.worker.Group]; {
	case n == 0:
		return usage("--iteration: no group is named %q; %s", o.worker.Group, didYouMean(o.worker.Group, groups))
	case o.worker.Worker >= n:
		return usage("--iteration: %s has %s, counted from 0", o.worker.Group, count(n, "worker"))
	}
	return nil
}

// explain runs the scenario and explains what came out.
func (a *app) explain(ctx context.Context, o *explainOptions, s *scenarios.Scenario) error {
	if _, err := o.run.bearable(s); err != nil {
		return err
	}
	backends, warnings, err := a.open(ctx, &o.run)
	if err != nil {
		return err
	}
	if err := parkable(s, backends); err != nil {
		return err
	}
	if _, err := a.resolve(ctx, s, backends); err != nil {
		return err
	}
	report, err := a.once(ctx, s, backends)
	if err != nil {
		return &sessionError{err: err}
	}
	if report.Log == nil {
		return &hostError{fmt.Errorf("%s does not tell what its threads did", backends[0].Name())}
	}
	if err := term.Warnings(a.stderr, a.style(a.stderr), told(append(warnings, report.Warnings...))); err != nil {
		return written(err)
	}
	a.notes(s.Notes)
	e := &explained{options: o, scenario: s, backend: backends[0], report: report}
	e.history, e.groups = explain.Read(report)
	if o.iteration != "" {
		return a.showOne(e)
	}
	if o.group != "" {
		e.groups = slices.DeleteFunc(e.groups, func(g explain.Group) bool { return g.Name != o.group })
	}
	if o.run.json {
		return a.explainJSON(e, e.groups)
	}
	return a.showSlowest(e)
}

// explained is a run with what there is to say about it.
type explained struct {
	options  *explainOptions
	scenario *scenarios.Scenario
	backend  session.Backend
	report   *trace.Report
	history  *explain.History
	groups   []explain.Group
}

// once makes one run that keeps its log.
func (a *app) once(ctx context.Context, s *scenarios.Scenario, backends []session.Backend) (*trace.Report, error) {
	v := s.Variants[0]
	steps := session.NewPlan(session.PlanOptions{
		Variants: []session.Variant{{Name: v.Name, Program: v.Program}}, Backends: backends, Repeat: 1, Seed: s.Seed,
	})
	progress := term.NewProgress(a.stderr, a.style(a.stderr))
	defer progress.Clear()
	var out *trace.Report
	err := session.Run(ctx, steps, session.Hooks{
		Events: true,
		Add: func(_ results.RunInfo, r *trace.Report) error {
			out = r
			return nil
		},
		Progress: func(p session.Progress) { progress.Show(p.Run.Order, p.Runs, p.Run.String(), p.Left) },
	})
	if err == nil && out == nil {
		err = errors.New("the run has no report")
	}
	return out, err
}

// told returns warnings in the form in which results have them.
func told(list []trace.Warning) []results.Warning {
	var out []results.Warning
	for _, w := range list {
		out = append(out, results.Warning{Code: w.Code, Message: w.Message, Hint: w.Hint})
	}
	return out
}

// about writes a group's explanation.
func (a *app) about(e *explained, g explain.Group) term.Explanation {
	return term.Explanation{Style: a.style(a.stdout), History: e.history, Group: g, Slowest: e.options.slowest}
}

func (a *app) showSlowest(e *explained) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s, %s\n", e.name(), e.backend.Name(), e.backend.Evidence())
	for _, g := range e.groups {
		b.WriteByte('\n')
		if err := a.about(e, g).Write(&b); err != nil {
			return err
		}
	}
	if !e.report.Ready {
		b.WriteString("\nThis backend does not see a thread without a CPU: that time is in what it was doing.\n")
	}
	return a.print(b.String())
}

// name names the scenario and its variant.
func (e *explained) name() string {
	if v := e.scenario.Variants[0].Name; v != "" {
		return e.scenario.Name + ", " + v
	}
	return e.scenario.Name
}

// showOne explains the iteration that was asked for.
func (a *app) showOne(e *explained) error {
	o := e.options
	first, last := int64(-1), int64(-1)
	for _, g := range e.groups {
		for i := range g.Iterations {
			it := &g.Iterations[i]
			if e.history.Threads()[it.Thread] != o.worker {
				continue
			}
			if it.Seq == o.seq {
				g.Iterations = g.Iterations[i : i+1]
				if o.run.json {
					return a.explainJSON(e, []explain.Group{g})
				}
				var b strings.Builder
				if err := a.about(e, g).WriteOne(&b, it); err != nil {
					return err
				}
				return a.print(b.String())
			}
			if first < 0 || it.Seq < first {
				first = it.Seq
			}
			last = max(last, it.Seq)
		}
	}
	who, _, _ := strings.Cut(o.iteration, ":")
	if first < 0 {
		return usage("--iteration %s: no iteration of %s ended in the window", o.iteration, who)
	}
	return usage("--iteration %s: the iterations of %s in the window are %d to %d", o.iteration, who, first, last)
}
