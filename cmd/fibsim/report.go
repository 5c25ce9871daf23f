package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/internal/report"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
)

// reportFile is the name of the page in the directory that it is about.
const reportFile = "report.html"

func (a *app) reportCommand() *cobra.Command {
	var output string
	var force bool
	cmd := &cobra.Command{
		Use:   "report DIR...",
		Short: "Make one self-contained page of results",
		Long: `Make one HTML page of result directories that run -o has written: the finding,
the table, claims and warnings, the percentile spectrum, the distribution of the
latency, throughput over time, what the threads did, and a timeline to zoom where
the run kept its states (run --states).

The page loads nothing: it opens without a network. It goes to DIR/report.html;
several directories need -o. A file that report has not made is not replaced
unless --force is given.`,
		Example: `  fibsim run mixed -o results --states && fibsim report results
  fibsim report before after -o both.html
  fibsim report results -o - > page.html`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return usage("report: name a directory that run -o has written")
			case cmd.Flags().Changed("output") && output == "":
				return usage("-o: needs the name of a file, or - for standard output")
			case output == "" && len(args) > 1:
				return usage("report: several directories make one page; name its file with -o FILE")
			case output == "":
				output = filepath.Join(args[0], reportFile)
			}
			return a.writeReport(cmd.Context(), args, output, force)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "write the page to `FILE`; - is standard output")
	cmd.Flags().BoolVar(&force, "force", false, "replace a file that report has not made")
	return cmd
}

// openDirs opens result directories, which are read until ctx ends.
func openDirs(ctx context.Context, paths ...string) ([]*results.Dir, error) {
	var dirs []*results.Dir
	for _, path := range paths {
		d, err := results.Open(path)
		if err != nil {
			return nil, err
		}
		d.Until(ctx)
		dirs = append(dirs, d)
	}
	return dirs, nil
}

// interrupted returns ErrInterrupted where ctx has ended, and otherwise err.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return session.ErrInterrupted
	}
	return err
}

// writeReport makes the page of result directories and puts it into a file, unless ctx
// ends before that.
func (a *app) writeReport(ctx context.Context, paths []string, output string, force bool) error {
	if err := apart([]namedFile{{"-o", output}}, filesInDirs(paths...)); err != nil {
		return err
	}
	dirs, err := openDirs(ctx, paths...)
	if err != nil {
		return err
	}
	if output != "-" {
		if err := replaceable(output, "", force); err != nil {
			return err
		}
	}
	var page bytes.Buffer
	if err := interrupted(ctx, report.Write(&page, dirs)); err != nil {
		return err
	}
	if output == "-" {
		return a.print(page.String())
	}
	return results.ReplaceFile(output, page.Bytes())
}

// page makes the page that --report asks for, also after an interrupt: the run is over,
// and its files are made complete.
func (a *app) page(j *job) error {
	if j.options.report == "" {
		return nil
	}
	return a.writeReport(context.Background(), []string{j.options.dir}, j.options.report, j.options.force)
}

// replaceable refuses a path whose directory is not there, unless it is coming, and a
// file that is not a page of ours.
func replaceable(path, coming string, force bool) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		dir := filepath.Dir(path)
		if _, err := os.Stat(dir); err != nil && dir != filepath.Clean(coming) {
			return &results.OutputError{Path: path, Err: err}
		}
		return nil
	}
	other, err := foreign(path, isReport)
	if err == nil && other && !force {
		return usage("%s: is no page that report has made; choose another name, or replace it with --force", path)
	}
	return err
}

func isReport(begin []byte) bool { return bytes.Contains(begin, []byte(report.Generator)) }

// dropPage removes the page that report has made of what was in a directory before, and
// leaves one that it has not made.
func dropPage(dir string) error {
	path := filepath.Join(dir, reportFile)
	begin, err := beginning(path)
	if err != nil || !isReport(begin) {
		return err
	}
	if err := os.Remove(path); err != nil {
		return &results.OutputError{Path: path, Err: err}
	}
	return nil
}
