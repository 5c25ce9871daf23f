package ossched

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Scheduler describes a scheduling policy to people and to the scenario loader.
type Scheduler struct {
	Name   string // as in machine.scheduler
	Title  string // one line
	Source string // where its rules come from
	Params []Param
	build  func(Config, values) Policy // config and values checked
}

// The order is the one in which lists and messages show them: kernels of today
// first, then the classics, then Go.
var schedulers = []Scheduler{
	eevdfScheduler, cfsScheduler, eevdfBefore, fifoScheduler, rrScheduler, mlfqScheduler,
	sjfScheduler, srtfScheduler, priorityScheduler, goScheduler,
}

// Schedulers returns all schedulers, in the order in which lists show them. The
// slice is the caller's own.
func Schedulers() []Scheduler { return slices.Clone(schedulers) }

// Names returns the names of all schedulers, in the same order.
func Names() []string {
	names := make([]string, len(schedulers))
	for i := range schedulers {
		names[i] = schedulers[i].Name
	}
	return names
}

// HasParam reports whether there is a scheduler of that name and it has that parameter.
func HasParam(scheduler, param string) bool {
	return slices.ContainsFunc(ParamsOf(scheduler), func(p Param) bool { return p.Name == param })
}

// ParamsOf returns the parameters of the scheduler of that name; none if there is none. They
// are not to be changed.
func ParamsOf(scheduler string) []Param {
	for i := range schedulers {
		if schedulers[i].Name == scheduler {
			return schedulers[i].Params
		}
	}
	return nil
}

// New returns a fresh policy of that name for a machine. It fails on an unknown
// name, on a machine without CPU or tick, and on a parameter that the policy has
// not or whose value is out of range.
func New(name string, c Config) (Policy, error) {
	i := slices.IndexFunc(schedulers, func(s Scheduler) bool { return s.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("no scheduler is named %q; there are %v", name, Names())
	}
	if c.CPUs < 1 || c.CPUs > mostCPUs {
		return nil, fmt.Errorf("scheduler %s: a machine has 1 to %d CPUs, not %d", name, mostCPUs, c.CPUs)
	}
	if c.Tick <= 0 {
		return nil, errors.New("scheduler " + name + ": the time between two ticks has to be positive")
	}
	v, err := schedulers[i].complete(c.Params)
	if err != nil {
		return nil, err
	}
	return schedulers[i].build(c, v), nil
}

// mostCPUs bounds what is searched CPU by CPU at each wake-up.
const mostCPUs = 1 << 16

// Param is a parameter of a scheduler. The type of its value is that of Default:
// time.Duration, int or bool. Min and Max bound the first two.
type Param struct {
	Name     string
	Doc      string
	Default  any
	Min, Max any
}

// Check returns an error when the parameter cannot have that value.
func (p *Param) Check(value any) error {
	switch def := p.Default.(type) {
	case time.Duration:
		if v, ok := value.(time.Duration); ok {
			return between(p, v)
		}
	case int:
		if v, ok := value.(int); ok {
			return between(p, v)
		}
	case bool:
		if _, ok := value.(bool); ok {
			return nil
		}
	default:
		panic(fmt.Sprintf("ossched: parameter %s of type %T", p.Name, def))
	}
	return fmt.Errorf("%s: wrong type of value %v, like %v it has to be of type %T", p.Name, value, p.Default, p.Default)
}

func between[T time.Duration | int](p *Param, v T) error {
	if v < p.Min.(T) || v > p.Max.(T) {
		return fmt.Errorf("%s: must be from %v to %v, got %v", p.Name, p.Min, p.Max, v)
	}
	return nil
}

// values holds all parameters of a scheduler by name.
type values map[string]any

func (v values) duration(name string) int64 { return int64(v[name].(time.Duration)) }
func (v values) int(name string) int        { return v[name].(int) }
func (v values) bool(name string) bool      { return v[name].(bool) }

// complete returns given with a default for every parameter that it lacks.
func (s *Scheduler) complete(given map[string]any) (values, error) {
	out := values{}
	for _, p := range s.Params {
		out[p.Name] = p.Default
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		i := slices.IndexFunc(s.Params, func(p Param) bool { return p.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("scheduler %s has no parameter %s", s.Name, name)
		}
		if err := s.Params[i].Check(given[name]); err != nil {
			return nil, fmt.Errorf("scheduler %s: %w", s.Name, err)
		}
		out[name] = given[name]
	}
	return out, nil
}
