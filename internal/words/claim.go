package words

import (
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// Verdict returns what the verdict on a claim rests on: its values, and of a claim
// that was not found to hold the reason.
func (s Style) Verdict(c results.ClaimResult) string {
	var parts []string
	for _, v := range c.Values {
		parts = append(parts, v.Name+" = "+s.Figure(v.Column, v.Value))
	}
	values := strings.Join(parts, ", ")
	switch {
	case c.Skipped():
		return "skipped: " + c.Reason
	case c.Failed():
		return c.Reason + ": " + c.Check + "; " + values
	}
	return values
}
