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

	// Runs that go on until all is done tell their length only afterwards.
	open map[*workloads.Program]time.Duration
}

func newEstimate(steps []Step) *estimate {
	return &estimate{steps: steps, open: map[*workloads.Program]time.Duration{}}
}

// took notes how long step i took.
func (e *estimate) took(i int, d time.Duration) {
	p := e.steps[i].Program
	if p.UntilDone {
		e.open[p] = d
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
		if s.Program.UntilDone {
			seen, ok := e.open[s.Program]
			d, known = seen, known && ok
		} else if e.fixed > 0 {
			d += e.extra / time.Duration(e.fixed)
		}
		sum += d
	}
	return sum, known
}

func length(p *workloads.Program) time.Duration { return p.Warmup + p.Duration }
