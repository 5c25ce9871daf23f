package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/internal/compare"
	"github.com/fibsim/fibsim/internal/plot"
	"github.com/fibsim/fibsim/internal/results"
)

// plotOptions are the flags of plot.
type plotOptions struct {
	plot.Options
	kind   string
	window string
	output string

	changed func(flag string) bool
}

func (a *app) plotCommand() *cobra.Command {
	var o plotOptions
	cmd := &cobra.Command{
		Use:   "plot DIR",
		Short: "Draw a picture of a result directory",
		Long: `Draw what a directory holds that run -o has written, as SVG or PNG:

  spectrum   the latency by percentile, the slowest spread out, with the switch
             interval marked
  cdf        the share of iterations up to a latency
  timeline   what each thread and the lock do, in a window of the first repetition;
             needs a run with --states
  interval   a column of summary.csv over the switch interval of the variants

The file is named after the directory and the kind, unless -o says otherwise; its
suffix chooses the format, and - is standard output. Equal results give equal bytes.`,
		Example: `  fibsim run mixed --states -o results
  fibsim plot results --kind timeline --window 60ms
  fibsim plot results --kind cdf --value delay --group quick -o late.png
  fibsim run switch-interval --gil --sim=gil -o sweep
  fibsim plot sweep --kind interval`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("%sname one directory that run -o has written, got %s", place(cmd), given(args))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return a.plot(cmd.Context(), &o, args[0])
		},
	}
	o.register(cmd)
	return cmd
}

func (o *plotOptions) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.kind, "kind", string(plot.Spectrum), "`KIND`: "+kindNames(", "))
	f.StringVarP(&o.output, "output", "o", "", "write to `FILE`, which ends in .svg or .png")
	f.StringSliceVar(&o.Variants, "variant", nil, "draw this `VARIANT`; may be repeated")
	f.StringSliceVar(&o.Backends, "backend", nil, "draw this `BACKEND`; may be repeated")
	f.StringSliceVar(&o.Groups, "group", nil, "draw this `GROUP`; may be repeated")
	f.StringVar(&o.Value, "value", "latency", "`WHAT` to draw of iterations: "+strings.Join(plot.Values(), ", "))
	f.StringVar(&o.Column, "column", "delay_p50_ns", "`COLUMN` of summary.csv for interval")
	f.StringVar(&o.window, "window", "", "stretch of a timeline: a length and a start, `D@T`, as in 40ms@1s")
	f.IntVar(&o.Rep, "rep", 1, "of a timeline: repetition `N`")
	f.IntVar(&o.Width, "width", 900, "width in `PIXELS`")
	f.IntVar(&o.Height, "height", 0, "height in `PIXELS` (as the panels need it)")
	o.changed = f.Changed
	for flag, words := range map[string][]string{"kind": strings.Fields(kindNames(" ")), "value": plot.Values(), "column": compare.FigureColumns()} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	}
}

func kindNames(between string) string {
	var names []string
	for _, k := range plot.Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, between)
}

// kindsOf says for which kinds a flag is.
var kindsOf = map[string][]plot.Kind{
	"value": {plot.Spectrum, plot.CDF}, "column": {plot.Interval}, "window": {plot.Timeline}, "rep": {plot.Timeline},
}

// check refuses what cannot be drawn whatever the results are.
func (o *plotOptions) check() error {
	o.Kind = plot.Kind(o.kind)
	if !slices.Contains(plot.Kinds(), o.Kind) {
		return usage("--kind: must be one of %s, got %q", kindNames(", "), o.kind)
	}
	for _, flag := range []string{"value", "column", "window", "rep"} {
		if o.changed(flag) && !slices.Contains(kindsOf[flag], o.Kind) {
			return usage("--%s is not for --kind %s", flag, o.Kind)
		}
	}
	if !slices.Contains(plot.Values(), o.Value) {
		return usage("--value: must be one of %s, got %q", strings.Join(plot.Values(), ", "), o.Value)
	}
	if o.Rep < 1 {
		return usage("--rep: must be 1 or more, got %d", o.Rep)
	}
	for _, size := range []struct {
		flag  string
		value int
	}{{"width", o.Width}, {"height", o.Height}} {
		if o.changed(size.flag) && (size.value < plot.LeastSize || size.value > plot.MostSize) {
			return usage("--%s: must be from %d to %d pixels, got %d", size.flag, plot.LeastSize, plot.MostSize, size.value)
		}
	}
	if o.changed("output") && o.output == "" {
		return usage("-o: needs the name of a file")
	}
	if o.output != "" && o.output != "-" && !slices.Contains(plot.Formats(), o.format()) {
		return usage("-o %s: the name must end in .svg or .png", o.output)
	}
	if o.changed("window") {
		w, err := parseWindow("--window", o.window)
		if err != nil {
			return err
		}
		o.Length = int64(w.length)
		if w.started {
			o.From, o.Started = int64(w.start), true
		}
	}
	return nil
}

// format returns the suffix of the file.
func (o *plotOptions) format() string {
	if o.output == "-" {
		return "svg"
	}
	return strings.TrimPrefix(filepath.Ext(o.output), ".")
}

// plot draws, and writes the file when the picture is whole.
func (a *app) plot(ctx context.Context, o *plotOptions, path string) error {
	dirs, err := openDirs(ctx, path)
	if err != nil {
		return err
	}
	picture, err := plot.Draw(dirs[0], o.Options)
	err = interrupted(ctx, err)
	var chosen *plot.ChoiceError
	switch {
	case errors.As(err, &chosen):
		return usage("%s: %v", path, err)
	case err != nil:
		return err
	}
	if o.output == "" {
		o.output = o.usualName(path)
	}
	var b bytes.Buffer
	if err := picture.Write(o.format(), &b); err != nil {
		return err
	}
	if o.output == "-" {
		return a.print(b.String())
	}
	if err := results.ReplaceFile(o.output, b.Bytes()); err != nil {
		return err
	}
	fmt.Fprintln(a.stderr, "wrote "+o.output)
	return nil
}

// usualName is that of the file where none is given: of the directory and the kind.
func (o *plotOptions) usualName(dir string) string {
	name := filepath.Base(filepath.Clean(dir))
	if whole, err := filepath.Abs(dir); err == nil {
		name = filepath.Base(whole)
	}
	return name + "-" + o.kind + ".svg"
}
