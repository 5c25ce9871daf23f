package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/internal/term"
	"github.com/fibsim/fibsim/scenarios"
)

// articleOptions are the flags of article.
type articleOptions struct {
	measured, json bool
	only           string
	patience       time.Duration // how long to wait for a quiet host, all together
	python         pythonPaths
}

func (a *app) articleCommand() *cobra.Command {
	var o articleOptions
	cmd := &cobra.Command{
		Use:   "article",
		Short: "Check what the article behind this project claims",
		Long: `Check what Hamel Husain, "Python Concurrency: The Tricky Bits" (2020), says of
threads, processes and coroutines, after the talk of David Beazley, "Python
Concurrency From the Ground Up" (2015): a scenario for each claim, in the order of
the text, with the figures that decide it. Where the text is imprecise, the claim
is what was found.

The runs are predicted, which takes seconds; --measured makes them for real, under
the emulated lock. A run during which others use the CPUs (on Linux), or slow them
down (on a machine that is one of many on its host), is made again, up to four times,
when they have become quiet, and a whole chapter when the host turns out to be faster
than it was at first. For that the command waits as long as --patience says, all
together; then the runs count as they are. A note says how many were made again, and
how many disturbed ones count.

With --measured, --python makes the runs in a real interpreter, too, and prints its
figures below the claims, which stay about the emulated lock: an interpreter has its
own speed, and the lock of one version. What it cannot run is left out, with the
reason.`,
		Example: `  fibsim article
  fibsim article --only 7
  fibsim article --measured
  fibsim article --measured --python --only 5`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(o.python) > 0 && !o.measured {
				return usage("--python needs --measured: an interpreter is no prediction")
			}
			if o.patience < 0 {
				return usage("--patience: must be 0 or more, got %v", o.patience)
			}
			list, err := o.chapters()
			if err != nil {
				return err
			}
			return a.article(cmd.Context(), &o, list)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&o.measured, "measured", false, "measure: the emulated lock and Go's scheduler on this host")
	f.Var(&o.python, "python", "measure in the interpreter at `PATH`, too; may be repeated")
	f.Lookup("python").NoOptDefVal = bareForm
	f.DurationVar(&o.patience, "patience", 3*time.Minute, "wait `D` at most, all together, for others to leave the host alone")
	f.StringVar(&o.only, "only", "", "only the chapter of this `NUMBER`")
	f.BoolVar(&o.json, "json", false, "print the claims as JSON")
	return cmd
}

// chapters returns the scenarios to check.
func (o *articleOptions) chapters() ([]*scenarios.Scenario, error) {
	list := scenarios.Article()
	if o.only == "" {
		return list, nil
	}
	var numbers []string
	for _, s := range list {
		number, _, _ := strings.Cut(s.Name, "-")
		if strings.TrimLeft(number, "0") == strings.TrimLeft(o.only, "0") {
			return []*scenarios.Scenario{s}, nil
		}
		numbers = append(numbers, strings.TrimLeft(number, "0"))
	}
	return nil, usage("--only: no chapter has the number %q; there are %s", o.only, strings.Join(numbers, ", "))
}

// chapter is what was found about one of them.
type chapter struct {
	Name   string                `json:"name"`
	Title  string                `json:"title"`
	Claims []results.ClaimResult `json:"claims"`
	Python []interpreted         `json:"python,omitempty"`

	// Repeated are runs that were made again, as others used the host; Disturbed those
	// that counted all the same.
	Repeated  int `json:"runs_repeated"`
	Disturbed int `json:"runs_disturbed"`
}

// article checks the chapters in their order and shows each when it is decided.
func (a *app) article(ctx context.Context, o *articleOptions, list []*scenarios.Scenario) error {
	run := &runOptions{ties: tiesRule, quiet: true}
	run.chosen = chosen{gil: o.measured, native: o.measured, simGIL: !o.measured, simNative: !o.measured, python: o.python}
	backends, _, err := a.open(ctx, run)
	if err != nil {
		return err
	}
	progress := term.NewProgress(a.stderr, a.style(a.stderr))
	line := ""
	var w *watch
	if o.measured {
		w = a.watch(o.patience, func(begins bool) {
			progress.Clear()
			if begins {
				progress.Say("waiting until others leave the host alone")
			} else {
				progress.Say(line)
			}
		})
	}
	begin := time.Now()
	found := []chapter{}
	var failure error
	for i, s := range list {
		if !o.measured {
			s.Predict()
		}
		c, set, err := a.check(ctx, run, s, backends, w, func(p session.Progress) {
			line = fmt.Sprintf("chapter %d of %d, run %d of %d: %s", i+1, len(list), p.Run.Order, p.Runs, p.Run)
			progress.Say(line)
		})
		progress.Clear()
		if note := c.disturbances(); note != "" {
			fmt.Fprintln(a.stderr, "note: "+note)
		}
		found = append(found, c)
		if !o.json {
			screen := term.Screen{Name: s.Name, Title: s.Title, Set: set, Beside: besides(c.Python), Style: a.style(a.stdout)}
			err = errors.Join(err, written(screen.WriteChapter(a.stdout)))
		}
		if failure = err; failure != nil {
			break
		}
	}
	text, failed := tally(found, o.measured)
	if o.json {
		failure = errors.Join(failure, a.printArticle(found))
	} else if failure == nil {
		how := "predicted"
		if o.measured {
			how = "measured"
		}
		failure = a.print(fmt.Sprintf("%s; %s in %v\n", text, how, time.Since(begin).Round(100*time.Millisecond)))
	}
	if failure != nil || failed > 0 {
		return &sessionError{err: failure, failed: failed}
	}
	return nil
}

// check makes the runs of one chapter. With a watch it keeps others out of them.
func (a *app) check(ctx context.Context, run *runOptions, s *scenarios.Scenario, backends []session.Backend,
	w *watch, show func(session.Progress)) (chapter, *results.Set, error) {
	c := chapter{Name: s.Name, Title: s.Title, Claims: []results.ClaimResult{}}
	if _, err := a.resolve(ctx, s, backends); err != nil {
		return c, nil, err
	}
	options := *run
	options.noBaseline = !needsAlone(s)
	c.Python = readers(s, backends)
	j := &job{options: &options, scenario: s, backends: backends, without: leftOut(c.Python), watch: w}
	set, err := a.makeRuns(ctx, j, show)
	for again := w != nil; again; {
		again = err == nil && w.outdated()
		var repeated int
		repeated, c.Disturbed = w.over(again)
		if c.Repeated += repeated; again {
			set, err = a.makeRuns(ctx, j, show)
		}
	}
	if set != nil {
		c.Claims = set.Run.Claims
		for i := range c.Python {
			c.Python[i].read(s.Claims, set)
		}
	}
	return c, set, err
}

// makeRuns makes all runs of a job.
func (a *app) makeRuns(ctx context.Context, j *job, show func(session.Progress)) (*results.Set, error) {
	w, err := results.Create(a.config(j))
	if err != nil {
		return nil, err
	}
	complete, err := a.runAll(ctx, j, w, show)
	set, ferr := w.Finish(!complete)
	return set, errors.Join(err, ferr)
}

// needsAlone reports whether a claim rests on a group run by itself.
func needsAlone(s *scenarios.Scenario) bool {
	return slices.ContainsFunc(s.Claims, func(c scenarios.Claim) bool {
		return c.NeedsAlone() || slices.ContainsFunc(c.Refs(), func(r scenarios.Ref) bool { return r.Column == "slowdown_ratio" })
	})
}

// tally counts the verdicts. Where none was reached, it says so, and what would reach one.
func tally(found []chapter, measured bool) (text string, failed int) {
	passed, skipped := 0, 0
	for _, c := range found {
		for _, claim := range c.Claims {
			switch {
			case claim.Failed():
				failed++
			case claim.Skipped():
				skipped++
			default:
				passed++
			}
		}
	}
	if passed+failed > 0 {
		text = fmt.Sprintf("%d of %d claims hold", passed, passed+failed)
	} else {
		text = "no claim was checked"
	}
	if skipped > 0 {
		text += fmt.Sprintf(", %d skipped", skipped)
	}
	if passed+failed == 0 && !measured {
		text += " (--measured decides what no prediction can)"
	}
	return text, failed
}

// disturbances says what became of the runs that others have disturbed.
func (c *chapter) disturbances() string {
	var parts []string
	if c.Repeated > 0 {
		parts = append(parts, count(c.Repeated, "run")+" made again")
	}
	if c.Disturbed > 0 {
		parts = append(parts, count(c.Disturbed, "disturbed run")+" kept")
	}
	if parts == nil {
		return ""
	}
	return fmt.Sprintf("%s: others used the host, or slowed it: %s", c.Name, strings.Join(parts, ", "))
}

// printArticle writes what was found as JSON, with < and > as they are.
func (a *app) printArticle(found []chapter) error {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(found); err != nil {
		return err
	}
	return a.print(out.String())
}
