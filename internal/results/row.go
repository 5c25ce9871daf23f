package results

import (
	"bytes"
	"encoding/json"

	"github.com/fibsim/fibsim/gil/trace"
)

// Row is a row of summary.csv.
type Row struct {
	Scenario, Variant, Backend, Evidence, Lock string

	Rep   int
	Phase string // measure or alone
	Group string

	figures   []Cell // as SummaryColumns after the first eight
	params    string // of a sweep: the end of the line
	intervals []Interval
	demand    float64 // ns per iteration; 0 when it is unknown
	delay     float64 // mean delay in ns, not rounded
	sees      sees
}

// sees says what a backend can see of its threads.
type sees struct{ states, lock, ready bool }

// seenBy returns what the backend of a report can see.
func seenBy(rep *trace.Report) sees {
	return sees{states: rep.States, lock: rep.Lock, ready: rep.Ready}
}

// Get returns a figure by the name of its column; a missing Cell when there is
// no such figure.
func (r *Row) Get(column string) Cell {
	i, ok := figureIndex[column]
	if !ok {
		return Cell{}
	}
	return r.figures[i]
}

func (r *Row) set(column string, c Cell) { r.figures[figureIndex[column]] = c }

// append appends the row as a line of CSV.
func (r *Row) append(b []byte) []byte {
	for _, s := range []string{r.Scenario, r.Variant, r.Backend, r.Evidence, r.Lock} {
		b = append(appendField(b, s), ',')
	}
	b = append(Int(int64(r.Rep)).Append(b), ',')
	b = append(appendField(b, r.Phase), ',')
	b = appendField(b, r.Group)
	for _, c := range r.figures {
		b = c.Append(append(b, ','))
	}
	return append(append(b, r.params...), '\n')
}

// MarshalJSON returns the row as an object whose keys are the columns, in their
// order, with null for what is missing.
func (r *Row) MarshalJSON() ([]byte, error) {
	values := []any{r.Scenario, r.Variant, r.Backend, r.Evidence, r.Lock, r.Rep, r.Phase, r.Group}
	for _, c := range r.figures {
		values = append(values, c)
	}
	out := bytes.NewBufferString("{")
	for i, c := range SummaryColumns {
		if i > 0 {
			out.WriteByte(',')
		}
		value, err := json.Marshal(values[i])
		if err != nil {
			return nil, err
		}
		out.WriteString(`"` + c.Name + `":`)
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// newRow folds a group of one run into its row.
func newRow(scenario string, info RunInfo, rep *trace.Report, g *trace.GroupReport) *Row {
	r := &Row{
		Scenario: scenario, Variant: info.Variant, Backend: info.Backend, Evidence: info.Evidence,
		Rep: info.Rep, Phase: info.phase(), Group: g.Name,
		figures: make([]Cell, len(SummaryColumns)-identity),
		sees:    seenBy(rep),
	}
	if rep.Lock {
		r.Lock = info.Program.Interpreter.Lock
	}
	var total trace.Total
	var ended int64
	for _, m := range g.Workers {
		total.Merge(m.Total(trace.Measure))
		ended += m.EndedInWindow()
	}
	r.fill(g, rep.Window, &total, ended)
	if rep.PeakMemory > 0 {
		r.set("peak_memory_bytes", Int(rep.PeakMemory))
	}
	return r
}

// fill computes the figures of a row, except for the slowdown, which needs the
// group's row alone.
func (r *Row) fill(g *trace.GroupReport, w trace.Window, t *trace.Total, ended int64) {
	r.set("workers", Int(int64(len(g.Workers))))
	r.set("iterations", Int(t.Iterations))
	if elapsed := w.End - w.Start; elapsed > 0 {
		r.set("elapsed_ns", Int(elapsed))
		r.set("throughput_per_s", Float(float64(ended)/(float64(elapsed)/1e9)))
	}
	if r.sees.lock {
		r.set("switches", Int(t.Switches))
		r.set("drop_requests", Int(t.Requests))
		r.set("forced_switches", Int(t.Forced))
		r.set("barges", Int(t.Barges))
	}
	if t.Iterations == 0 {
		return
	}
	r.fillTimes(t)
	r.fillShares(t)
}

func (r *Row) fillTimes(t *trace.Total) {
	r.set("latency_mean_ns", Int(meanNS(t.LatencySum, t.Iterations)))
	r.set("latency_max_ns", Int(t.Latency.Max()))
	r.set("delay_mean_ns", Int(meanNS(t.DelaySum, t.Iterations)))
	r.delay = float64(t.DelaySum) / float64(t.Iterations)
	for _, p := range []struct {
		column   string
		sketch   *trace.Sketch
		permille int64
	}{
		{"latency_p50_ns", &t.Latency, 500},
		{"latency_p90_ns", &t.Latency, 900},
		{"latency_p99_ns", &t.Latency, 990},
		{"latency_p999_ns", &t.Latency, 999},
		{"response_p50_ns", &t.Response, 500},
		{"response_p99_ns", &t.Response, 990},
		{"delay_p50_ns", &t.Delay, 500},
		{"delay_p99_ns", &t.Delay, 990},
	} {
		value := Percentile(p.sketch, p.permille)
		r.set(p.column, value)
		if low, high, ok := percentileInterval(p.sketch, p.permille); ok {
			r.intervals = append(r.intervals, Interval{Column: p.column, Value: value, Low: low, High: high})
		}
	}
}

// fillShares sets what only a backend that sees thread states can tell, and the
// demand, which the others take from the delay alone.
func (r *Row) fillShares(t *trace.Total) {
	r.demand = r.delay
	if !r.sees.states {
		return
	}
	r.demand = float64(t.Run+t.NoGIL) / float64(t.Iterations)
	if t.LatencySum == 0 {
		return
	}
	r.set("run_share_ratio", Float(float64(t.Run)/float64(t.LatencySum)))
	if r.sees.lock {
		r.set("wait_gil_share_ratio", Float(float64(t.WaitGIL)/float64(t.LatencySum)))
	}
}

// meanNS returns sum/n rounded half away from zero.
func meanNS(sum, n int64) int64 {
	if sum < 0 {
		return -meanNS(-sum, n)
	}
	return (sum + n/2) / n
}
