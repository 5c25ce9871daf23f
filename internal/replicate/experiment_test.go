package replicate

import (
	"slices"
	"testing"

	"github.com/fibsim/fibsim/scenarios"
)

// Each published figure has a source, as many labels as its table, and a variant that
// the scenario has; so has each variant a figure.
func TestPublishedFigures(t *testing.T) {
	used := map[string]bool{}
	for _, e := range Experiments() {
		s, err := scenarios.Find(e.Scenario)
		if err != nil {
			t.Fatal(err)
		}
		numbers := 0
		for _, f := range e.Figures {
			if !slices.ContainsFunc(s.Variants, func(v scenarios.Variant) bool { return v.Name == f.Variant }) {
				t.Errorf("%s: %s has no variant %s", e.Name, e.Scenario, f.Variant)
			}
			used[e.Scenario+" "+f.Variant] = true
			if len(f.Labels) != len(e.Titles) || (f.Text == "") != (f.Source == nil) {
				t.Errorf("%s, %s: labels %v for %v, and %q of source %v", e.Name, f.Variant, f.Labels, e.Titles, f.Text, f.Source)
			}
			if _, is := f.Number(); is {
				numbers++
			}
		}
		if numbers == 0 {
			t.Errorf("%s: no figure", e.Name)
		}
	}
	for _, s := range scenarios.Published() {
		for _, v := range s.Variants {
			if !used[s.Path+" "+v.Name] {
				t.Errorf("%s, %s: no published figure is of it", s.Path, v.Name)
			}
		}
	}
}

func TestPublishedNumbers(t *testing.T) {
	for text, want := range map[string]float64{"30,000": 30000, "0": 0, "6.52": 6.52} {
		f := Figure{Text: text}
		if v, is := f.Number(); !is || v != want {
			t.Errorf("%q is %g, %t", text, v, is)
		}
	}
	for _, text := range []string{"", "twice that"} {
		f := Figure{Text: text}
		if _, is := f.Number(); is {
			t.Errorf("%q is a number", text)
		}
	}
}

// A backend measures what its lock and the CPUs here allow.
func TestMeasurable(t *testing.T) {
	for _, c := range []struct {
		figure  Figure
		backend string
		cpus    int
		want    bool
	}{
		{Figure{}, "gil", 1, true},
		{Figure{CPUs: 2}, "gil", 1, false},
		{Figure{CPUs: 2}, "gil", 8, true},
		{Figure{CPUs: 1}, "gil", 2, false},
		{Figure{CPUs: 1}, "gil", 1, true},
		{Figure{Lock: "cpython-2"}, "gil", 2, true},
		{Figure{Lock: "cpython-2"}, "python_2.7.18", 2, true},
		{Figure{}, "python_2.7.18", 2, false},
		{Figure{Lock: "cpython-2"}, "python_3.11.7", 2, false},
		{Figure{}, "python_3.11.7", 2, true},
	} {
		if got := c.figure.Measurable(c.backend, c.cpus); got != c.want {
			t.Errorf("%+v by %s on %d CPUs: %t", c.figure, c.backend, c.cpus, got)
		}
	}
}
