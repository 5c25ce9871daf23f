package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/internal/calibrate"
	"github.com/fibsim/fibsim/internal/cpython"
	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/internal/term"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/sim/machine"
)

// calibrateOptions are the flags of calibrate.
type calibrateOptions struct {
	output   string
	python   pythonPaths
	patience time.Duration // how long to go on while others use the host, all together
}

func (a *app) calibrateCommand() *cobra.Command {
	var o calibrateOptions
	cmd := &cobra.Command{
		Use:   "calibrate",
		Short: "Measure what things cost on this host, for the simulator",
		Long: `Measure what system calls, context switches, wake-ups, sleeps, sockets and the
lock cost on this host, and write it to the file that the simulator reads when a
scenario says machine: {costs: host}. It takes 14 seconds; the host should have
nothing else to do. What other programs disturb, or other virtual machines, is
measured again for as long as --patience says.`,
		Example: `  fibsim calibrate
  fibsim calibrate --python                the costs of python3, too
  fibsim calibrate -o costs.yaml           for machine: {costs: costs.yaml}`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.patience < 0 {
				return usage("--patience: must be 0 or more, got %v", o.patience)
			}
			return a.calibrate(cmd.Context(), &o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.Var(&o.python, "python", "measure the interpreter at `PATH`, too; may be repeated")
	f.Lookup("python").NoOptDefVal = bareForm
	f.StringVarP(&o.output, "output", "o", "", "write to `FILE` instead of the user's cache folder")
	f.DurationVar(&o.patience, "patience", 30*time.Second, "go on for `D` more, at most, while others use the host")
	return cmd
}

// calibrate measures, writes the file and says what it holds.
func (a *app) calibrate(ctx context.Context, o *calibrateOptions) error {
	path := o.output
	if path == "" {
		var err error
		if path, err = predict.HostFile(); err != nil {
			return &hostError{err}
		}
	}
	if err := writable(path); err != nil {
		return unwritable(path, err)
	}
	if o.output != "" && holdsOther(path) {
		return unwritable(path, errors.New("it exists and holds something else than costs"))
	}
	interpreters, _, err := openInterpreters(ctx, chosen{python: o.python})
	if err != nil {
		return err
	}
	host := results.CollectHost()
	file, disturbed, err := a.measure(ctx, interpreters, o.patience)
	if err != nil {
		return err
	}
	if len(disturbed) > 0 {
		file.Disturbed = strings.Join(disturbed, comma)
		fmt.Fprintf(a.stderr, "note: others used the CPUs during %s, and costs came out too high: calibrate again when they have left\n", file.Disturbed)
	}
	file.Host, file.Measured = costHost(host), time.Now().Truncate(time.Second)
	a.notes(keepInterpreters(file, path))
	if err := results.ReplaceFile(path, file.Encode(predict.Keys())); err != nil {
		return err
	}
	return a.print(costList(file, path))
}

// unwritable is the error for a path that costs cannot be written to.
func unwritable(path string, err error) error {
	return usage("calibrate: cannot write %s: %v; name another file with -o FILE", path, err)
}

// holdsOther reports whether there is a file that is none of costs: one that was
// named by mistake must not be lost.
func holdsOther(path string) bool {
	info, err := os.Stat(path)
	if err != nil || info.Size() == 0 || !info.Mode().IsRegular() {
		return false
	}
	_, err = scenarios.LoadCosts(path, predict.Keys())
	return err != nil
}

// writable makes the folder of a file and fails where none can be put into it.
func writable(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return errors.New("it is a directory")
	case err == nil && info.Mode()&fs.ModeNamedPipe != 0:
		return errors.New("it is a pipe")
	case err == nil && !info.Mode().IsRegular():
		return nil // a device, into which is written straight
	}
	probe, err := os.CreateTemp(filepath.Dir(path), ".fibsim-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// measure takes all costs, with progress on a terminal. It returns what others disturbed, too.
func (a *app) measure(ctx context.Context, interpreters []*cpython.Backend, patience time.Duration) (file *scenarios.CostFile, disturbed []string, err error) {
	progress := term.NewProgress(a.stderr, a.style(a.stderr))
	defer progress.Clear()
	m, err := a.measureHost(ctx, calibrate.Options{Patience: patience, CPUTime: a.cpuTime, Progress: func(step, steps int, what string) {
		progress.Say(fmt.Sprintf("measuring %d of %d: %s", step, steps, what))
	}})
	if err != nil {
		return nil, nil, stopped(ctx, err)
	}
	file = &scenarios.CostFile{Costs: predict.Values(m.Costs.Fields(), m.Names)}
	for _, b := range interpreters {
		progress.Say("measuring " + b.Name())
		before, known := a.cpuTime()
		c, err := b.Costs(ctx)
		if err != nil {
			return nil, nil, stopped(ctx, err)
		}
		if after, _ := a.cpuTime(); known && disturbing(before, after) {
			m.Disturbed = append(m.Disturbed, b.Name())
		}
		file.Interpreters = append(file.Interpreters, interpreterCosts(b, c))
	}
	return file, m.Disturbed, nil
}

// interpreterCosts puts what was measured on an interpreter into the form of cost
// files. What could not be told is left out.
func interpreterCosts(b *cpython.Backend, c cpython.Costs) scenarios.InterpreterCosts {
	var i machine.Interpreter
	var names []string
	for _, one := range []struct {
		name string
		ns   float64
		set  func(ns float64)
	}{
		{"fib_call", c.FibCall, func(ns float64) { i.FibCall = ns }},
		{"release_take", c.ReleaseTake, func(ns float64) { i.ReleaseTake = int64(ns + 0.5) }},
		{"send", c.Send, func(ns float64) { i.Send = int64(ns + 0.5) }},
		{"recv", c.Recv, func(ns float64) { i.Recv = int64(ns + 0.5) }},
		{"request", c.Request, func(ns float64) { i.Request = int64(ns + 0.5) }},
	} {
		if one.ns > 0 {
			one.set(one.ns)
			names = append(names, one.name)
		}
	}
	return scenarios.InterpreterCosts{Name: b.Name(), Version: b.Interpreter().Version, Costs: predict.Values(i.Fields(), names)}
}

// comma is between what was disturbed.
const comma = ", "

// keepInterpreters takes over the costs of interpreters that an earlier calibration
// of the same host found and this one did not look for, with their date, and that they were disturbed. It says
// which are left out because of the date.
func keepInterpreters(file *scenarios.CostFile, path string) (notes []string) {
	old, err := scenarios.LoadCosts(path, predict.Keys())
	if err != nil || len(predict.Differences(old.Host, file.Host)) > 0 {
		return nil // there is none, or none that matters
	}
	for _, i := range old.Interpreters {
		if file.Interpreter(i.Name) != nil {
			continue
		}
		i.Measured = old.MeasuredAt(&i)
		if stale := predict.Stale(i.Measured, file.Measured); stale != "" {
			notes = append(notes, fmt.Sprintf("the costs of %s are left out: they are %s; --python=PATH measures it again", i.Name, stale))
			continue
		}
		file.Interpreters = append(file.Interpreters, i)
		if slices.Contains(strings.Split(old.Disturbed, comma), i.Name) {
			file.Disturbed = strings.TrimPrefix(file.Disturbed+comma+i.Name, comma)
		}
	}
	slices.SortFunc(file.Interpreters, func(x, y scenarios.InterpreterCosts) int { return strings.Compare(x.Name, y.Name) })
	return notes
}

// costHost returns what tells this host from others.
func costHost(h results.Host) scenarios.CostHost {
	return scenarios.CostHost{
		OS: h.OS, Arch: h.Arch, CPUModel: h.CPUModel, CPUs: h.CPUs,
		Kernel: h.Kernel, Virtualisation: h.Virtualisation, Go: h.GoVersion,
	}
}

// costList says what a cost file holds, with the median of what is spread.
func costList(f *scenarios.CostFile, path string) string {
	var b strings.Builder
	absent := writeCosts(&b, predict.Keys().Host, f.Costs)
	for _, i := range f.Interpreters {
		fmt.Fprintf(&b, "\n%s %s", i.Name, i.Version)
		if !i.Measured.IsZero() {
			fmt.Fprintf(&b, ", measured before, on %s", i.Measured.Format(time.DateOnly))
		}
		b.WriteByte('\n')
		writeCosts(&b, predict.Keys().Interpreter, i.Costs)
	}
	if len(absent) > 0 {
		fmt.Fprintf(&b, "\nnot measured, so that defaults hold: %s\n", strings.Join(absent, ", "))
	}
	fmt.Fprintf(&b, "\nwritten to %s\n", path)
	return b.String()
}

func writeCosts(b *strings.Builder, keys []scenarios.CostKey, costs map[string]any) (absent []string) {
	for _, k := range keys {
		var ns float64
		switch v := costs[k.Name].(type) {
		case nil:
			absent = append(absent, k.Name)
			continue
		case int64:
			ns = float64(v)
		case float64:
			ns = v
		case [6]int64:
			ns = float64(v[2])
		}
		fmt.Fprintf(b, "%-14s %10s  %s\n", k.Name, nanoseconds(ns), strings.TrimPrefix(k.Doc, "ns "))
	}
	return absent
}

// nanoseconds writes a length with three digits or so and its unit.
func nanoseconds(ns float64) string {
	switch {
	case ns < 1e3:
		return fmt.Sprintf("%.3g ns", ns)
	case ns < 1e6:
		return fmt.Sprintf("%.3g µs", ns/1e3)
	}
	return fmt.Sprintf("%.3g ms", ns/1e6)
}

// loadCosts reads the costs that the variants of a scenario ask for.
func loadCosts(s *scenarios.Scenario) (*predict.Costs, error) {
	var names []string
	for _, v := range s.Variants {
		names = append(names, v.Program.Machine.Costs)
	}
	p := predict.Place{Now: time.Now(), Beside: folderOf(s.Path)}
	if slices.Contains(names, predict.Host) {
		var err error
		if p.HostFile, err = predict.HostFile(); err != nil {
			return nil, &hostError{err}
		}
		p.Here = costHost(results.CollectHost())
	}
	costs, err := predict.LoadCosts(names, p)
	var missing *predict.HostError
	if errors.As(err, &missing) {
		return nil, &hostError{err}
	}
	return costs, err
}

// folderOf returns the folder of a scenario's file; empty for one that comes with
// the program.
func folderOf(path string) string {
	if i := strings.LastIndexAny(path, `/\`); i >= 0 {
		return path[:i+1]
	}
	if _, err := os.Stat(path); err == nil {
		return "."
	}
	return ""
}

// predictions are the backends among others that predict.
func predictions(backends []session.Backend) []*predict.Backend {
	var list []*predict.Backend
	for _, b := range backends {
		if p, ok := b.(*predict.Backend); ok {
			list = append(list, p)
		}
	}
	return list
}
