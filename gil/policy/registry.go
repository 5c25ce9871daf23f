package policy

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Spec describes a policy to people and to the scenario loader.
type Spec struct {
	Name   string
	Title  string // one line
	Source string // where its rules come from
	Params []Param
	New    func(Values) Policy // values complete and checked
}

// ParamKind is the type of a parameter's value.
type ParamKind uint8

const (
	DurationParam ParamKind = iota // time.Duration
	IntParam                       // int
	ChoiceParam                    // string, one of Choices
)

// Param is a parameter of a policy.
type Param struct {
	Name     string
	Doc      string
	Kind     ParamKind
	Default  any
	Min, Max any // DurationParam and IntParam
	Choices  []string
}

// Values holds the parameters of a policy by name.
type Values map[string]any

// Duration returns a DurationParam in nanoseconds.
func (v Values) Duration(name string) int64 { return int64(v[name].(time.Duration)) }

// Int returns an IntParam.
func (v Values) Int(name string) int { return v[name].(int) }

// Choice returns a ChoiceParam.
func (v Values) Choice(name string) string { return v[name].(string) }

var specs = map[string]*Spec{}

func register(s *Spec) {
	if specs[s.Name] != nil {
		panic("policy: two policies are named " + s.Name)
	}
	specs[s.Name] = s
}

// Names returns the names of all policies, sorted.
func Names() []string { return slices.Sorted(maps.Keys(specs)) }

// Lookup returns the policy of that name, or nil.
func Lookup(name string) *Spec { return specs[name] }

// Param returns the parameter of that name, or nil.
func (s *Spec) Param(name string) *Param {
	for i := range s.Params {
		if s.Params[i].Name == name {
			return &s.Params[i]
		}
	}
	return nil
}

// Complete returns given with a default for every parameter that it lacks. It
// fails on a parameter that the policy has not, and on a value of the wrong type
// or out of range.
func (s *Spec) Complete(given map[string]any) (Values, error) {
	out := Values{}
	for _, p := range s.Params {
		out[p.Name] = p.Default
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		p := s.Param(name)
		if p == nil {
			return nil, fmt.Errorf("lock %s has no parameter %s", s.Name, name)
		}
		if err := p.Check(given[name]); err != nil {
			return nil, err
		}
		out[name] = given[name]
	}
	return out, nil
}

// Check returns an error when the parameter cannot have that value.
func (p *Param) Check(value any) error {
	switch v := value.(type) {
	case time.Duration:
		if p.Kind == DurationParam {
			return between(p, v, p.Min.(time.Duration), p.Max.(time.Duration))
		}
	case int:
		if p.Kind == IntParam {
			return between(p, v, p.Min.(int), p.Max.(int))
		}
	case string:
		if p.Kind == ChoiceParam {
			if slices.Contains(p.Choices, v) {
				return nil
			}
			return fmt.Errorf("%s: must be one of %v, got %q", p.Name, p.Choices, v)
		}
	}
	return fmt.Errorf("%s: wrong type of value %v", p.Name, value)
}

func between[T time.Duration | int](p *Param, v, low, high T) error {
	if v < low || v > high {
		return fmt.Errorf("%s: must be from %v to %v, got %v", p.Name, low, high, v)
	}
	return nil
}

// New returns a fresh lock of the policy of that name.
func New(name string, given map[string]any) (Policy, error) {
	s := specs[name]
	if s == nil {
		return nil, fmt.Errorf("no lock policy is named %q; there are %v", name, Names())
	}
	values, err := s.Complete(given)
	if err != nil {
		return nil, err
	}
	return s.New(values), nil
}
