package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/timeline"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/internal/term"
	"github.com/fibsim/fibsim/internal/tracefile"
)

// traceOutput is the file of --trace.
type traceOutput struct {
	path   string
	file   *tracefile.File
	runs   int
	failed bool
}

// checkTrace refuses flags of the trace that make no sense.
func (o *runOptions) checkTrace() error {
	switch {
	case o.changed("trace") && o.trace == "":
		return usage("--trace: needs the name of a file, such as x.pftrace")
	case o.trace == "" && o.changed("trace-window"):
		return usage("--trace-window needs --trace FILE")
	case o.trace == "" && o.changed("trace-max-events"):
		return usage("--trace-max-events needs --trace FILE")
	case o.trace == "":
		return nil
	}
	return checkTraceFlags("--trace", o.trace, "--trace-window", o.traceWindow, "--trace-max-events", o.traceMost)
}

// checkTraceFlags checks the flags of a trace, with the names that they have.
func checkTraceFlags(fileFlag, path, windowFlag, window, mostFlag string, most int64) error {
	if !tracefile.Format(path) {
		return usage("%s %s: the name must end in .pftrace, .json or .json.gz", fileFlag, path)
	}
	if most < 1 {
		return usage("%s: must be 1 or more, got %d", mostFlag, most)
	}
	if window != "" {
		if _, err := parseWindow(windowFlag, window); err != nil {
			return err
		}
	}
	return nil
}

// traceWindow returns the stretch that a text stands for; without a start it begins
// with the run.
func traceWindow(text string) trace.Window {
	if text == "" {
		return trace.Window{}
	}
	// It has been read once already, when the flags were checked.
	w, _ := parseWindow("", text)
	return trace.Window{Start: int64(w.start), End: int64(w.start + w.length)}
}

// openTrace creates the file of --trace; nil without it.
func openTrace(j *job) (*traceOutput, error) {
	if j.options.trace == "" {
		return nil, nil
	}
	file, err := tracefile.Create(j.options.trace, tracefile.Options{
		Scenario: j.scenario.Name, Hash: tracefile.Hash(j.scenario.EffectiveMap()), Seed: j.scenario.Seed, Version: version,
		Window: traceWindow(j.options.traceWindow), Most: j.options.traceMost, Runs: len(j.scenario.Variants) * len(j.backends),
		WindowFlag: "--trace-window", MostFlag: "--trace-max-events",
	})
	if err != nil {
		return nil, err
	}
	return &traceOutput{path: j.options.trace, file: file}, nil
}

// add writes a run.
func (t *traceOutput) add(j *job, info results.RunInfo, report *trace.Report, line *timeline.Timeline) error {
	if t == nil {
		return nil
	}
	variant := 0
	for i, v := range j.scenario.Variants {
		if v.Name == info.Variant {
			variant = i
		}
	}
	backend := slices.IndexFunc(j.backends, func(b session.Backend) bool { return b.Name() == info.Backend })
	r := tracefile.Run{
		Variant: info.Variant, Backend: info.Backend, Evidence: info.Evidence, Rep: info.Rep, Partial: info.Partial,
		Rank: variant*len(j.backends) + backend, Window: report.Window, Line: line, Workers: tracefile.Workers(report),
	}
	if report.Lock {
		r.Lock = info.Program.Interpreter.Lock
	}
	t.runs++
	err := t.file.Add(r)
	t.failed = t.failed || err != nil
	return err
}

// close ends the file.
func (t *traceOutput) close() error {
	if t == nil {
		return nil
	}
	err := t.file.Close()
	t.failed = t.failed || err != nil
	return err
}

// tellTrace says what is in the trace, and what is not.
func (a *app) tellTrace(j *job) error {
	if j.trace == nil || j.options.quiet {
		return nil
	}
	return a.tellOfTrace(j.trace)
}

func (a *app) tellOfTrace(t *traceOutput) error {
	var list []results.Warning
	for _, w := range t.file.Warnings() {
		list = append(list, results.Warning(w))
	}
	if err := term.Warnings(a.stderr, a.style(a.stderr), list); err != nil {
		return written(err)
	}
	if t.failed {
		return nil
	}
	word := "runs"
	if t.runs == 1 {
		word = "run"
	}
	_, err := fmt.Fprintf(a.stderr, "%s: %d events of %d %s; open it at https://ui.perfetto.dev\n", t.path, t.file.Events(), t.runs, word)
	return written(err)
}

// traceOptions are the flags of trace.
type traceOptions struct {
	out, window string
	most        int64
	rep         int
	chosen      bool // rep was
}

func (a *app) traceCommand() *cobra.Command {
	var o traceOptions
	cmd := &cobra.Command{
		Use:   "trace DIR -o FILE",
		Short: "Write the trace of a result directory",
		Long: `Write what happened in one repetition of each backend as a trace, from the
states.csv and events.csv of a directory that run -o DIR --states has written.
The name of FILE says its format: .pftrace is Perfetto's, .json and .json.gz are
Chrome's. https://ui.perfetto.dev opens both, and sends nothing anywhere.`,
		Example: `  fibsim run mixed -o results --states
  fibsim trace results -o mixed.pftrace
  fibsim trace results -o mixed.json.gz --window 200ms@1s`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("trace: takes one result directory, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.chosen = cmd.Flags().Changed("rep")
			if o.out == "" {
				return usage("trace: needs -o FILE, such as -o x.pftrace")
			}
			if err := checkTraceFlags("-o", o.out, "--window", o.window, "--max-events", o.most); err != nil {
				return err
			}
			if o.rep < 1 {
				return usage("--rep: must be 1 or more, got %d", o.rep)
			}
			return a.traceDir(cmd.Context(), args[0], &o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&o.out, "output", "o", "", "write the trace to `FILE`")
	f.StringVar(&o.window, "window", "", "this stretch alone: a length and a start, `D@T`, as in 40ms@1s")
	f.Int64Var(&o.most, "max-events", tracefile.MostEvents, "at most `N` events, over all runs")
	f.IntVar(&o.rep, "rep", 1, "repetition `N`")
	return cmd
}

// traceDir writes the trace of a result directory. An interrupt leaves no half of it.
func (a *app) traceDir(ctx context.Context, dir string, o *traceOptions) error {
	dirs, err := openDirs(ctx, dir)
	if err != nil {
		return err
	}
	if err := apart([]namedFile{{"-o", o.out}}, filesInDirs(dir)); err != nil {
		return err
	}
	d := dirs[0]
	runs, err := tracefile.FromDir(d, o.rep)
	switch err = interrupted(ctx, err); {
	case err != nil:
		return err
	case len(runs) == 0 && o.chosen:
		return usage("--rep %d: %s has no such repetition", o.rep, dir)
	case len(runs) == 0:
		return &results.ReadError{Path: dir, Err: errors.New("no run of it was made; make the run again")}
	}
	options := tracefile.OptionsOf(d)
	options.Window, options.Most, options.Runs = traceWindow(o.window), o.most, len(runs)
	options.WindowFlag, options.MostFlag = "--window", "--max-events"
	file, err := tracefile.Create(o.out, options)
	if err != nil {
		return err
	}
	t := &traceOutput{path: o.out, file: file, runs: len(runs)}
	for _, r := range runs {
		if err = interrupted(ctx, file.Add(r)); err != nil {
			break
		}
	}
	err = errors.Join(err, t.close())
	if errors.Is(err, session.ErrInterrupted) {
		return errors.Join(err, discard(o.out))
	}
	t.failed = err != nil
	return errors.Join(err, a.tellOfTrace(t))
}
