package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/scenarios"
)

// mostCombinations is how many variants a sweep can have: beyond, its table is no
// longer read, and a measured one takes hours.
const mostCombinations = 200

func (a *app) sweepCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "sweep FILE|NAME --set path=a,b,c...",
		Short: "Run a scenario with every combination of settings",
		Long: `Run a scenario once for each combination of the values that --set lists, and print
one table. Each combination is a variant, so that --repeat interleaves them, and -o
writes one directory: its CSV files have a column param_PATH for each setting that
varies, in ns where the values are durations. A comma inside brackets does not
separate values.

Claims are about a scenario as it is written, and are left out. The other flags are
those of run.`,
		Example: `  fibsim sweep mixed --sim=gil --set interpreter.switch_interval=0.5ms,1ms,5ms,50ms -o sweep
  fibsim plot sweep --kind interval
  fibsim sweep mixed --sim --set machine.cpus=1,2,4 --set threads.crunch.count=1,2`,
		Args:              oneScenario,
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			s, err := o.loadSweep(args[0])
			if err != nil {
				return err
			}
			return a.session(cmd.Context(), &o, s)
		},
	}
	o.register(cmd)
	cmd.Flags().Lookup("set").Usage = "values of a setting, `path=a,b,c`; may be repeated"
	return cmd
}

// dimension is a setting with the values that it has in turn.
type dimension struct {
	path   string
	values []string
}

// common are the keys of a scenario that all its variants share.
var common = []string{"version", "name", "title", "question", "about", "repeat", "variants", "expect"}

// combination has one value of each dimension.
type combination []string

// loadSweep reads the scenario once for each combination, and makes them variants of
// one scenario. It settles the columns of the settings that vary.
func (o *runOptions) loadSweep(name string) (*scenarios.Scenario, error) {
	varying, fixed, err := dimensions(o.set)
	if err != nil {
		return nil, err
	}
	count := 1
	for _, d := range varying {
		count *= len(d.values)
		if count > mostCombinations {
			return nil, usage("sweep: these are more than %d combinations; leave out some values", mostCombinations)
		}
	}
	if len(varying) == 0 {
		return nil, usage("sweep: no --set has several values, such as --set interpreter.switch_interval=1ms,5ms")
	}
	o.set = fixed
	shared, err := o.overrides()
	if err != nil {
		return nil, err
	}
	var whole *scenarios.Scenario
	var names []string
	all := combinations(varying)
	for _, c := range all {
		overrides := slices.Clone(shared)
		for i, d := range varying {
			overrides = append(overrides, scenarios.Override{Flag: "--set " + d.path + "=" + c[i], Path: d.path, Value: c[i]})
		}
		s, err := scenarios.Find(name, overrides...)
		if err != nil {
			return nil, err
		}
		if s.Variants[0].Name != "" {
			return nil, usage("sweep: %s has variants of its own, and a sweep makes them; sweep a copy without them and the claims about them "+
				"(`fibsim scenarios show %s > mine.yaml`)", s.Path, name)
		}
		own := variantName(varying, c)
		for n := 2; slices.Contains(names, own); n++ {
			own = fmt.Sprintf("%s_%d", variantName(varying, c), n)
		}
		names = append(names, own)
		s.Variants[0].Name = own
		if whole == nil {
			whole = s
			whole.Claims = nil
			continue
		}
		whole.Variants = append(whole.Variants, s.Variants[0])
		for _, note := range s.Notes {
			if !slices.Contains(whole.Notes, note) {
				whole.Notes = append(whole.Notes, note)
			}
		}
	}
	o.params = params(varying, all, names)
	return whole, nil
}

// dimensions sorts the arguments of --set into those with several values and others.
func dimensions(set []string) (varying []dimension, fixed []string, err error) {
	for _, arg := range set {
		one, err := scenarios.ParseSet(arg)
		if err != nil {
			return nil, nil, usage("%v", err)
		}
		values := split(one.Value)
		if len(values) == 1 {
			fixed = append(fixed, arg)
			continue
		}
		for i, v := range values {
			if v == "" {
				return nil, nil, usage("--set %s: the value between two commas is missing", arg)
			}
			if slices.Contains(values[:i], v) {
				return nil, nil, usage("--set %s: %s comes twice", arg, v)
			}
		}
		if slices.ContainsFunc(varying, func(d dimension) bool { return d.path == one.Path }) {
			return nil, nil, usage("--set %s: the path comes twice; list its values with commas", arg)
		}
		if slices.Contains(common, one.Path) || strings.HasPrefix(one.Path, "expect.") || strings.HasPrefix(one.Path, "variants.") {
			return nil, nil, usage("--set %s: %s is the same for the whole command", arg, one.Path)
		}
		varying = append(varying, dimension{one.Path, values})
	}
	return varying, fixed, nil
}

// split splits a text at the commas that are in no bracket.
func split(text string) []string {
	var out []string
	depth, start := 0, 0
	for i, c := range text {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, strings.TrimSpace(text[start:i]))
				start = i + 1
			}
		}
	}
	return append(out, strings.TrimSpace(text[start:]))
}

// combinations returns all of them, the values of the last dimension changing first.
func combinations(varying []dimension) []combination {
	out := []combination{nil}
	for _, d := range varying {
		var longer []combination
		for _, c := range out {
			for _, v := range d.values {
				longer = append(longer, append(slices.Clone(c), v))
			}
		}
		out = longer
	}
	return out
}

var noName = regexp.MustCompile(`[^a-z0-9]+`)

// variantName names a combination by its settings: the last step of each path, and its
// value.
func variantName(varying []dimension, c combination) string {
	name := ""
	for i, d := range varying {
		last := d.path[strings.LastIndex(d.path, ".")+1:]
		name += "_" + last + "_" + noName.ReplaceAllString(strings.ToLower(c[i]), "_")
	}
	return strings.Trim(name, "_")
}

// params returns the columns of the settings, with the values that each variant has.
func params(varying []dimension, all []combination, names []string) []results.Param {
	var out []results.Param
	for i, d := range varying {
		kind, suffix, write := reading(d.values)
		p := results.Param{
			Column: results.Column{
				Name: "param_" + strings.ReplaceAll(d.path, ".", "_") + suffix, Type: kind,
				Doc: "What the sweep sets " + d.path + " to.",
			},
			Values: map[string]string{},
		}
		for j, c := range all {
			p.Values[names[j]] = write(c[i])
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b results.Param) int { return strings.Compare(a.Column.Name, b.Column.Name) })
	return out
}

// reading says how all values of a setting can be read: as durations, which are
// written in ns, as whole or other numbers, or as text.
func reading(values []string) (kind, suffix string, write func(string) string) {
	all := func(reads func(string) bool) bool {
		return !slices.ContainsFunc(values, func(v string) bool { return !reads(v) })
	}
	plain := func(v string) string { return v }
	switch {
	case all(func(v string) bool { _, err := scenarios.ParseDuration(v); return err == nil }):
		return "integer", "_ns", func(v string) string {
			d, _ := scenarios.ParseDuration(v)
			return strconv.FormatInt(int64(d), 10)
		}
	case all(func(v string) bool { _, err := strconv.ParseInt(v, 10, 64); return err == nil }):
		return "integer", "", plain
	case all(func(v string) bool { _, err := strconv.ParseFloat(v, 64); return err == nil }):
		return "number", "", func(v string) string {
			x, _ := strconv.ParseFloat(v, 64)
			return results.Float(x).String()
		}
	}
	return "string", "", plain
}
