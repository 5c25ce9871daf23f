package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/results"
)

// Hooks are what a session calls while it goes. Only Add is needed. All are
// called between runs, never during one.
type Hooks struct {
	// Add takes the report of a run. Its error ends the session.
	Add func(results.RunInfo, *trace.Report) error

	// Progress is told what runs next.
	Progress func(Progress)

	// Before prepares the run that comes next. Its error ends the session as one of
	// the run would.
	Before func(context.Context, results.RunInfo) error

	// Again reports whether a run that has just ended, whole, is to be made again, for
	// a reason that has nothing to do with what it found. Its report is dropped.
	Again func(context.Context, results.RunInfo) bool

	// Verify returns the invariants that the log of a run breaks. With it, every
	// run keeps its events.
	Verify func(*trace.Log) []error

	// Events keeps the events of the runs of whole programs, for states.csv;
	// BaselineEvents those of groups alone, too.
	Events, BaselineEvents bool

	// Values keeps what the counts of whole programs yield.
	Values bool
}

// Progress says where a session is.
type Progress struct {
	Run   results.RunInfo // about to start
	Runs  int             // of the whole session
	Left  time.Duration   // estimate, this run included
	Known bool            // false: Left covers only runs of known length
}

// Run executes the steps in their order. It stops when ctx ends, with
// ErrInterrupted; at the first run that fails, with a RunError; and at the first
// error of Add. Broken invariants do not stop it: they come as InvariantErrors
// in the joined error at the end, as does a RunError for each run that could be
// verified in part only.
//
// What a run that was stopped still returns is given to Add as partial.
func Run(ctx context.Context, steps []Step, h Hooks) error {
	var broken []error
	pace := newEstimate(steps)
	for i := range steps {
		if ctx.Err() != nil {
			return errors.Join(append(broken, ErrInterrupted)...)
		}
		if h.Progress != nil {
			left, known := pace.left(i)
			h.Progress(Progress{Run: steps[i].RunInfo, Runs: len(steps), Left: left, Known: known})
		}
		begin := time.Now()
		invariants, err := runStep(ctx, &steps[i], h)
		broken = append(broken, invariants...)
		if err != nil {
			return errors.Join(append(broken, err)...)
		}
		pace.took(i, time.Since(begin))
	}
	return errors.Join(broken...)
}

// runStep makes one run, again where it has to be, hands its report on, and returns the
// invariants that it broke and what must stop the session.
func runStep(ctx context.Context, s *Step, h Hooks) (broken []error, err error) {
	info := s.RunInfo
	events := h.Verify != nil || h.Events && (s.Alone == "" || h.BaselineEvents)
	var report *trace.Report
	for again := true; again; again = err == nil && h.Again != nil && h.Again(ctx, info) {
		if h.Before != nil {
			switch err := h.Before(ctx, info); {
			case err != nil && ctx.Err() != nil:
				return nil, ErrInterrupted
			case err != nil:
				return nil, &RunError{Run: info, Err: err}
			}
		}
		report, err = s.On.Run(ctx, s.Program, Options{Events: events, Values: h.Values && s.Alone == "", Rep: s.Rep})
	}
	info.Partial = err != nil
	switch {
	// Whatever a backend says after an interrupt, the interrupt is why.
	case ctx.Err() != nil && err != nil:
		err = ErrInterrupted
	case err != nil:
		err = &RunError{Run: info, Err: err}
	}
	if report == nil {
		if err == nil {
			err = &RunError{Run: info, Err: errors.New("the backend returned no report")}
		}
		return nil, err
	}
	// Half a record breaks invariants that the whole one holds.
	if h.Verify != nil && report.Log != nil && !info.Partial {
		for _, log := range append([]*trace.Log{report.Log}, report.Others...) {
			for _, b := range h.Verify(log) {
				broken = append(broken, &InvariantError{Run: info, Err: b})
			}
		}
		if cut := time.Duration(report.Log.Cut); cut != 0 {
			broken = append(broken, &RunError{Run: info, Err: fmt.Errorf(
				"verified for the first %v only, as far as its events were kept; a shorter --duration is verified whole", cut.Round(time.Millisecond))})
		}
	}
	if aerr := h.Add(info, report); aerr != nil {
		err = errors.Join(err, aerr)
	}
	return broken, err
}
