package scenarios

import "slices"

// SummaryColumns are the columns of summary.csv in their order, before any
// param_* column. Claims name the numeric ones.
var SummaryColumns = []string{
	"scenario", "variant", "backend", "evidence", "lock", "rep", "phase", "group",
	"workers", "iterations", "elapsed_ns", "throughput_per_s",
	"latency_mean_ns", "latency_p50_ns", "latency_p90_ns", "latency_p99_ns", "latency_p999_ns", "latency_max_ns",
	"response_p50_ns", "response_p99_ns",
	"delay_mean_ns", "delay_p50_ns", "delay_p99_ns",
	"slowdown_ratio", "run_share_ratio", "wait_gil_share_ratio",
	"switches", "drop_requests", "forced_switches", "barges",
	"peak_memory_bytes",
}

// claimColumns returns the columns that a claim can name: those that hold a
// figure and do not say which row it is.
func claimColumns() []string {
	return SummaryColumns[slices.Index(SummaryColumns, "workers"):]
}
