package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/tracefile"
	"github.com/fibsim/fibsim/scenarios"
)

// runOptions are the flags of run.
type runOptions struct {
	gil, native, all bool
	sim              string
	python           pythonPaths

	ties                         string
	lock, seed, repeat, duration string // as typed: the scenario loader reads them
	set                          []string
	noBaseline                   bool

	dir, csv, trace, report     string
	force, states, keepBaseline bool
	verify, json, quiet         bool
	values                      bool

	traceWindow string
	traceMost   int64

	timeline   bool
	windowText string
	window     window // of the timeline; the zero window is the telling one

	params []results.Param // of a sweep

	changed func(flag string) bool
	chosen  chosen
}

// chosen says which backends a run has.
type chosen struct {
	gil, native       bool
	simGIL, simNative bool
	python            []string // interpreters; an empty path is python3 of PATH
	optional          bool     // python3 of PATH, where there is one
}

// pythonPaths collects the interpreters of --python.
type pythonPaths []string

// bareForm is what the flag parser gives a --python that has no value.
const bareForm = "python3"

func (p *pythonPaths) String() string { return strings.Join(*p, ",") }
func (p *pythonPaths) Type() string   { return "PATH" }
func (p *pythonPaths) Set(path string) error {
	if path == bareForm {
		path = ""
	}
	*p = append(*p, path)
	return nil
}

func (o *runOptions) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&o.gil, "gil", false, "run under the emulated interpreter lock")
	f.BoolVar(&o.native, "native", false, "run on Go's own scheduler, without a lock")
	f.StringVar(&o.sim, "sim", "", "predict a `LIST` of backends in virtual time")
	f.Lookup("sim").NoOptDefVal = bothSims
	f.Var(&o.python, "python", "run in the interpreter at `PATH`; may be repeated")
	f.Lookup("python").NoOptDefVal = bareForm
	f.BoolVar(&o.all, "all", false, "all of these; python where there is one")

	f.StringVar(&o.ties, "ties", tiesRule, "break ties of the simulator by `RULE`, or random")

	f.StringVar(&o.lock, "lock", "", "lock policy: a `NAME` of fibsim policies")
	f.StringArrayVar(&o.set, "set", nil, "change one `path=value` of the scenario; may be repeated")
	f.StringVar(&o.seed, "seed", "", "seed of random durations and of the order of runs, a number `N`")
	f.StringVar(&o.repeat, "repeat", "", "repetitions on each backend, a number `N`")
	f.StringVar(&o.duration, "duration", "", "length of the measured window, a duration `D` such as 10s")
	f.BoolVar(&o.noBaseline, "no-baseline", false, "do not run each group alone first")

	f.StringVarP(&o.dir, "output", "o", "", "write all results to the directory `DIR`")
	f.BoolVar(&o.force, "force", false, "let DIR hold files already")
	f.StringVar(&o.csv, "csv", "", "write samples to `FILE`; - is standard output")
	f.BoolVar(&o.states, "states", false, "write states.csv, events.csv and tasks.csv to DIR, too")
	f.StringVar(&o.report, "report", "", "make a page of the results, too: `FILE`")
	f.StringVar(&o.trace, "trace", "", "write a trace for ui.perfetto.dev to `FILE`.pftrace or .json.gz")
	f.StringVar(&o.traceWindow, "trace-window", "", "trace this stretch alone: a length and a start, `D@T`")
	f.Int64Var(&o.traceMost, "trace-max-events", tracefile.MostEvents, "trace at most `N` events, over all runs")
	f.BoolVar(&o.keepBaseline, "keep-baseline", false, "write the samples of groups alone, too")
	f.BoolVar(&o.values, "show-values", false, "print the values of count in order, for each backend")
	f.BoolVar(&o.timeline, "timeline", false, "draw what each thread did, below the table")
	f.StringVar(&o.windowText, "window", "", "stretch of --timeline: a length and a start, `D@T`, as in 40ms@1s")
	f.BoolVar(&o.verify, "verify", false, "check the invariants of every run")
	f.BoolVar(&o.json, "json", false, "print all that is known as JSON")
	f.BoolVar(&o.quiet, "quiet", false, "print verdicts and errors only")
	o.changed = f.Changed

	// An error here would mean that a flag above has another name.
	_ = cmd.RegisterFlagCompletionFunc("lock", cobra.FixedCompletions(policy.Names(), cobra.ShellCompDirectiveNoFileComp))
}

func (o *runOptions) checkTies() error {
	if o.ties != tiesRule && o.ties != tiesRandom {
		return usage("--ties: must be %s or %s, got %q", tiesRule, tiesRandom, o.ties)
	}
	return nil
}

// check refuses what cannot be done and combinations that make no sense, and
// settles which backends are wanted.
func (o *runOptions) check() error {
	file := o.dir != "" || o.csv != ""
	if err := o.checkTies(); err != nil {
		return err
	}
	switch {
	case o.changed("output") && o.dir == "":
		return usage("-o: needs the name of a directory")
	case o.changed("csv") && o.csv == "":
		return usage("--csv: needs the name of a file, or - for standard output")
	case o.changed("report") && (o.report == "" || o.report == "-"):
		return usage("--report: needs the name of a file")
	case o.changed("report") && o.dir == "":
		return usage("--report needs -o DIR, as the page is made of its files")
	case o.states && o.dir == "":
		return usage("--states needs -o DIR, where states.csv and events.csv go")
	case o.force && o.dir == "":
		return usage("--force needs -o DIR")
	case o.keepBaseline && o.noBaseline:
		return usage("--keep-baseline and --no-baseline contradict each other")
	case o.keepBaseline && !file:
		return usage("--keep-baseline needs -o DIR or --csv FILE")
	case o.json && o.csv == "-":
		return usage("--json and --csv - both want standard output; give the CSV a file name")
	}
	if err := o.checkTimeline(); err != nil {
		return err
	}
	if err := o.checkTrace(); err != nil {
		return err
	}
	simGIL, simNative, err := o.sims()
	if err != nil {
		return err
	}
	if o.changed("ties") && !simGIL && !simNative {
		return usage("--ties needs --sim: only predictions have ties to break")
	}
	exact := o.gil || o.native || len(o.python) > 0 || simGIL || simNative
	o.chosen = chosen{
		simGIL:    simGIL,
		simNative: simNative,
		gil:       o.gil || o.all || !exact,
		native:    o.native || o.all || !exact,
		python:    o.python,
		optional:  o.all && len(o.python) == 0,
	}
	return nil
}

// outputs are all files that a run writes.
func (o *runOptions) outputs() []namedFile {
	return append(filesIn("-o", o.dir), namedFile{"--csv", o.csv}, namedFile{"--trace", o.trace}, namedFile{"--report", o.report})
}

// The values of --ties, and of --sim without one.
const (
	tiesRule   = "rule"
	tiesRandom = "random"
	bothSims   = "gil,native"
)

// sims returns which backends are to be predicted.
func (o *runOptions) sims() (gil, native bool, err error) {
	if !o.changed("sim") {
		return o.all, o.all, nil
	}
	for _, name := range strings.Split(o.sim, ",") {
		switch strings.TrimSpace(name) {
		case "gil":
			gil = true
		case "native":
			native = true
		default:
			return false, false, usage("--sim: must be gil, native or both, as in --sim=gil,native, got %q", o.sim)
		}
	}
	return gil || o.all, native || o.all, nil
}

// overrides returns the changes to the scenario that the flags ask for. The
// special flags win over --set.
func (o *runOptions) overrides() ([]scenarios.Override, error) {
	var list []scenarios.Override
	for _, arg := range o.set {
		one, err := scenarios.ParseSet(arg)
		if err != nil {
			return nil, usage("%v", err)
		}
		list = append(list, one)
	}
	for _, f := range []struct{ flag, value string }{
		{"lock", o.lock}, {"seed", o.seed}, {"repeat", o.repeat}, {"duration", o.duration},
	} {
		if o.changed(f.flag) {
			list = append(list, scenarios.FlagOverride("--"+f.flag, f.value))
		}
	}
	return list, nil
}
