package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/scenarios"
)

// validateOptions are the flags of validate.
type validateOptions struct {
	python pythonPaths

	repeat, duration, seed, costs string // as typed: the scenario loader reads them
	set                           []string

	csv  string
	json bool

	changed func(flag string) bool
}

// Repetitions: by default so many that each half of the reference has three, and at
// least one in each half.
const (
	defaultRepetitions = 6
	leastRepetitions   = 2
)

func (o *validateOptions) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.Var(&o.python, "python", "the interpreter at `PATH`; may be repeated, and the first is the reference")
	f.Lookup("python").NoOptDefVal = bareForm
	f.StringVar(&o.repeat, "repeat", "", "repetitions on each backend, a number `N` (at least 6 unless given)")
	f.StringVar(&o.duration, "duration", "", "length of the measured window, a duration `D` such as 2s")
	f.StringVar(&o.seed, "seed", "", "seed of random durations, a number `N`")
	f.StringArrayVar(&o.set, "set", nil, "change one `path=value` of the scenarios; may be repeated")
	f.StringVar(&o.costs, "costs", "", "costs of predictions and of theory: default, host or `PATH`")
	f.StringVar(&o.csv, "csv", "", "write the comparison to `FILE`; - is standard output")
	f.BoolVar(&o.json, "json", false, "print the comparison as JSON")
	o.changed = f.Changed
}

// check refuses combinations that make no sense.
func (o *validateOptions) check() error {
	switch {
	case o.changed("csv") && o.csv == "":
		return usage("--csv: needs the name of a file, or - for standard output")
	case o.json && o.csv == "-":
		return usage("--json and --csv - both want standard output; give the CSV a file name")
	}
	if n, err := strconv.Atoi(o.repeat); err == nil && n < leastRepetitions {
		return usage("--repeat %s: must be %d or more: an interval needs repetitions", o.repeat, leastRepetitions)
	}
	return nil
}

// backends returns the choice of backends: gil, the simulator and the interpreters
// that were named, or the one there is.
func (o *validateOptions) backends() *runOptions {
	return &runOptions{ties: tiesRule, chosen: chosen{gil: true, simGIL: true, python: o.python, optional: len(o.python) == 0}}
}

// load reads the scenarios with the flags' changes and, where no --set has the same
// path, those that come of themselves.
func (o *validateOptions) load(names []string, surroundings []scenarios.Override) ([]*scenarios.Scenario, error) {
	run := runOptions{set: o.set, repeat: o.repeat, duration: o.duration, seed: o.seed, changed: o.changed}
	overrides, err := run.overrides()
	if err != nil {
		return nil, err
	}
	given := map[string]bool{}
	for _, one := range overrides {
		given[one.Path] = true
	}
	for _, one := range surroundings {
		if !given[one.Path] {
			overrides = append(overrides, one)
		}
	}
	if o.changed("costs") {
		overrides = append(overrides, scenarios.Override{Flag: "--costs " + o.costs, Path: "machine.costs", Value: o.costs})
	}
	var list []*scenarios.Scenario
	for _, name := range names {
		s, err := scenarios.Find(name, overrides...)
		if err != nil {
			return nil, err
		}
		// What cannot be measured cannot be compared, either.
		measured := runOptions{chosen: chosen{gil: true}}
		if _, err := measured.bearable(s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// repetitions returns how many a scenario gets: those asked for, otherwise its own,
// and enough of them.
func (o *validateOptions) repetitions(s *scenarios.Scenario) int {
	if o.changed("repeat") {
		return s.Repeat
	}
	return max(s.Repeat, defaultRepetitions)
}
