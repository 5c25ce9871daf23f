package plot

import (
	"fmt"
	"strings"

	"github.com/fibsim/fibsim/internal/palette"
	"github.com/fibsim/fibsim/internal/results"
)

// Draw draws one picture of a directory. It fails with a ChoiceError where the results
// have not got what was asked for, and with a results.ReadError where a file of the
// directory cannot be read.
func Draw(d *results.Dir, o Options) (*Picture, error) {
	o.Width = max(o.Width, 0)
	if o.Width == 0 {
		o.Width = usualWidth
	}
	s, err := newSelection(d, &o)
	if err != nil {
		return nil, err
	}
	switch o.Kind {
	case Spectrum, CDF:
		return s.distribution()
	case Timeline:
		return s.timeline()
	case Interval:
		return s.interval()
	}
	return nil, choice("no kind of picture is named %q", o.Kind)
}

// selection is the part of a directory that is drawn.
type selection struct {
	*results.Dir
	Options
	scenario

	variants, backends []string
	lines              []palette.Line // of the backends
}

func newSelection(d *results.Dir, o *Options) (*selection, error) {
	s := &selection{Dir: d, Options: *o, scenario: scenarioOf(d)}
	var err error
	if s.variants, err = pick("variant", o.Variants, d.Set.Variants); err != nil {
		return nil, err
	}
	if s.backends, err = pick("backend", o.Backends, d.Set.Backends); err != nil {
		return nil, err
	}
	// A backend has its colour whichever others are drawn.
	for i, line := range palette.Lines(d.Set.Backends) {
		for _, name := range s.backends {
			if d.Set.Backends[i] == name {
				s.lines = append(s.lines, line)
			}
		}
	}
	return s, nil
}

// groups returns the groups of a variant that are drawn.
func (s *selection) groups(variant string) ([]string, error) {
	return pick("group", s.Options.Groups, s.Set.Groups(variant))
}

// title is the headline of the picture.
func (s *selection) title() string {
	name := s.name
	if name == "" && len(s.Rows) > 0 {
		name = s.Rows[0].Scenario
	}
	if s.headline != "" {
		return name + ": " + s.headline
	}
	return name
}

// evidence says what a backend's figures are: measured or predicted.
func (s *selection) evidence(backend string) string {
	for _, info := range s.Run.Backends {
		if info.Name == backend {
			return info.Evidence
		}
	}
	return ""
}

// caption says where the figures come from.
func (s *selection) caption() string {
	var parts []string
	for _, evidence := range []string{"measured", "predicted"} {
		var names []string
		for _, b := range s.backends {
			if s.evidence(b) == evidence {
				names = append(names, b)
			}
		}
		if len(names) == 0 {
			continue
		}
		part := strings.Join(names, ", ") + " " + evidence
		if host := s.Run.Host; evidence == "measured" {
			part += fmt.Sprintf(" on %d CPUs", host.CPUs)
			if host.CPUModel != "" {
				part += " (" + host.CPUModel + ")"
			}
		}
		parts = append(parts, part)
	}
	parts = append(parts, "fibsim "+s.Run.Version)
	if s.Run.Aborted {
		parts = append(parts, "stopped before all runs were made")
	}
	return strings.Join(parts, " · ")
}

// stopped ends the message about what is not there, where the run was stopped.
func (s *selection) stopped() string {
	if s.Run.Aborted {
		return "; the run was stopped before that"
	}
	return ""
}

// key returns the entry of a backend in the legend.
func (s *selection) key(i int) entry {
	return entry{text: s.backends[i] + " (" + s.evidence(s.backends[i]) + ")", line: s.stroke(i)}
}
