package main

import (
	"fmt"
	"slices"

	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/internal/term"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/workloads"
)

// interpreted is what a real interpreter has found out about a chapter.
type interpreted struct {
	Backend string               `json:"backend"`
	Values  []results.ClaimValue `json:"values"`             // those that the claims have of gil
	LeftOut []unfit              `json:"left_out,omitempty"` // variants that it did not run
}

// unfit is a variant that is no program for an interpreter.
type unfit struct {
	Variant string `json:"variant"` // empty where the chapter has none
	Reason  string `json:"reason"`
}

// reader is a backend that is a real interpreter.
type reader interface {
	session.Backend
	Unfit(*workloads.Program) string
}

// readers returns the interpreters among the backends, and what of a chapter each leaves
// out.
func readers(s *scenarios.Scenario, backends []session.Backend) []interpreted {
	var list []interpreted
	for _, b := range backends {
		r, ok := b.(reader)
		if !ok {
			continue
		}
		one := interpreted{Backend: r.Name(), Values: []results.ClaimValue{}}
		for _, v := range s.Variants {
			if reason := r.Unfit(v.Program); reason != "" {
				one.LeftOut = append(one.LeftOut, unfit{v.Name, reason})
			}
		}
		list = append(list, one)
	}
	return list
}

// leftOut reports which variants interpreters leave out.
func leftOut(list []interpreted) func(session.Variant, session.Backend) bool {
	return func(v session.Variant, b session.Backend) bool {
		i := slices.IndexFunc(list, func(p interpreted) bool { return p.Backend == b.Name() })
		return i >= 0 && slices.ContainsFunc(list[i].LeftOut, func(u unfit) bool { return u.Variant == v.Name })
	}
}

// read looks up what the claims rest on of gil, each figure once, as far as an
// interpreter knows it.
func (p *interpreted) read(claims []scenarios.Claim, set *results.Set) {
	for i := range claims {
		for _, variant := range claims[i].Variants() {
			for _, ref := range claims[i].Refs() {
				if ref.Backend != "gil" || ref.Yields != "" {
					continue
				}
				if ref.Backend = p.Backend; ref.Variant == "" {
					ref.Variant = variant
				}
				p.add(ref, set.Median(results.Key{Variant: ref.Variant, Backend: ref.Backend, Group: ref.Group, Alone: ref.Alone}, ref.Column))
			}
		}
	}
}

func (p *interpreted) add(ref scenarios.Ref, value results.Cell) {
	name := ref.String()
	_, known := value.Value()
	if known && !slices.ContainsFunc(p.Values, func(v results.ClaimValue) bool { return v.Name == name }) {
		p.Values = append(p.Values, results.ClaimValue{Name: name, Column: ref.Column, Value: value})
	}
}

// besides returns what is shown of it.
func besides(list []interpreted) []term.Beside {
	var out []term.Beside
	for _, p := range list {
		b := term.Beside{Values: p.Values}
		for _, u := range p.LeftOut {
			what := p.Backend
			if u.Variant != "" {
				what = u.Variant + " on " + p.Backend
			}
			b.LeftOut = append(b.LeftOut, fmt.Sprintf("%s is left out: %s", what, u.Reason))
		}
		out = append(out, b)
	}
	return out
}
