package words

import (
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// Verdict returns what the verdict on a claim rests on: its values, and of a claim
// that was not found to hold the reason.
func (s Style) Verdict(c results.ClaimResult) string {
	values := s.Figures(c.Values)
	switch {
	case c.Skipped():
		return "skipped: " + c.Reason
	case c.Failed():
		return c.Reason + ": " + c.Check + "; " + values
	}
	return values
}

// Figures writes named figures in a line.
func (s Style) Figures(list []results.ClaimValue) string {
	var parts []string
	for _, v := range list {
		parts = append(parts, v.Name+" = "+s.Figure(v.Column, v.Value))
	}
	return strings.Join(parts, ", ")
}
