package validate

import (
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/results"
)

// Collector keeps the latency distributions of the runs that are to be compared.
// The zero Collector is empty and ready.
type Collector struct {
	latency map[run]*trace.Sketch
}

// run is a group in one run of the whole program.
type run struct {
	results.Key
	rep int
}

// Add takes the report of a run of a whole program, in full; others are left out.
func (c *Collector) Add(info results.RunInfo, report *trace.Report) {
	if info.Partial || info.Alone != "" {
		return
	}
	if c.latency == nil {
		c.latency = map[run]*trace.Sketch{}
	}
	for _, g := range report.Groups {
		s := new(trace.Sketch)
		for _, m := range g.Workers {
			s.Merge(&m.Total(trace.Measure).Latency)
		}
		c.latency[run{results.Key{Variant: info.Variant, Backend: info.Backend, Group: g.Name}, info.Rep}] = s
	}
}

// repetition is what a group showed in one run.
type repetition struct {
	number  int     // from 1
	rate    float64 // good iterations per second; 0 also where it is not known
	latency *trace.Sketch
}

// repetitions returns those of a group on a backend, whose rows are in the set.
func (c *Collector) repetitions(set *results.Set, key results.Key) []repetition {
	var out []repetition
	for _, row := range set.Select(key) {
		s := c.latency[run{key, row.Rep}]
		if s == nil {
			panic("validate: the collector has not taken the runs of the set")
		}
		rate, _ := row.Get("throughput_per_s").Value()
		out = append(out, repetition{row.Rep, rate, s})
	}
	return out
}

// half returns the repetitions with odd numbers, or those with even ones.
func half(reps []repetition, odd bool) []repetition {
	var out []repetition
	for _, r := range reps {
		if r.number%2 == 1 == odd {
			out = append(out, r)
		}
	}
	return out
}

// pool returns the distribution of all repetitions together.
func pool(reps []repetition) *trace.Sketch {
	all := new(trace.Sketch)
	for _, r := range reps {
		all.Merge(r.latency)
	}
	return all
}

func rates(reps []repetition) []float64 {
	var out []float64
	for _, r := range reps {
		out = append(out, r.rate)
	}
	return out
}
