package replicate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/fibsim/fibsim/scenarios"
)

// Experiment is a published measurement, and the scenario that repeats it.
type Experiment struct {
	Name     string
	Scenario string // its path
	Host     string // what the figures were measured on
	Titles   []string
	Unit     string
	Group    string
	Column   string  // of summary.csv
	Scale    float64 // of the unit in that of the column
	Figures  []Figure
}

// Figure is a published figure of an experiment.
type Figure struct {
	Labels  []string // one for each title
	Text    string   // the figure, or where there is none what was said; empty: nothing
	Source  *Source  // nil where nothing was said
	Variant string

	Times float64 // ours is multiplied by this, where less was done; 0: by nothing
	Given bool    // the costs of the predicted host are such that this comes out
	CPUs  int     // that measuring it takes at least, or 1 exactly; 0: any number
	Lock  string  // under which it was measured; empty: cpython-3
}

// Source is where a figure was published.
type Source struct {
	Text   string
	URL    string
	Remark string // on how the figures came here
}

// String names the source; it is empty where there is none.
func (s *Source) String() string {
	if s == nil {
		return ""
	}
	text := s.Text + ", " + s.URL
	if s.Remark != "" {
		text += "; " + s.Remark
	}
	return text
}

// Experiments returns all of them, in their order.
func Experiments() []*Experiment {
	var list []*Experiment
	for i := range experiments {
		list = append(list, &experiments[i])
	}
	return list
}

// Names returns the names of all experiments, in their order.
func Names() []string {
	var names []string
	for i := range experiments {
		names = append(names, experiments[i].Name)
	}
	return names
}

// Find returns the experiment of that name; nil where there is none.
func Find(name string) *Experiment {
	i := slices.Index(Names(), name)
	if i < 0 {
		return nil
	}
	return &experiments[i]
}

// Number returns the figure that was published; false where there is none.
func (f *Figure) Number() (float64, bool) {
	v, err := strconv.ParseFloat(strings.ReplaceAll(f.Text, ",", ""), 64)
	return v, err == nil
}

// Variants returns those variants of a scenario with a figure of the experiment that a
// backend can measure on that number of CPUs.
func (e *Experiment) Variants(s *scenarios.Scenario, backend string, cpus int) []scenarios.Variant {
	var list []scenarios.Variant
	for _, v := range s.Variants {
		if slices.ContainsFunc(e.Figures, func(f Figure) bool { return f.Variant == v.Name && f.Measurable(backend, cpus) }) {
			list = append(list, v)
		}
	}
	return list
}

// Measurable reports whether a backend can measure a figure on that number of CPUs. An
// interpreter has the lock that it has.
func (f *Figure) Measurable(backend string, cpus int) bool {
	switch {
	case f.CPUs == 1 && cpus != 1, cpus < f.CPUs:
		return false
	case strings.HasPrefix(backend, "python_2"):
		return f.Lock == "cpython-2"
	case backend != "gil":
		return f.Lock == ""
	}
	return true
}
