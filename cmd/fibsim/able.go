package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/workloads"
)

// gapError is a scenario that asks a backend for what it cannot do yet.
type gapError struct{ text string }

func (e *gapError) Error() string { return e.text }

// able returns the backends that can do all that a scenario has. With all they are
// welcome and no more: one that cannot is left out with a warning, as long as
// another is left. Otherwise the first that cannot is an error.
func able(s *scenarios.Scenario, backends []session.Backend, all bool) ([]session.Backend, []trace.Warning, error) {
	return sift(s, backends, all, session.Gaps)
}

// sift is able for given gaps.
func sift(s *scenarios.Scenario, backends []session.Backend, all bool, gaps func(*workloads.Program, string) []string) (
	[]session.Backend, []trace.Warning, error) {
	var left []session.Backend
	var warnings []trace.Warning
	var first error
	for _, b := range backends {
		var missing []string
		for _, v := range s.Variants {
			for _, what := range gaps(v.Program, b.Name()) {
				if !slices.Contains(missing, what) {
					missing = append(missing, what)
				}
			}
		}
		if missing == nil {
			left = append(left, b)
			continue
		}
		what := strings.Join(missing, ", ")
		if first == nil {
			first = &gapError{fmt.Sprintf("%s: %s cannot do this yet: %s; leave %s out", s.Path, b.Name(), what, b.Name())}
		}
		warnings = append(warnings, trace.Warning{
			Code:    "not-available",
			Message: fmt.Sprintf("%s is left out: it cannot do this yet: %s", b.Name(), what),
			Hint:    "a run without what it cannot do has it again",
		})
	}
	if first != nil && (!all || len(left) == 0) {
		return nil, nil, first
	}
	return left, warnings, nil
}
