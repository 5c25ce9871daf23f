package session

import (
	"time"

	"github.com/fibsim/fibsim/workloads"
)

// estimate guesses how long the rest of a session takes.
type estimate struct {
	steps []Step

	// What runs of known length took beyond it: start, end and writing.
	extra time.Duration
	fixed int

	// Runs that go on until all is done tell their length only afterwards; so do
	// those in virtual time, which are short.
	open map[run]time.Duration
}

// run is a program on a backend.
type run struct {
	program *workloads.Program
	backend string
}

func (e *estimate) run(s Step) run {
	// What runs until all is done takes about as long on one backend as on another.
	if s.Evidence == predicted {
		return run{s.Program, s.Backend}
	}
	return run{s.Program, ""}
}

// predicted is the evidence of runs in virtual time.
const predicted = "predicted"

func newEstimate(steps []Step) *estimate {
	return &estimate{steps: steps, open: map[run]time.Duration{}}
}

// took notes how long step i took.
func (e *estimate) took(i int, d time.Duration) {
	s := e.steps[i]
	p := s.Program
	if p.UntilDone || s.Evidence == predicted {
		e.open[e.run(s)] = d
		return
	}
	e.extra += d - length(p)
	e.fixed++
}

// left returns how long the steps from i on will take; false when that of some
// step cannot be known.
func (e *estimate) left(i int) (sum time.Duration, known bool) {
	known = true
	for _, s := range e.steps[i:] {
		d := length(s.Program)
		if s.Evidence == predicted {
			d = e.open[e.run(s)]
		} else if s.Program.UntilDone {
			seen, ok := e.open[e.run(s)]
			d, known = seen, known && ok
		} else if e.fixed > 0 {
			d += e.extra / time.Duration(e.fixed)
		}
		sum += d
	}
	return sum, known
}

func length(p *workloads.Program) time.Duration { return p.Warmup + p.Duration }
