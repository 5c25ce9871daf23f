package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/timeline"
	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/internal/words"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/sim/machine"
	"github.com/fibsim/fibsim/workloads"
)

// What the page computes is bounded, so that no setting fills the memory of a browser
// or keeps it busy for long. The bounds are in what is simulated and not in seconds:
// what is refused here is refused on every machine.
const (
	mostText    = 64 << 10  // bytes of a scenario of the reader's own
	mostWorkers = 1000      // threads, tasks and connections
	mostEvents  = 3_000_000 // of one run; some seconds in a browser
)

// Answer is what the page shows. Of its parts those are empty that Problems or Failure
// leave no place for.
type Answer struct {
	Problems []Problem `json:"problems,omitempty"` // mistakes in the scenario or the settings; nothing ran
	Failure  string    `json:"failure,omitempty"`  // why the runs did not come to their end

	Name     string    `json:"name"`
	Title    string    `json:"title"`
	Question string    `json:"question"`
	About    string    `json:"about"`
	Notes    []string  `json:"notes,omitempty"`
	Variants []string  `json:"variants,omitempty"` // empty without variants
	Variant  string    `json:"variant"`
	Controls []Control `json:"controls,omitempty"`
	Text     string    `json:"text,omitempty"` // of the scenario, as it was read

	// Command predicts the same. Where it runs a file of the reader's own, that file is
	// Effective.
	Command   string `json:"command,omitempty"`
	Effective string `json:"effective,omitempty"`

	// Pending says that the groups have yet to run alone: the slowdowns and the index
	// are missing, and the next answer has them.
	Pending bool `json:"pending,omitempty"`

	Finding  string            `json:"finding,omitempty"` // what the figures say, in a sentence or two
	Table    *Table            `json:"table,omitempty"`
	Warnings []results.Warning `json:"warnings,omitempty"`
	Backends []Backend         `json:"backends,omitempty"`

	// Drawing is in the first answer only: what a group does alone does not change it.
	Drawing *Drawing `json:"drawing,omitempty"`
}

// Backend is a prediction.
type Backend struct {
	Name   string `json:"name"`
	Hash   string `json:"hash"`   // of all that happened in it
	Events int64  `json:"events"` // how much that was
}

// Problem is a mistake in the scenario or in a setting.
type Problem struct {
	Line int    `json:"line,omitempty"` // in the text, from 1
	Col  int    `json:"col,omitempty"`
	Set  string `json:"set,omitempty"` // the setting that brought it
	Key  string `json:"key,omitempty"`
	Text string `json:"text"` // place and message, as on a terminal
}

// Watch is told how the answer to a request comes along. Each may be nil.
type Watch struct {
	Progress func(session.Progress) // what runs next
	Early    func(*Answer)          // the answer while it is pending
}

// Run computes the answer to a request. The program runs first and its groups alone
// after it, as they can take longer by far; in between the answer is pending. Where ctx
// ends first, the answer says so.
func Run(ctx context.Context, q Request, watch Watch) *Answer {
	a := &Answer{}
	s, err := a.load(q)
	if err == nil {
		err = a.predict(ctx, s, watch)
	}
	var mistakes scenarios.Errors
	switch {
	case errors.As(err, &mistakes):
		a.Problems = problems(mistakes)
	case err != nil:
		a.Failure = explain(err)
	}
	return a
}

// load reads the scenario, keeps the variant that was asked for, and fills in what the
// page says of it.
func (a *Answer) load(q Request) (*scenarios.Scenario, error) {
	file, text, err := q.source()
	if err != nil {
		return nil, err
	}
	a.Text = string(text)
	if len(text) > mostText {
		return nil, fmt.Errorf("the scenario has %d bytes, and the playground takes at most %d; `fibsim run` takes more", len(text), mostText)
	}
	overrides, err := q.overrides()
	if err != nil {
		return nil, err
	}
	s, variants, err := scenarios.ParseVariant(file, text, q.Variant, overrides...)
	if q.Text != "" && errors.Is(err, scenarios.ErrNoVariant) {
		// The reader has written another scenario than the one that the variant is of.
		q.Variant = ""
		s, variants, err = scenarios.ParseVariant(file, text, "", overrides...)
	}
	if err != nil {
		return nil, err
	}
	a.Name, a.Title, a.Question, a.About, a.Notes = s.Name, s.Title, s.Question, s.About, s.Notes
	if a.Variants = variants; len(variants) > 0 {
		a.Variant = cmp.Or(q.Variant, variants[0])
	}
	p := s.Variants[0].Program
	a.Controls = controls(p)
	repeated := s.Repeat > 1 && !q.sets("repeat")
	if repeated {
		s.Repeat = 1
	}
	a.Command, a.Effective = q.command(repeated), ""
	if q.Text != "" || len(variants) > 0 {
		a.Command, a.Effective = "fibsim run "+ownFile+" --sim", string(s.Effective())
	}
	if n := p.Workers(); n > mostWorkers {
		return nil, fmt.Errorf("all groups together have %d threads, tasks and connections, and the playground shows at most %d; `%s` takes up to %d",
			n, mostWorkers, a.Command, scenarios.MaxWorkers)
	}
	return s, nil
}

// predict makes the runs and keeps what they found.
func (a *Answer) predict(ctx context.Context, s *scenarios.Scenario, watch Watch) error {
	v := s.Variants[0]
	if v.Program.Interpreter.Pace.Mode == workloads.PacePython {
		return errors.New("interpreter.pace: python is measured on a real interpreter, which a page cannot; give it in ns, such as 25")
	}
	costs, err := predict.LoadCosts([]string{v.Program.Machine.Costs}, predict.Place{})
	if err != nil {
		return err
	}
	var backends []session.Backend
	for _, b := range []*predict.Backend{predict.NewGIL(), predict.NewNative()} {
		b.Costs, b.Most = costs, mostEvents
		backends = append(backends, b)
	}
	steps := session.NewPlan(session.PlanOptions{
		Variants: []session.Variant{{Name: v.Name, Program: v.Program}},
		Backends: backends, Repeat: s.Repeat, Seed: s.Seed, Baseline: true,
	})
	whole, alone := split(steps)
	w := &work{scenario: s, backends: backends, runs: len(steps), watch: watch}
	err = w.run(ctx, whole)
	set, ferr := w.set(false)
	a.draw(set, w.ended)
	if err = errors.Join(err, ferr); err != nil || len(alone) == 0 {
		a.tell(set, v.Name)
		return err
	}
	if watch.Early != nil {
		early := *a
		early.Pending = true
		early.tell(set, v.Name)
		watch.Early(&early)
		a.Drawing = nil
	}
	err = w.run(ctx, alone)
	set, ferr = w.set(true)
	a.tell(set, v.Name)
	return errors.Join(err, ferr)
}

// split returns the runs of the whole program and those of groups alone, numbered in
// this order.
func split(steps []session.Step) (whole, alone []session.Step) {
	for _, s := range steps {
		if s.Alone == "" {
			whole = append(whole, s)
		} else {
			alone = append(alone, s)
		}
	}
	for i := range whole {
		whole[i].Order = i + 1
	}
	for i := range alone {
		alone[i].Order = len(whole) + i + 1
	}
	return whole, alone
}

// work is the runs of a request, as they are made.
type work struct {
	scenario *scenarios.Scenario
	backends []session.Backend
	runs     int // in all
	watch    Watch
	ended    []made
}

// made is a run that has ended, or was stopped.
type made struct {
	info   results.RunInfo
	report *trace.Report
}

func (w *work) run(ctx context.Context, steps []session.Step) error {
	return session.Run(ctx, steps, session.Hooks{
		Events: true,
		Progress: func(p session.Progress) {
			if w.watch.Progress != nil {
				p.Runs = w.runs
				w.watch.Progress(p)
			}
		},
		Add: func(info results.RunInfo, report *trace.Report) error {
			w.ended = append(w.ended, made{info, report})
			return nil
		},
	})
}

// set returns the figures of what has run so far. The slowdown of a program rests on
// its groups alone, which come first.
func (w *work) set(baseline bool) (*results.Set, error) {
	s := w.scenario
	c := results.Config{
		Scenario: s.Name, Seed: s.Seed, Variants: []string{s.Variants[0].Name},
		Baseline: baseline, Predicted: true, Start: time.Time{},
	}
	for _, b := range w.backends {
		c.Backends = append(c.Backends, b.Name())
	}
	out, err := results.Create(c)
	if err != nil {
		return nil, err
	}
	stopped := false
	for _, alone := range []bool{true, false} {
		for _, r := range w.ended {
			if alone == (r.info.Alone != "") {
				stopped = stopped || r.info.Partial
				err = errors.Join(err, out.Add(r.info, r.report))
			}
		}
	}
	set, ferr := out.Finish(stopped)
	return set, errors.Join(err, ferr)
}

// tell keeps what the figures say.
func (a *Answer) tell(set *results.Set, variant string) {
	a.Finding, a.Table, a.Warnings = words.Style{}.Finding(set, variant), table(set, variant, a.Pending), set.Run.Warnings
}

// draw keeps what is shown of the runs themselves: the first of each backend.
func (a *Answer) draw(set *results.Set, ended []made) {
	a.Drawing = &Drawing{Roots: []Root{}}
	for _, name := range set.Backends {
		for _, r := range ended {
			if r.info.Backend == name && r.info.Rep == 1 {
				a.Backends = append(a.Backends, backendOf(name, r.report))
				a.Drawing.draw(name, r.report.Window, timeline.Of(r.report.Log))
			}
		}
	}
}

// backendOf takes what is shown of one run beside its figures.
func backendOf(name string, report *trace.Report) Backend {
	b := Backend{Name: name}
	for _, f := range report.Facts {
		switch f.Name {
		case "event_hash":
			b.Hash, _ = f.Value.(string)
		case "events":
			b.Events, _ = f.Value.(int64)
		}
	}
	return b
}

// problems turns the mistakes of a scenario into those of the page. The first few are
// enough to go on.
func problems(list scenarios.Errors) []Problem {
	const most = 20
	var out []Problem
	for _, e := range list[:min(len(list), most)] {
		out = append(out, Problem{Line: e.Line, Col: e.Col, Set: e.Flag, Key: e.Key, Text: e.Error()})
	}
	return out
}

// explain says why runs did not come to their end.
func explain(err error) string {
	switch {
	case errors.Is(err, machine.ErrTooLong):
		return fmt.Sprintf("Stopped after %d million events of one run, so that the page stays usable. Choose a shorter window, less work "+
			"for a closed loop to repeat, or fewer threads; the command below has no such bound.", mostEvents/1_000_000)
	case errors.Is(err, session.ErrInterrupted):
		return "Stopped."
	}
	return err.Error()
}
