package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/internal/term"
	"github.com/fibsim/fibsim/scenarios"
)

// job is a scenario that is ready to run.
type job struct {
	options  *runOptions
	scenario *scenarios.Scenario
	backends []session.Backend
	warnings []trace.Warning // known before the first run
	drawn    drawings        // what --timeline draws of the runs so far
	trace    *traceOutput    // nil without --trace

	// watch keeps others out of the runs; nil: they are taken as they come.
	watch *watch

	// without leaves a variant out on a backend; nil: every backend runs all of them.
	without func(session.Variant, session.Backend) bool
}

// execute runs a job and shows what it found. The files are complete when it
// returns, whatever happened.
func (a *app) execute(ctx context.Context, j *job) error {
	if page := j.options.report; page != "" {
		if info, err := os.Stat(page); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
			return usage("--report %s: is a pipe; name a file, as the page comes when all runs are made", page)
		}
		if err := replaceable(page, j.options.dir, j.options.force); err != nil {
			return err
		}
	}
	w, err := results.Create(a.config(j))
	if err != nil {
		return err
	}
	if j.options.dir != "" {
		err = dropPage(j.options.dir)
	}
	if err == nil {
		j.trace, err = openTrace(j)
	}
	if err != nil {
		w.Abandon()
		return err
	}
	if !j.options.quiet {
		a.notes(j.scenario.Notes)
	}
	progress := term.NewProgress(a.stderr, a.style(a.stderr))
	show := func(p session.Progress) { progress.Show(p.Run.Order, p.Runs, p.Run.String(), p.Left) }
	if j.options.quiet {
		show = nil
	}
	complete, runErr := a.runAll(ctx, j, w, show)
	progress.Clear()
	set, err := w.Finish(!complete)
	runErr = errors.Join(runErr, err, j.trace.close(), a.show(j, set), a.draw(j), a.page(j), a.tellTrace(j))
	if failed := set.FailedClaims(); runErr != nil || failed > 0 {
		return &sessionError{err: runErr, failed: failed}
	}
	return nil
}

// runAll makes the runs of a job and tells show, if it is not nil, what comes next.
// Complete says that all were made, in full. Where nobody else is to have anything of
// them, it ends with session.ErrReaderLeft once the reader of samples has left.
func (a *app) runAll(ctx context.Context, j *job, w *results.Writer, show func(session.Progress)) (complete bool, err error) {
	steps := session.NewPlan(j.plan())
	left := len(steps)
	unread := func() error {
		if left > 0 && j.onlyPiped() && w.ReaderLeft() {
			return session.ErrReaderLeft
		}
		return nil
	}
	if err := unread(); err != nil {
		return false, err
	}
	hooks := session.Hooks{
		Add: func(info results.RunInfo, report *trace.Report) error {
			if !info.Partial {
				left--
			}
			return errors.Join(w.Add(info, report), j.picture(info, report), unread())
		},
		Events:         j.options.states || j.options.timeline || j.trace != nil,
		BaselineEvents: j.options.states && j.options.keepBaseline,
		Values:         j.options.values || slices.ContainsFunc(j.scenario.Claims, func(c scenarios.Claim) bool { return c.NeedsValues() }),
		Progress:       show,
	}
	if j.options.verify {
		hooks.Verify = verify
	}
	if j.watch != nil {
		hooks.Before, hooks.Again = j.watch.prepare, j.watch.again
	}
	err = session.Run(ctx, steps, hooks)
	return left == 0, err
}

// onlyPiped reports whether samples on standard output are all that a job is run for.
func (j *job) onlyPiped() bool {
	o := j.options
	return o.csv == "-" && o.dir == "" && o.trace == "" && o.report == "" && !o.timeline && !o.verify
}

// mostBroken is how many broken invariants of one run are told. A run that
// breaks one breaks it at every switch.
const mostBroken = 5

// verify returns the invariants that a run breaks, of many the first few.
func verify(log *trace.Log) []error {
	broken := trace.Check(log, log.Rules)
	if n := len(broken); n > mostBroken {
		broken = append(broken[:mostBroken:mostBroken], fmt.Errorf("and %d more", n-mostBroken))
	}
	return broken
}

func (j *job) plan() session.PlanOptions {
	o := session.PlanOptions{
		Backends: j.backends, Repeat: j.scenario.Repeat,
		Seed: j.scenario.Seed, Baseline: !j.options.noBaseline, Without: j.without,
	}
	for _, v := range j.scenario.Variants {
		o.Variants = append(o.Variants, session.Variant{Name: v.Name, Program: v.Program})
	}
	return o
}

// config says what the results of a job are to hold.
func (a *app) config(j *job) results.Config {
	c := results.Config{
		Scenario:  j.scenario.Name,
		Effective: j.scenario.EffectiveMap(),
		Notes:     j.scenario.Notes,
		Warnings:  j.warnings,
		Version:   version,
		Command:   a.command(),
		Seed:      j.scenario.Seed,
		Start:     time.Now(),
		Host:      results.CollectHost(),
		Claims:    j.scenario.Claims,
		Baseline:  !j.options.noBaseline,
		Predicted: len(predictions(j.backends)) == len(j.backends),

		Dir:          j.options.dir,
		Force:        j.options.force,
		CSV:          j.options.csv,
		Stdout:       a.stdout,
		States:       j.options.states,
		KeepBaseline: j.options.keepBaseline,
		Params:       j.options.params,
	}
	for _, v := range j.scenario.Variants {
		c.Variants = append(c.Variants, v.Name)
		c.Tasks = c.Tasks || v.Program.HasTasks()
	}
	for _, b := range j.backends {
		c.Backends = append(c.Backends, b.Name())
	}
	return c
}

// show prints the results: the table, the verdicts alone, or JSON. Where
// standard output carries samples, the text goes to standard error.
func (a *app) show(j *job, set *results.Set) error {
	if !j.options.quiet {
		if err := term.Warnings(a.stderr, a.style(a.stderr), set.Run.Warnings); err != nil {
			return written(err)
		}
	}
	if j.options.json {
		return written(set.JSON(a.stdout))
	}
	out := a.textOut(j)
	screen := term.Screen{
		Name: j.scenario.Name, Title: j.scenario.Title, Question: j.scenario.Question,
		Closed: closedLoops(j.scenario), Set: set, Values: j.options.values, Style: a.style(out),
	}
	if j.options.quiet {
		return written(screen.WriteClaims(out))
	}
	return written(screen.Write(out))
}

// textOut is where text for people goes: not where samples do.
func (a *app) textOut(j *job) io.Writer {
	if j.options.csv == "-" {
		return a.stderr
	}
	return a.stdout
}

// closedLoops returns the groups of clients that send the next request when the
// last reply is in, but for those that ask for the most: they are what the others
// wait for.
func closedLoops(s *scenarios.Scenario) []string {
	var names []string
	for _, v := range s.Variants {
		most := 0
		for _, c := range v.Program.Clients {
			most = max(most, c.Request)
		}
		for _, c := range v.Program.Clients {
			if c.Rate == 0 && c.Request < most && !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
	}
	return names
}

// style says what a stream can show.
func (a *app) style(w io.Writer) term.Style { return term.Detect(w, os.Getenv) }
