package main

import (
	"slices"
	"testing"
)

// Reasons are of goals that there are, and that can be missed.
func TestReasonsNameGoals(t *testing.T) {
	for name := range reasons {
		if !slices.ContainsFunc(goals, func(g goal) bool { return g.name == name && g.pass > 0 }) {
			t.Errorf("no goal that can be missed is called %q", name)
		}
	}
}
