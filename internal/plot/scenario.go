package plot

import (
	"encoding/json"
	"time"

	"github.com/fibsim/fibsim/internal/results"
)

// scenario is what a picture needs to know of the scenario that ran.
type scenario struct {
	name, headline string
	warmup         time.Duration
	base           string            // switch interval without a variant; empty: the lock has none
	variants       map[string]string // switch interval of those that set one
}

// intervalPath is what variants call the switch interval.
const intervalPath = "interpreter.switch_interval"

// scenarioOf reads run.json's scenario. What it does not say stays empty.
func scenarioOf(d *results.Dir) scenario {
	var read struct {
		Name, Title string
		Warmup      string
		Interpreter struct {
			Interval string `json:"switch_interval"`
		}
		Variants []struct {
			Name string
			Set  map[string]any
		}
	}
	if raw, ok := d.Run.Scenario.(json.RawMessage); ok {
		_ = json.Unmarshal(raw, &read)
	}
	s := scenario{name: read.Name, headline: read.Title, base: read.Interpreter.Interval, variants: map[string]string{}}
	s.warmup, _ = time.ParseDuration(read.Warmup)
	for _, v := range read.Variants {
		if text, ok := v.Set[intervalPath].(string); ok {
			s.variants[v.Name] = text
		}
	}
	return s
}

// interval returns the switch interval of a variant; false where its lock has none.
func (s scenario) interval(variant string) (time.Duration, bool) {
	text, own := s.variants[variant]
	if !own {
		text = s.base
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d > 0
}
