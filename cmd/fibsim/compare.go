package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/internal/compare"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/term"
)

// compareOptions are the flags of compare.
type compareOptions struct {
	columns []string
	format  string
	output  string
	force   bool

	changed func(flag string) bool
}

// The forms in which a comparison is written.
const (
	formatText  = "text"
	formatCSV   = "csv"
	formatJSON  = "json"
	formatMD    = "md"
	formatBench = "benchfmt"
)

var formats = []string{formatText, formatCSV, formatJSON, formatMD, formatBench}

func (a *app) compareCommand() *cobra.Command {
	var o compareOptions
	cmd := &cobra.Command{
		Use:   "compare A B",
		Short: "Say in what two result directories differ",
		Long: `Compare the figures of two directories that run -o has written, group by group. The
unit is the repetition: make at least 6 on each side, with --repeat.

shift is by how much B lies above A (Hodges and Lehmann), as a ratio, or as a
difference where ratios make no sense, with its 95 % interval. p is that of the test
of Mann and Whitney, exact up to 25 repetitions. ~ stands for a shift that is not
shown to be one: p above 0.05, or fewer than 6 repetitions. In what else the runs
differ, such as host, settings or pace, is told first.

With --format benchfmt the figures of one directory or of two are printed as Go's
benchmarks are, for benchstat.`,
		Example: `  fibsim run mixed --repeat 6 -o before
  fibsim run mixed --repeat 6 --set interpreter.switch_interval=1ms -o after
  fibsim compare before after
  fibsim compare before after --column delay_p50_ns --format md
  fibsim compare before --format benchfmt -o before.txt`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < o.least() || len(args) > 2 {
				return usage("%sname two directories that run -o has written, got %s", place(cmd), given(args))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return a.compare(&o, args)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringSliceVar(&o.columns, "column", nil, "compare this `COLUMN` of summary.csv; may be repeated, all are all of them")
	f.StringVar(&o.format, "format", formatText, "`FORM` of the output: "+strings.Join(formats, ", "))
	f.StringVarP(&o.output, "output", "o", "", "write to `FILE` instead of standard output")
	f.BoolVar(&o.force, "force", false, "replace a file that compare has not made")
	o.changed = f.Changed
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("column", cobra.FixedCompletions(append(compare.FigureColumns(), "all"), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// least returns how many directories there must be: benchstat compares by itself.
func (o *compareOptions) least() int {
	if o.format == formatBench {
		return 1
	}
	return 2
}

// given lists arguments for a message.
func given(args []string) string {
	if len(args) == 0 {
		return "none"
	}
	return strings.Join(args, " ")
}

// check refuses what cannot be, and puts the default columns in place.
func (o *compareOptions) check() error {
	if !slices.Contains(formats, o.format) {
		return usage("--format: must be %s or %s, got %q", strings.Join(formats[:len(formats)-1], ", "), formats[len(formats)-1], o.format)
	}
	switch {
	case o.changed("output") && o.output == "":
		return usage("-o: needs the name of a file")
	case o.force && o.output == "":
		return usage("--force needs -o FILE")
	}
	switch known := compare.FigureColumns(); {
	case slices.Contains(o.columns, "all"), len(o.columns) == 0 && o.format == formatBench:
		o.columns = known
	case len(o.columns) == 0:
		o.columns = compare.DefaultColumns()
	default:
		for _, c := range o.columns {
			if !slices.Contains(known, c) {
				return usage("--column: summary.csv has no figure %q; %s", c, didYouMean(c, known))
			}
		}
	}
	return nil
}

// compare reads the directories, and writes what is asked for when all is known.
func (a *app) compare(o *compareOptions, paths []string) error {
	var dirs []*results.Dir
	for _, path := range paths {
		d, err := results.Open(path)
		if err != nil {
			return err
		}
		dirs = append(dirs, d)
	}
	if len(paths) == 2 && same(paths[0], paths[1]) {
		return usage("%s and %s are the same directory; name two", paths[0], paths[1])
	}
	if err := o.replaceable(paths); err != nil {
		return err
	}
	if o.format == formatBench {
		return a.deliver(o.output, []byte(compare.Benchfmt(dirs, o.columns)))
	}
	c := compare.Compare(dirs[0], dirs[1], o.columns)
	if o.format == formatCSV {
		return a.compareCSV(c, o.output)
	}
	var out bytes.Buffer
	shown := term.Comparison{Comparison: c, Style: a.styleOf(o.output)}
	switch o.format {
	case formatText:
		if err := shown.Write(&out); err != nil {
			return err
		}
	case formatMD:
		if err := shown.Markdown(&out); err != nil {
			return err
		}
	case formatJSON:
		content, err := json.MarshalIndent(c, "", "  ")
		if err != nil {
			return err
		}
		out.Write(append(content, '\n'))
	}
	return a.deliver(o.output, out.Bytes())
}

// same reports whether two names are of one directory.
func same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// styleOf is the style of a file, or of standard output where none is named.
func (a *app) styleOf(path string) term.Style {
	if path != "" {
		return a.style(io.Discard)
	}
	return a.style(a.stdout)
}

// deliver writes to a file, or to standard output where none is named.
func (a *app) deliver(path string, content []byte) error {
	if path == "" {
		return a.print(string(content))
	}
	return results.ReplaceFile(path, content)
}

// isComparison reports whether a file begins as one of the forms does.
func isComparison(begin []byte) bool {
	var names []string
	for _, c := range compare.Columns {
		names = append(names, c.Name)
	}
	for _, form := range []string{"A: ", strings.Join(names, ",") + "\n", "{\n  \"a\": {\n    \"directory\"", "- A: ", "goos: "} {
		if bytes.HasPrefix(begin, []byte(form)) {
			return true
		}
	}
	return false
}

// replaceable refuses a file that the directories consist of, and one that compare has
// not made, unless it may be replaced.
func (o *compareOptions) replaceable(dirs []string) error {
	if o.output == "" {
		return nil
	}
	if err := apart([]namedFile{{"-o", o.output}}, filesInDirs(dirs...)); err != nil {
		return err
	}
	other, err := foreign(o.output, isComparison)
	if err == nil && other && !o.force {
		return usage("%s: is no comparison that compare has made; choose another name, or replace it with --force", o.output)
	}
	return err
}

// compareCSV writes a row for each row of the comparison.
func (a *app) compareCSV(c *compare.Comparison, path string) error {
	if path == "" {
		path = "-"
	}
	table, err := results.CreateTable(path, a.stdout, compare.Columns)
	if err != nil {
		return err
	}
	for _, r := range c.Rows {
		table.Row(r.Fields())
	}
	return table.Close()
}
