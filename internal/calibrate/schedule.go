package calibrate

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/fibsim/fibsim/internal/others"
	"github.com/fibsim/fibsim/sim/machine"
)

// This file says in which order a host is measured, and what is measured once more because
// others disturbed it. On a virtual machine, November 2026, neighbours used up to a third of its
// CPUs for some seconds, up to half a minute, and left them alone for longer. Where somebody
// uses a tenth of a CPU all the time, no measurement is calm, and all of the patience is used up. What takes
// less than 15 ms on two CPUs can't be told to be disturbed.

const (
	allotted = 14500 * time.Millisecond // for all of it, where others leave the host alone
	reserved = 1000 * time.Millisecond  // of that for the steps that come last

	disturbingCPUs = 0.1                   // that others used, from which on they count; a quiet host's ticks are half of it
	disturbingTime = 30 * time.Millisecond // of CPUs, the same: three ticks
)

// step measures something and notes it.
type step struct {
	what string
	run  func(context.Context, *figures) error
}

// drawnOut measures something in rounds that lie between the steps, all through the time of a calibration.
type drawnOut interface {
	rounds() int
	round(context.Context, *figures) error
	finish(context.Context, *figures) error // measures on where others disturbed too much, and notes what was found
}

// due returns how many of so many things to do between steps come after the step i of n.
func due(all, i, n int) int { return all*(i+1)/n - all*i/n }

// schedule takes steps.
type schedule struct {
	*figures
	race     drawnOut // nil: there is none here
	progress func(step, steps int, what string)
	steps    []step
	fixed    int       // how many of them may be taken again; the others follow, and see to it themselves, if at all
	others   []float64 // how many CPUs others used during each
	took     []time.Duration
	names    [][]string // names of costs, by the run of the step that counts
}

func newSchedule(o Options) *schedule {
	s := &schedule{
		figures:  &figures{costs: machine.DefaultCosts(), found: map[string]bool{}, nets: map[string]net{}, cpuTime: o.CPUTime, end: time.Now().Add(allotted + o.Patience)},
		progress: o.Progress,
		steps:    slices.Concat(everywhere, ofSystem()),
	}
	if s.cpuTime == nil {
		s.cpuTime = others.Read
	}
	if s.progress == nil {
		s.progress = func(int, int, string) {}
	}
	s.fixed = len(s.steps)
	if s.race = raceOfSystem(); s.race != nil {
		s.steps = append(s.steps, step{"the race for a signal", s.race.finish})
	}
	s.steps = append(s.steps, step{"the notice of a request", notice})
	n := len(s.steps)
	s.others, s.took, s.names = make([]float64, n), make([]time.Duration, n), make([][]string, n)
	return s
}

// take runs a step for the first time, and what belongs between steps.
func (s *schedule) take(ctx context.Context, i int) error {
	s.progress(i+1, len(s.steps), s.steps[i].what)
	begin := time.Now()
	if err := s.run(ctx, i); err != nil {
		return err
	}
	s.took[i] = time.Since(begin)
	if s.race != nil && i < s.fixed {
		for range due(s.race.rounds(), i, s.fixed) {
			if err := s.race.round(ctx, s.figures); err != nil {
				return err
			}
		}
	}
	if s.long != nil {
		for range due(longRunStretches, i, len(s.steps)) {
			s.long.stretch()
		}
	}
	return nil
}

// retake runs steps again that others disturbed, as often as there is time, and keeps what the calmer
// run found.
func (s *schedule) retake(ctx context.Context) error {
	for again := true; again; {
		again = false
		for i := range s.steps[:s.fixed] {
			if s.others[i] < disturbingCPUs || time.Until(s.end) < reserved+s.took[i] {
				continue
			}
			again = true
			s.progress(i+1, len(s.steps), s.steps[i].what+", once more")
			was, names, costs, found, nets := s.others[i], s.names[i], *s.costs, maps.Clone(s.found), maps.Clone(s.nets)
			if err := s.run(ctx, i); err != nil {
				return err
			}
			if s.others[i] >= was {
				s.others[i], s.names[i], *s.costs, s.found, s.nets = was, names, costs, found, nets
			}
		}
	}
	return nil
}

func (s *schedule) run(ctx context.Context, i int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.forget(s.names[i]) // a run before this one
	s.kept, s.setting = nil, nil
	b, err := behold(s.figures, func() (any, error) { return nil, s.steps[i].run(ctx, s.figures) })
	s.names[i] = s.setting
	if s.others[i] = b.others; s.kept != nil {
		s.others[i] = *s.kept
	}
	return err
}

// disturbed returns the steps during which others used the CPUs.
func (s *schedule) disturbed() (list []string) {
	for i, cpus := range s.others {
		if cpus >= disturbingCPUs {
			list = append(list, s.steps[i].what)
		}
	}
	return list
}

// beheld is something that was measured, and how many CPUs others used meanwhile: 0 if that is
// nothing that can be told from the housekeeping of a quiet host, or not known.
type beheld[T any] struct {
	what   T
	others float64
}

func behold[T any](f *figures, measure func() (T, error)) (b beheld[T], err error) {
	from, known := f.cpuTime()
	if b.what, err = measure(); err != nil || !known {
		return b, err
	}
	to, _ := f.cpuTime()
	if used, cpus := to.Since(from); used >= disturbingTime && cpus >= disturbingCPUs {
		b.others = cpus
	}
	return b, nil
}

// undisturbed returns during how many of them others left the CPUs alone.
func undisturbed[T any](all []beheld[T]) (n int) {
	for _, b := range all {
		if b.others == 0 {
			n++
		}
	}
	return n
}

// calmest leaves those out during which others used the CPUs, but keeps so many at least,
// with the least use.
func calmest[T any](all []beheld[T], least int) []beheld[T] {
	slices.SortStableFunc(all, func(a, b beheld[T]) int { return cmp.Compare(a.others, b.others) })
	return all[:max(undisturbed(all), min(least, len(all)))]
}

// half is how many of so many rounds have to be calm.
func half(rounds int) int { return (rounds + 1) / 2 }

// repeated calls a measurement once for each round, and returns the calmest rounds.
func repeated[T any](ctx context.Context, f *figures, rounds int, measure func() (T, error)) ([]T, error) {
	var all []beheld[T]
	for range rounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b, err := behold(f, measure)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return whats(calmest(all, half(rounds))), nil
}

// whats returns what was measured.
func whats[T any](all []beheld[T]) []T {
	list := make([]T, len(all))
	for i, b := range all {
		list[i] = b.what
	}
	return list
}
