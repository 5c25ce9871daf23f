package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/internal/term"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/workloads"
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

// candidate is one way to build the server.
type candidate struct {
	name   string
	model  workloads.Model
	lock   string // "" for the scenario's
	native bool   // Go's scheduler, and no interpreter
	why    string // what makes its figures what they are; %d stands for the workers
}

// candidates are all of them, in the order of the article.
var candidates = []candidate{
	{name: "sequential", model: workloads.Sequential, why: "one connection at a time, until it ends"},
	{name: "threads", model: workloads.Threads, why: "one lock for all threads"},
	{name: "processes", model: workloads.Processes, why: "%d worker processes compute, each with a lock of its own, behind pipes"},
	{name: "prefork", model: workloads.Prefork, why: "%d processes share the connections, each with a lock of its own"},
	{name: "interpreters", model: workloads.Interpreters, why: "%d interpreters in one process share the connections, each with a lock of its own"},
	{name: "coroutines", model: workloads.Coroutines, why: "one thread serves all, and what computes holds up the others"},
	{name: "coroutines+processes", model: workloads.CoroutinesProcesses, why: "one thread passes requests on to %d worker processes"},
	{name: "no lock", model: workloads.Threads, lock: "none", why: "threads without a lock, as in a free-threaded build"},
	{name: "native", model: workloads.Threads, native: true, why: "goroutines, and no interpreter"},
}

// advice is what was predicted of one candidate.
type advice struct {
	candidate
	program *workloads.Program
	short   string // the group that asks for the least

	rate, p50, p99 results.Cell
	alone          results.Cell // p50 of one connection of short by itself
	starved        int          // connections that are never served
	rank           int
}

// advise predicts the scenario under each candidate and shows them ranked.
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
		if table, err = results.CreateTable(o.csv, a.stdout, adviceColumns); err != nil {
			return err
		}
	}
	list, err := a.predictAll(ctx, o, nameOrPath, overrides)
	if err == nil {
		rankAdvice(list)
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

// predictAll predicts the scenario under each candidate.
func (a *app) predictAll(ctx context.Context, o *adviseOptions, nameOrPath string, overrides []scenarios.Override) ([]*advice, error) {
	var list []*advice
	progress := term.NewProgress(a.stderr, a.style(a.stderr))
	defer progress.Clear()
	for _, c := range candidates {
		progress.Say("predicting " + c.name)
		changes := append(slices.Clone(overrides), scenarios.Override{Flag: "advise: server.model", Path: "server.model", Value: string(c.model)})
		if c.lock != "" {
			changes = append(changes, scenarios.Override{Flag: "advise: interpreter.lock", Path: "interpreter.lock", Value: c.lock})
		}
		s, err := scenarios.Find(nameOrPath, changes...)
		if err == nil {
			err = oneVariant(s, o.variant)
		}
		if err != nil {
			return nil, err
		}
		one, err := a.predictOne(ctx, &o.run, c, s)
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

// predictOne predicts a scenario under one candidate.
func (a *app) predictOne(ctx context.Context, run *runOptions, c candidate, s *scenarios.Scenario) (*advice, error) {
	one := &advice{candidate: c, program: s.Variants[0].Program}
	o := *run
	o.chosen = chosen{simGIL: !c.native, simNative: c.native}
	backends, _, err := a.open(ctx, &o)
	if err != nil {
		return nil, err
	}
	if _, err := a.resolve(ctx, s, backends); err != nil {
		return nil, err
	}
	for window := one.program.Duration; ; window *= 4 {
		program := *one.program
		program.Duration = window
		s.Variants[0].Program = &program
		set, err := a.predicted(ctx, &o, s, backends)
		if err != nil {
			return nil, err
		}
		one.take(set, s.Variants[0].Name)
		if _, known := one.p99.Value(); known || one.starved > 0 || o.changed("duration") || 4*window > longestAdvice {
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

// take reads the figures of a candidate.
func (one *advice) take(set *results.Set, variant string) {
	backend := set.Backends[0]
	clients := slices.Clone(one.program.Clients)
	slices.SortStableFunc(clients, func(a, b workloads.Client) int { return a.Request - b.Request })
	one.short, one.starved = clients[0].Name, 0
	if one.model == workloads.Sequential {
		one.starved = one.connections() - 1 // the first one stays
	}
	rate := 0.0
	for _, c := range clients {
		k := results.Key{Variant: variant, Backend: backend, Group: c.Name}
		got, _ := set.Median(k, "throughput_per_s").Value()
		rate += got
	}
	one.rate = results.Float(rate)
	k := results.Key{Variant: variant, Backend: backend, Group: one.short}
	one.p50, one.p99 = set.Median(k, "response_p50_ns"), set.Median(k, "response_p99_ns")
	k.Alone = true
	one.alone = set.Median(k, "response_p50_ns")
}
