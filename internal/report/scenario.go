package report

import (
	"encoding/json"
	"time"
)

// scenario is what the page needs of the effective scenario in run.json. A field that
// is not there, as the file is of a later version, is left out of the page.
type scenario struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Question    string   `json:"question"`
	Warmup      duration `json:"warmup"`
	Duration    duration `json:"duration"`
	Interpreter struct {
		Lock           string   `json:"lock"`
		SwitchInterval duration `json:"switch_interval"`
	} `json:"interpreter"`
	Variants []struct {
		Name string                     `json:"name"`
		Set  map[string]json.RawMessage `json:"set"`
	} `json:"variants"`
}

// duration is a length of time as scenarios write it; 0 where it is none.
type duration int64

// UnmarshalJSON reads 5ms. Anything else is no duration and leaves it 0.
func (d *duration) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		v, _ := time.ParseDuration(text)
		*d = duration(v)
	}
	return nil
}

// newScenario reads what Run.Scenario holds.
func newScenario(v any) (s scenario) {
	if raw, ok := v.(json.RawMessage); ok {
		// What cannot be read is left out: the figures stand without it.
		_ = json.Unmarshal(raw, &s)
	}
	return s
}

// of returns a duration of a variant, which may set another one than the scenario.
func (s *scenario) of(variant, path string, base duration) int64 {
	for _, v := range s.Variants {
		raw, set := v.Set[path]
		if v.Name == variant && set {
			_ = base.UnmarshalJSON(raw) // never fails
		}
	}
	return int64(base)
}

// interval returns the switch interval of a variant; 0 where its lock has none.
func (s *scenario) interval(variant string) int64 {
	lock := s.Interpreter.Lock
	for _, v := range s.Variants {
		if raw, set := v.Set["interpreter.lock"]; set && v.Name == variant {
			_ = json.Unmarshal(raw, &lock)
		}
	}
	if lock != "cpython-3" {
		return 0
	}
	return s.of(variant, "interpreter.switch_interval", s.Interpreter.SwitchInterval)
}

// warmup returns when the window of a variant begins.
func (s *scenario) warmup(variant string) int64 { return s.of(variant, "warmup", s.Warmup) }
