package ossched

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Every scheduler says what it is, where its rules come from and what its
// parameters are for, and its defaults are values that it accepts.
func TestSchedulersDescribeThemselves(t *testing.T) {
	for _, s := range Schedulers() {
		if s.Name == "" || s.Title == "" || s.Source == "" {
			t.Errorf("%+v lacks a name, a title or a source", s)
		}
		if _, err := New(s.Name, Config{CPUs: 2, Tick: 4e6}); err != nil {
			t.Error(err)
		}
		for _, p := range s.Params {
			if p.Doc == "" {
				t.Errorf("%s: parameter %s says nothing of itself", s.Name, p.Name)
			}
			if err := p.Check(p.Default); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
		}
	}
}

func TestNames(t *testing.T) {
	want := []string{"eevdf", "cfs", "eevdf-6.6", "fifo", "rr", "mlfq", "sjf", "srtf", "priority", "go"}
	if got := Names(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// What cannot be built is refused in a sentence that says why.
func TestNewRefuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		config Config
		want   string
	}{
		{"lottery", Config{CPUs: 1, Tick: 1}, `no scheduler is named "lottery"`},
		{"rr", Config{CPUs: 0, Tick: 1}, "1 to 65536 CPUs, not 0"},
		{"rr", Config{CPUs: 1}, "has to be positive"},
		{"rr", Config{CPUs: 1, Tick: 1, Params: map[string]any{"slice": 1}}, "scheduler rr has no parameter slice"},
		{"rr", Config{CPUs: 1, Tick: 1, Params: map[string]any{"quantum": 1}}, "wrong type of value 1"},
		{"rr", Config{CPUs: 1, Tick: 1, Params: map[string]any{"quantum": time.Duration(0)}}, "quantum: must be from 1ns"},
	} {
		_, err := New(test.name, test.config)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %+v: got %v, want %q", test.name, test.config, err, test.want)
		}
	}
}
