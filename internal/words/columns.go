package words

import "strings"

// Column is a column of figures that a table of results shows.
type Column struct {
	Name       string // of summary.csv
	Top, Title string // the two lines of its head
	Rank       int    // 1 is wanted most
}

// Percentile reports whether the column holds percentiles, which are hidden where
// they would rest on too little.
func (c Column) Percentile() bool {
	return strings.Contains(c.Name, "_p") && strings.HasSuffix(c.Name, "_ns")
}

// Columns returns the columns in the order in which they stand.
func Columns() []Column {
	return []Column{
		{"throughput_per_s", "", "rate/s", 1},
		{"latency_mean_ns", "latency", "mean", 9},
		{"latency_p50_ns", "latency", "p50", 2},
		{"latency_p90_ns", "latency", "p90", 12},
		{"latency_p99_ns", "latency", "p99", 6},
		{"latency_max_ns", "latency", "max", 8},
		{"response_p50_ns", "response", "p50", 13},
		{"response_p99_ns", "response", "p99", 14},
		{"delay_mean_ns", "delay", "mean", 10},
		{"delay_p50_ns", "delay", "p50", 3},
		{"delay_p99_ns", "delay", "p99", 7},
		{"slowdown_ratio", "slow-", "down", 4},
		{"wait_gil_share_ratio", "waits", "lock", 5},
		{"run_share_ratio", "", "runs", 11},
	}
}
