package replicate

import (
	"math"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// Replica is an experiment and what came out of its repetition.
type Replica struct {
	*Experiment
	Title    string                // of the scenario
	Backends []string              // that ours are from, in the order in which they ran
	Claims   []results.ClaimResult // about the predictions

	ours []map[string]results.Cell // of each figure, by backend, in its unit
}

// New returns the replica of an experiment before its repetition.
func New(e *Experiment, title string) *Replica {
	r := &Replica{Experiment: e, Title: title, ours: make([]map[string]results.Cell, len(e.Figures))}
	for i := range r.ours {
		r.ours[i] = map[string]results.Cell{}
	}
	return r
}

// Take reads the figures of a set.
func (r *Replica) Take(set *results.Set) {
	for _, backend := range set.Backends {
		r.Backends = append(r.Backends, backend)
		for i, f := range r.Figures {
			v, known := set.Median(results.Key{Variant: f.Variant, Backend: backend, Group: r.Group}, r.Column).Value()
			if !known {
				continue
			}
			v /= r.Scale
			if f.Times != 0 {
				v *= f.Times
			}
			r.ours[i][backend] = results.Float(v)
		}
	}
}

// Ours returns what a backend has for figure i, in the unit of the experiment; a missing
// Cell where it has nothing.
func (r *Replica) Ours(i int, backend string) results.Cell { return r.ours[i][backend] }

// Ratio returns ours divided by what was published; a missing Cell where either is no
// figure.
func (r *Replica) Ratio(i int, backend string) results.Cell {
	theirs, published := r.Figures[i].Number()
	v, known := r.ours[i][backend].Value()
	if !published || !known || theirs == 0 || math.IsInf(v/theirs, 0) {
		return results.Cell{}
	}
	return results.Float(v / theirs)
}

// Rows returns the figures one by one, of each backend.
func (r *Replica) Rows() []Row {
	var rows []Row
	for i, f := range r.Figures {
		var labels []string
		for k, title := range r.Titles {
			labels = append(labels, title+" "+f.Labels[k])
		}
		for _, b := range r.Backends {
			rows = append(rows, Row{
				Experiment: r.Name, Figure: strings.Join(labels, ", "), Variant: f.Variant, Unit: r.Unit, Published: f.Text,
				Source: f.Source.String(), Given: f.Given, Backend: b, Ours: r.Ours(i, b), Ratio: r.Ratio(i, b),
			})
		}
	}
	return rows
}
