package report

import (
	"slices"

	"github.com/fibsim/fibsim/internal/results"
)

// cell is one group on one backend in one variant: a line of a chart.
type cell struct{ variant, group, backend string }

// run is one repetition of a cell.
type run struct {
	latency []int64 // of good iterations inside the window, sorted
	ends    []end   // of all good ones

	sum    [len(shareNames)]int64 // time in each state
	states bool                   // the backend sees them
	total  int64                  // sum of the latencies
}

// end is when iterations ended: weight of them, as a group that is too fast for a
// row each keeps every n-th.
type end struct {
	at     int64
	weight int64
}

// shareNames are the states that samples.csv tells apart. Sleep and I/O are one there.
var shareNames = [...]string{"run", "wait_gil", "nogil", "sleep", "ready"}

// samples holds what the charts need of samples.csv.
type samples struct {
	runs map[cell][]*run // by repetition, from 1
}

// readSamples reads the iterations of whole programs.
func readSamples(d *results.Dir) (*samples, error) {
	s := &samples{runs: map[cell][]*run{}}
	type worker struct {
		cell
		rep, number int
	}
	last := map[worker]int64{} // number of the last row; of the rows between none was kept
	err := d.Samples(func(r *results.SampleRow) error {
		if r.Rep < 1 {
			return nil
		}
		c := cell{r.Variant, r.Group, r.Backend}
		for len(s.runs[c]) < r.Rep {
			s.runs[c] = append(s.runs[c], &run{})
		}
		w := worker{c, r.Rep, r.Worker}
		weight := int64(1)
		if before, seen := last[w]; seen {
			weight = max(1, r.Seq-before)
		}
		last[w] = r.Seq
		if r.Err == "" {
			s.runs[c][r.Rep-1].add(r, weight)
		}
		return nil
	})
	for _, reps := range s.runs {
		for _, r := range reps {
			slices.Sort(r.latency)
		}
	}
	return s, err
}

func (r *run) add(row *results.SampleRow, weight int64) {
	r.ends = append(r.ends, end{row.End, weight})
	if row.Phase != "measure" {
		return
	}
	r.latency = append(r.latency, row.Latency())
	r.states = r.states || row.States
	r.total += row.Latency()
	for i, v := range [...]int64{row.Run, row.WaitGIL, row.NoGIL, row.Blocked, row.Sample.Ready} {
		r.sum[i] += v
	}
}

// shares returns which part of its latency a cell spends in each state, over all
// repetitions; false where the backend does not see states.
func shares(reps []*run) (out [len(shareNames)]float64, ok bool) {
	var total int64
	var sum [len(shareNames)]int64
	for _, r := range reps {
		ok = ok || r.states
		total += r.total
		for i, v := range r.sum {
			sum[i] += v
		}
	}
	if !ok || total == 0 {
		return out, false
	}
	for i, v := range sum {
		out[i] = float64(v) / float64(total)
	}
	return out, true
}
