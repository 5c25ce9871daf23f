package results

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/scenarios"
)

// ClaimResult is a claim, in one variant where there are several, and what
// became of it.
type ClaimResult struct {
	Text    string       `json:"text"`
	Check   string       `json:"check"`
	Variant string       `json:"variant"`          // where it was checked; empty where its names say so themselves
	Verdict string       `json:"verdict"`          // passed, failed or skipped
	Reason  string       `json:"reason,omitempty"` // why it did not pass
	Values  []ClaimValue `json:"values"`
}

// ClaimValue is a figure that a claim rests on: the median over repetitions.
type ClaimValue struct {
	Name   string `json:"name"`   // variant, backend, group and column, joined by dots; or a call of yields
	Column string `json:"column"` // of summary.csv; empty for yields
	Value  Cell   `json:"value"`
}

// Failed reports whether the claim was decided, and against it.
func (c ClaimResult) Failed() bool { return c.Verdict == scenarios.Failed.String() }

// Skipped reports whether the claim could not be decided.
func (c ClaimResult) Skipped() bool { return c.Verdict == scenarios.Skipped.String() }

// judge decides the claims, each in its variants.
func (w *Writer) judge(set *Set, aborted bool) []ClaimResult {
	out := []ClaimResult{}
	for i := range w.config.Claims {
		claim := &w.config.Claims[i]
		reason := w.unmet(claim)
		if aborted {
			reason = "stopped before all runs were made"
		}
		for _, variant := range claim.Variants() {
			r := ClaimResult{Text: claim.Text, Check: claim.Check, Variant: variant, Values: []ClaimValue{}}
			if reason != "" {
				r.Verdict, r.Reason = scenarios.Skipped.String(), reason
			} else {
				r.decide(claim, set)
			}
			out = append(out, r)
		}
	}
	return out
}

// decide fills in the verdict on a claim whose needs are met.
func (r *ClaimResult) decide(claim *scenarios.Claim, set *Set) {
	verdict := claim.Eval(r.Variant, func(ref scenarios.Ref) (float64, bool) { return set.lookUp(ref).Value() })
	r.Verdict, r.Reason = verdict.Status.String(), verdict.Reason
	for _, v := range verdict.Values {
		r.Values = append(r.Values, ClaimValue{Name: v.Ref.String(), Column: v.Ref.Column, Value: set.lookUp(v.Ref)})
	}
}

// unmet says which need of a claim is not met; empty when all are.
func (w *Writer) unmet(claim *scenarios.Claim) string {
	for _, n := range claim.Needs {
		switch {
		case n.Backend == "" && w.config.Host.UsableCPUs() < n.CPUs:
			return fmt.Sprintf("needs %s, here it is %d", n, w.config.Host.UsableCPUs())
		case n.Backend != "" && resolve(w.config.Backends, n.Backend) == "":
			return fmt.Sprintf("needs %s, which did not run", n)
		}
	}
	if claim.NeedsAlone() && !w.config.Baseline {
		return "needs the groups alone, which --no-baseline leaves out"
	}
	return ""
}

// resolve returns the backend of that name, or for python the first
// interpreter, among those that ran; empty when there is none.
func resolve(backends []string, name string) string {
	if slices.Contains(backends, name) {
		return name
	}
	for _, b := range backends {
		if name == "python" && (strings.HasPrefix(b, "python_") || strings.HasPrefix(b, "pypy_")) {
			return b
		}
	}
	return ""
}

// agreement returns how many values come as a claim tells, in the repetition in which they
// are the fewest; a missing Cell where none yielded any.
func (s *Set) agreement(ref scenarios.Ref) (least Cell) {
	backend := resolve(s.Backends, ref.Backend)
	for _, l := range s.Run.Values {
		if l.Variant != ref.Variant || l.Backend != backend {
			continue
		}
		var values []int64
		for _, v := range l.Values {
			values = append(values, v.Value)
		}
		n := ref.Agreement(values)
		if most, known := least.Value(); !known || float64(n) < most {
			least = Int(int64(n))
		}
	}
	return least
}

// lookUp returns the figure that a claim names.
func (s *Set) lookUp(ref scenarios.Ref) Cell {
	if ref.Yields != "" {
		return s.agreement(ref)
	}
	k := Key{Variant: ref.Variant, Backend: resolve(s.Backends, ref.Backend), Group: ref.Group, Alone: ref.Alone}
	return s.Median(k, ref.Column)
}
