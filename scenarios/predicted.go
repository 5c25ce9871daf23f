package scenarios

import (
	"regexp"
	"slices"
)

// predictionOf names the prediction of each backend that is measured here.
var predictionOf = map[string]string{"gil": "sim_gil", "native": "sim_native"}

// measuredName finds those backends in a check: in a figure, or in a call of yields.
var measuredName = regexp.MustCompile(`\b(gil|native) *([.,])`)

// Predict makes the claims about gil and native claims about their predictions. A
// number of CPUs is then one of the machine: a need that it meets in every variant
// is dropped. A claim about memory stays one about measured runs.
func (s *Scenario) Predict() {
	for i := range s.Claims {
		c := &s.Claims[i]
		if slices.ContainsFunc(c.refs, func(r Ref) bool { return r.Column == "peak_memory_bytes" }) {
			continue // nothing predicts it
		}
		c.Check = measuredName.ReplaceAllString(c.Check, "sim_$1$2")
		c.refs = slices.Clone(c.refs)
		for k := range c.refs {
			if prediction := predictionOf[c.refs[k].Backend]; prediction != "" {
				c.refs[k].Backend = prediction
			}
		}
		needs := c.Needs
		c.Needs = nil
		for _, n := range needs {
			if prediction := predictionOf[n.Backend]; prediction != "" {
				n.Backend = prediction
			}
			if n.Backend != "" || !s.hasCPUs(n.CPUs) {
				c.need(n)
			}
		}
	}
}

// hasCPUs reports whether the machine has so many CPUs in every variant.
func (s *Scenario) hasCPUs(n int) bool {
	return !slices.ContainsFunc(s.Variants, func(v Variant) bool { return v.Program.Machine.CPUs < n })
}
