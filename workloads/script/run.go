package script

import (
	"errors"
	"fmt"

	"go.starlark.net/starlark"
)

// MaxDepth is how many calls may be inside each other: less than Python's limit
// of 1000, some of which the caller of the script takes.
const MaxDepth = 900

// depthEvery is how many steps may pass before the depth is looked at. A call
// takes several, so that the stack never is much deeper than MaxDepth.
const depthEvery = 256

// ErrSteps is the error of [Script.Steps] for a script that takes too many.
var ErrSteps = errors.New("takes too many steps")

// Run calls the function and returns its error, if it has one. After each so
// many steps, and with the rest of them at the end, it calls step; an error of
// step ends the script and is the result. Every is at least 1.
func (s *Script) Run(every uint64, step func(steps uint64) error) error {
	r := runner{every: every, step: step}
	thread := &starlark.Thread{Name: s.Name(), OnMaxSteps: r.look}
	thread.SetMaxExecutionSteps(min(every, depthEvery))
	_, err := starlark.Call(thread, s.run, nil, nil)
	switch {
	case r.err != nil:
		return r.err
	case err != nil:
		return plain(err)
	case thread.Steps > r.told:
		return step(thread.Steps - r.told)
	}
	return nil
}

// runner is one run of a script.
type runner struct {
	every uint64
	step  func(uint64) error
	told  uint64 // steps that step knows of
	err   error  // why the script was ended
}

// look is called where the thread has reached its limit of steps, and sets the
// next one.
func (r *runner) look(thread *starlark.Thread) {
	steps := thread.Steps
	if steps-r.told >= r.every {
		r.err = r.step(steps - r.told)
		r.told = steps
	}
	if depth := thread.CallStackDepth(); r.err == nil && steps%depthEvery == 0 && depth > MaxDepth {
		r.err = fmt.Errorf("maximum recursion depth exceeded: %d calls inside each other, the limit is %d", depth, MaxDepth)
	}
	if r.err != nil {
		thread.Cancel("stopped")
	}
	thread.SetMaxExecutionSteps(min(r.told+r.every, steps-steps%depthEvery+depthEvery))
}

// Steps returns how many steps the function takes, or ErrSteps when they are
// more than most.
func (s *Script) Steps(most uint64) (uint64, error) {
	var sum uint64
	err := s.Run(depthEvery, func(steps uint64) error {
		sum += steps
		if sum > most {
			return ErrSteps
		}
		return nil
	})
	return sum, err
}

// plain returns where in the script an error arose, and what it says.
func plain(err error) error {
	var e *starlark.EvalError
	if !errors.As(err, &e) {
		return err
	}
	for i := range e.CallStack {
		// The innermost frame that has a place in the text.
		if at := e.CallStack.At(i).Pos; at.Line > 0 {
			return Error{Line: int(at.Line), Col: int(at.Col), Msg: e.Msg}
		}
	}
	return errors.New(e.Msg)
}
