package engine

import "github.com/fibsim/fibsim/internal/results"

// Column is a column of the table, by its name in summary.csv. The ending of the name
// tells its unit.
type Column struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Help  string `json:"help"`
}

// columns are those of the table, in their order.
var columns = []Column{
	{"throughput_per_s", "rate/s", "iterations or requests that ended in the window, per second"},
	{"latency_mean_ns", "latency mean", "from the start of an iteration to its end"},
	{"latency_p50_ns", "p50", "half of the latencies are shorter"},
	{"latency_p99_ns", "p99", "all but 1 % of the latencies are shorter"},
	{"latency_max_ns", "max", "the longest latency"},
	{"delay_p50_ns", "delay p50", "latency without the sleep that was asked for"},
	{slowdown, "slowdown", "mean delay, as a multiple of that of one member of the group alone"},
	{"wait_gil_share_ratio", "waits for the lock", "share of the latency"},
	{"run_share_ratio", "runs", "share of the latency"},
	{"switches", "switches", "takes of the lock after another thread had it"},
}

// Row is a group on a backend. Figures are those of the columns; a missing one is null.
type Row struct {
	Group   string         `json:"group"`
	Backend string         `json:"backend"`
	Figures []results.Cell `json:"figures"`
}

// Index is a favor-CPU-bound index.
type Index struct {
	Backend string       `json:"backend"`
	Value   results.Cell `json:"value"`
	Short   string       `json:"short"` // the groups with the smallest and the largest demand
	Long    string       `json:"long"`
}

// Table is what the runs came to in figures.
type Table struct {
	Columns []Column `json:"columns"` // those that have any figure
	Rows    []Row    `json:"rows"`
	Indexes []Index  `json:"indexes"`
}

// slowdown is the column that rests on what groups do alone.
const slowdown = "slowdown_ratio"

// table reads the figures of a variant: group by group, the backends of a group below
// each other, as that is the comparison to make. Pending says that slowdowns will come.
func table(set *results.Set, variant string, pending bool) *Table {
	t := &Table{Rows: []Row{}, Indexes: []Index{}}
	for _, c := range columns {
		known := pending && c.Name == slowdown
		for _, group := range set.Groups(variant) {
			for _, backend := range set.Backends {
				_, ok := set.Median(results.Key{Variant: variant, Backend: backend, Group: group}, c.Name).Value()
				known = known || ok
			}
		}
		if known {
			t.Columns = append(t.Columns, c)
		}
	}
	for _, group := range set.Groups(variant) {
		for _, backend := range set.Backends {
			k := results.Key{Variant: variant, Backend: backend, Group: group}
			if len(set.Select(k)) == 0 {
				continue
			}
			row := Row{Group: group, Backend: backend}
			for _, c := range t.Columns {
				row.Figures = append(row.Figures, set.Median(k, c.Name))
			}
			t.Rows = append(t.Rows, row)
		}
	}
	for _, backend := range set.Backends {
		if x := set.Index(variant, backend); x != nil {
			t.Indexes = append(t.Indexes, Index{Backend: backend, Value: x.Value, Short: x.Short, Long: x.Long})
		}
	}
	return t
}
