package validate

import (
	"bytes"
	"encoding/json"

	"github.com/fibsim/fibsim/internal/results"
)

// Columns are those of the CSV file, in order. Columns are only ever appended.
var Columns = []results.Column{
	{Name: "scenario", Type: "string", Doc: "Name of the scenario."},
	{Name: "variant", Type: "string", Doc: "Variant of the scenario; empty without variants."},
	{Name: "group", Type: "string", Doc: "Name of the group of threads or clients."},
	{Name: "backend", Type: "string", Doc: "What ran it; the reference in the row that holds its odd repetitions against its even ones."},
	{Name: "evidence", Type: "string", Doc: "measured or predicted."},
	{Name: "reference", Type: "string", Doc: "The backend that the ratios are to."},
	{Name: "repetitions", Type: "integer", Doc: "Repetitions of this backend that ran in full."},
	{Name: "throughput_per_s", Type: "number", Doc: "Good iterations per second, the median over the repetitions."},
	{Name: "throughput_ratio", Type: "number", Doc: "Geometric mean over the repetitions, divided by that of the reference."},
	{Name: "throughput_low_ratio", Type: "number", Doc: "Lower bound of the 90 % interval of that ratio."},
	{Name: "throughput_high_ratio", Type: "number", Doc: "Upper bound."},
	{Name: "latency_p50_ns", Type: "integer", Doc: "Median latency: the median over the repetitions, or that of all iterations where single repetitions have too few."},
	{Name: "latency_p50_ratio", Type: "number", Doc: "The same as a ratio to the reference."},
	{Name: "latency_p50_low_ratio", Type: "number", Doc: "Lower bound of its 90 % interval."},
	{Name: "latency_p50_high_ratio", Type: "number", Doc: "Upper bound."},
	{Name: "latency_p99_ns", Type: "integer", Doc: "99th percentile of the latency, as the median."},
	{Name: "latency_p99_ratio", Type: "number", Doc: "The same as a ratio to the reference."},
	{Name: "latency_p99_low_ratio", Type: "number", Doc: "Lower bound of its 90 % interval."},
	{Name: "latency_p99_high_ratio", Type: "number", Doc: "Upper bound."},
	{Name: "ks_distance_ratio", Type: "number", Doc: "Largest difference between the distribution functions of the latency, over all repetitions, from 0 to 1."},
	{Name: "wait_gil_share_ratio", Type: "number", Doc: "Share of the latency spent waiting for the lock, the median over the repetitions; empty where the lock cannot be seen."},
	{Name: "theory_per_s", Type: "number", Doc: "Iterations per second by a closed form; empty where there is none."},
	{Name: "theory_residual_ratio", Type: "number", Doc: "throughput_per_s divided by theory_per_s, less 1."},
}

// Fields returns what a row has for each column: a string or a results.Cell.
func (r *Row) Fields() []any {
	out := []any{r.Scenario, r.Variant, r.Group, r.Backend, r.Evidence, r.Reference, results.Int(int64(r.Repetitions))}
	for _, f := range []struct {
		figure results.Cell
		ratio  Ratio
	}{{r.Rate, r.RateRatio}, {nanoseconds(r.P50), r.P50Ratio}, {nanoseconds(r.P99), r.P99Ratio}} {
		out = append(out, f.figure, f.ratio.Value, f.ratio.Low, f.ratio.High)
	}
	return append(out, r.Distance, r.WaitShare, r.TheoryRate, r.TheoryOffset)
}

// nanoseconds makes a time a whole number: the median of an even number of
// repetitions may be none.
func nanoseconds(c results.Cell) results.Cell {
	if v, ok := c.Value(); ok {
		return results.Int(int64(v + 0.5))
	}
	return c
}

// MarshalJSON returns the row as an object whose keys are the columns, in their
// order, with null for what is missing, and last how the theory comes about.
func (r *Row) MarshalJSON() ([]byte, error) {
	out := bytes.NewBufferString("{")
	for i, field := range r.Fields() {
		value, err := json.Marshal(field)
		if err != nil {
			return nil, err
		}
		out.WriteString(`"` + Columns[i].Name + `":`)
		out.Write(value)
		out.WriteByte(',')
	}
	form, err := json.Marshal(r.TheoryForm)
	if err != nil {
		return nil, err
	}
	out.WriteString(`"theory_form":`)
	out.Write(form)
	out.WriteByte('}')
	return out.Bytes(), nil
}
