package tracefile

import (
	"encoding/json"
	"slices"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/scenarios"
)

// told is what a run.json tells of its scenario, as far as a trace shows it.
type told struct {
	Name     string
	Warmup   string
	Variants []struct {
		Name string
		Set  map[string]any
	}
	Clients []struct{ Name string }
}

func scenarioOf(d *results.Dir) told {
	var t told
	raw, _ := d.Run.Scenario.(json.RawMessage)
	// What a scenario does not tell is left out of the picture.
	_ = json.Unmarshal(raw, &t)
	return t
}

// OptionsOf returns what a result directory says of itself.
func OptionsOf(d *results.Dir) Options {
	return Options{Scenario: scenarioOf(d).Name, Hash: Hash(d.Run.Scenario), Seed: d.Run.Seed, Version: d.Run.Version}
}

// FromDir returns a repetition of each variant and backend of a directory, in their
// order; nothing where none was made. It fails with a results.ReadError.
func FromDir(d *results.Dir, rep int) ([]Run, error) {
	lines, err := d.Timelines()
	if err != nil {
		return nil, err
	}
	scenario := scenarioOf(d)
	var runs []Run
	for i, variant := range d.Variants {
		for k, backend := range d.Backends {
			r := Run{Variant: variant, Backend: backend, Rep: rep, Rank: i*len(d.Backends) + k}
			if !made(d, &r) {
				continue
			}
			for _, l := range lines {
				if l.Variant == variant && l.Backend == backend && l.Rep == rep {
					r.Line = l.Timeline
				}
			}
			r.Window = windowOf(d, &r, scenario)
			runs = append(runs, r)
		}
	}
	return runs, addSamples(d, runs, scenario)
}

// made fills in what is known of a run; false where it was not made.
func made(d *results.Dir, r *Run) bool {
	for i := range d.Run.Backends {
		if b := &d.Run.Backends[i]; b.Name == r.Backend {
			r.Evidence = b.Evidence
		}
	}
	for _, row := range d.Rows {
		if row.Variant == r.Variant && row.Backend == r.Backend {
			r.Lock = row.Lock
		}
	}
	for i := range d.Run.Runs {
		if one := &d.Run.Runs[i]; one.Variant == r.Variant && one.Backend == r.Backend && one.Rep == r.Rep && one.Alone == "" {
			r.Partial = one.Partial
			return true
		}
	}
	return false
}

// windowOf returns the measured window: it begins after the warm-up, and its length is
// in each row of summary.csv.
func windowOf(d *results.Dir, r *Run, scenario told) trace.Window {
	text := scenario.Warmup
	for _, v := range scenario.Variants {
		if changed, ok := v.Set["warmup"].(string); ok && v.Name == r.Variant {
			text = changed
		}
	}
	warmup, err := scenarios.ParseDuration(text)
	if err != nil {
		warmup = 0
	}
	w := trace.Window{Start: int64(warmup), End: int64(warmup)}
	for _, row := range d.Rows {
		if row.Variant == r.Variant && row.Backend == r.Backend && row.Rep == r.Rep {
			if elapsed, ok := row.Get("elapsed_ns").Value(); ok {
				w.End = w.Start + int64(elapsed)
			}
		}
	}
	return w
}

// addSamples adds the iterations of samples.csv to their runs.
func addSamples(d *results.Dir, runs []Run, scenario told) error {
	return d.Samples(func(s *results.SampleRow) error {
		i := slices.IndexFunc(runs, func(r Run) bool { return r.Variant == s.Variant && r.Backend == s.Backend && r.Rep == s.Rep })
		if i < 0 || s.Phase == "alone" {
			return nil
		}
		r := &runs[i]
		n := len(r.Workers)
		// The rows of a worker stand together.
		if n == 0 || r.Workers[n-1].Group != s.Group || r.Workers[n-1].Number != s.Worker {
			client := false
			for _, c := range scenario.Clients {
				client = client || c.Name == s.Group
			}
			r.Workers = append(r.Workers, Worker{Group: s.Group, Number: s.Worker, Client: client})
			n++
		}
		row := s.Sample
		r.Workers[n-1].Rows = append(r.Workers[n-1].Rows, &row)
		return nil
	})
}
