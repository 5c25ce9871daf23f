package main

import (
	"context"
	"errors"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/cpython"
	"github.com/fibsim/fibsim/internal/live"
	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/session"
)

// openBackends opens the backends that the flags ask for.
func openBackends(ctx context.Context, o *runOptions) ([]session.Backend, []trace.Warning, error) {
	// One calibration for all of them: a call of fib costs the same everywhere.
	var calibrator live.Calibrator
	var list []session.Backend
	if o.chosen.gil {
		list = append(list, live.NewGIL(&calibrator, processes))
	}
	if o.chosen.native {
		list = append(list, live.NewNative(&calibrator, processes))
	}
	interpreters, warnings, err := openInterpreters(ctx, o.chosen)
	if err != nil {
		return nil, nil, err
	}
	list = append(list, openPredictions(o)...)
	for _, b := range interpreters {
		b.Clients = cpython.LiveClients(processes.Client)
		list = append(list, b)
	}
	return list, warnings, nil
}

// openPredictions returns the backends in virtual time that the flags ask for.
func openPredictions(o *runOptions) []session.Backend {
	var list []session.Backend
	for _, b := range []struct {
		wanted bool
		open   func() *predict.Backend
	}{{o.chosen.simGIL, predict.NewGIL}, {o.chosen.simNative, predict.NewNative}} {
		if b.wanted {
			one := b.open()
			one.Ties = o.ties == tiesRandom
			list = append(list, one)
		}
	}
	return list
}

// openInterpreters opens the interpreters asked for. One that was only welcome
// may be missing.
func openInterpreters(ctx context.Context, c chosen) ([]*cpython.Backend, []trace.Warning, error) {
	paths := c.python
	if c.optional {
		paths = []string{""}
	}
	found, err := cpython.OpenAll(ctx, paths)
	switch {
	case err == nil:
		return found, nil, nil
	case ctx.Err() != nil:
		return nil, nil, session.ErrInterrupted
	case c.optional && errors.Is(err, cpython.ErrMissing):
		return nil, []trace.Warning{{
			Code:    "no-python",
			Message: "python is left out: " + err.Error(),
			Hint:    "`fibsim doctor` lists the interpreters found here",
		}}, nil
	}
	return nil, nil, &hostError{err}
}
