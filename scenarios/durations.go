package scenarios

import (
	"time"

	"github.com/fibsim/fibsim/workloads"
)

// drawn is a duration that may be random. Its data is a workloads.Duration.
type drawn struct {
	fixed  *scalar
	random *choiceShape
}

// randomDuration returns the shape of a duration from low to high, whose random
// forms have a mean in the same range.
func randomDuration(low, high time.Duration) *drawn {
	mean := key{name: "mean", doc: "the mean", shape: duration(max(low, 1), high), required: true}
	sigma := key{name: "sigma", doc: "the standard deviation of the logarithm", shape: decimal(0, MaxSigma), required: true}
	alpha := key{name: "alpha", doc: "the tail index; the mean exists above 1", shape: decimal(1, 100), required: true}
	return &drawn{
		fixed: duration(low, high),
		random: &choiceShape{thing: "distribution", doc: "A duration drawn anew each time.", keys: []key{
			{name: "exponential", doc: "exponential with this mean", shape: duration(max(low, 1), high)},
			{name: "lognormal", doc: "lognormal", shape: &mapShape{doc: "A lognormal duration.", keys: []key{mean, sigma}}},
			{name: "uniform", doc: "between two durations", shape: &pair{duration(low, high)}},
			{name: "pareto", doc: "Pareto, with a heavy tail", shape: &mapShape{doc: "A Pareto duration.", keys: []key{mean, alpha}}},
		}},
	}
}

func (s *drawn) read(r *reader, n *node, path string) *value {
	if n.kind != mappingNode {
		v := s.fixed.read(r, n, path)
		if d, ok := v.data.(time.Duration); ok {
			v.data = workloads.Duration{Mean: int64(d)}
		}
		return v
	}
	v := s.random.read(r, n, path)
	name, _ := v.data.(string)
	if d, ok := distribution(name, v.get(name)); ok {
		v.data = d
	} else {
		v.data = nil
	}
	return v
}

// distribution makes a random duration of what was read; ok is false where
// something in it was wrong.
func distribution(name string, v *value) (d workloads.Duration, ok bool) {
	mean := int64(pick[time.Duration](v, "mean"))
	switch name {
	case "exponential":
		at, ok := v.data.(time.Duration)
		return workloads.Duration{Dist: workloads.Exponential, Mean: int64(at)}, ok
	case "lognormal":
		d = workloads.Duration{Dist: workloads.Lognormal, Mean: mean, Shape: pick[float64](v, "sigma")}
		return d, d.Mean > 0 && d.Shape > 0
	case "pareto":
		d = workloads.Duration{Dist: workloads.Pareto, Mean: mean, Shape: pick[float64](v, "alpha")}
		return d, d.Mean > 0 && d.Shape > 0
	case "uniform":
		d, ok = v.data.(workloads.Duration)
		return d, ok
	}
	return d, false
}

// pair is the two bounds of a uniform duration.
type pair struct{ bound *scalar }

func (s *pair) read(r *reader, n *node, path string) *value {
	v := &value{node: n, path: path, given: true}
	if n.kind != listNode || len(n.items) != 2 {
		r.addf(n, path, "must be two durations such as [1ms, 3ms], got %s", n.what())
		return v
	}
	low, ok1 := s.bound.read(r, n.items[0], join(path, "0")).data.(time.Duration)
	high, ok2 := s.bound.read(r, n.items[1], join(path, "1")).data.(time.Duration)
	switch {
	case !ok1 || !ok2:
	case low > high:
		r.addf(n, path, "the first must not be above the second, got [%s, %s]", FormatDuration(low), FormatDuration(high))
	default:
		v.data = workloads.Duration{Dist: workloads.UniformDist, Low: int64(low), High: int64(high)}
	}
	return v
}

// formatDrawn is the inverse of reading: text, or an object for a random one.
func formatDrawn(d workloads.Duration) any {
	mean := FormatDuration(time.Duration(d.Mean))
	switch d.Dist {
	case workloads.Exponential:
		return object{{"exponential", mean}}
	case workloads.Lognormal:
		return object{{"lognormal", object{{"mean", mean}, {"sigma", d.Shape}}}}
	case workloads.UniformDist:
		return object{{"uniform", []any{FormatDuration(time.Duration(d.Low)), FormatDuration(time.Duration(d.High))}}}
	case workloads.Pareto:
		return object{{"pareto", object{{"mean", mean}, {"alpha", d.Shape}}}}
	}
	return mean
}
