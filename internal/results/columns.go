package results

// Column describes one column of a CSV file.
type Column struct {
	Name string
	Type string // of Table Schema: string, integer, number or boolean
	Doc  string // one sentence or two for datapackage.json and docs/results.md
}

// SampleColumns are the columns of samples.csv, in order. Columns are only ever
// appended, so that a reader by position stays right. A sweep's param_ columns
// come after these, sorted by name.
var SampleColumns = []Column{
	{"scenario", "string", "Name of the scenario."},
	{"variant", "string", "Variant of the scenario; empty without variants."},
	{"backend", "string", "What ran it: gil, native, sim_gil, sim_native, or an interpreter such as python_3_11."},
	{"evidence", "string", "measured or predicted."},
	{"rep", "integer", "Repetition, from 1; 0 for a group alone."},
	{"order", "integer", "Position of the run in the whole command, from 1."},
	{"phase", "string", "warmup, measure, or alone (a group by itself), by the intended start of the iteration."},
	{"group", "string", "Name of the group of threads or clients."},
	{"worker", "integer", "Thread or connection within its group, from 0."},
	{"seq", "integer", "Iteration of that worker, from 0; not reset at the window."},
	{"intended_ns", "integer", "Planned start in an open loop, otherwise the actual one. Time 0 is the start of the warm-up."},
	{"start_ns", "integer", "Actual start."},
	{"end_ns", "integer", "End."},
	{"latency_ns", "integer", "end - start."},
	{"response_ns", "integer", "end - intended start."},
	{"planned_ns", "integer", "Sleep that the body asked for."},
	{"run_ns", "integer", "Time with the lock; without a lock, time not blocked."},
	{"wait_gil_ns", "integer", "Time spent waiting for the lock."},
	{"nogil_ns", "integer", "Time computing with the lock released."},
	{"blocked_ns", "integer", "Time in sleep and I/O."},
	{"ready_ns", "integer", "Time runnable without a CPU; only a simulator can see it."},
	{"switches", "integer", "Times the thread took the lock after another thread had it."},
	{"ok", "boolean", "true, or false where the iteration failed."},
	{"error", "string", "Why the iteration failed."},
}

// SummaryColumns are the columns of summary.csv, in order: a row for each
// variant, backend, repetition, group and phase.
var SummaryColumns = []Column{
	{"scenario", "string", "Name of the scenario."},
	{"variant", "string", "Variant of the scenario; empty without variants."},
	{"backend", "string", "What ran it."},
	{"evidence", "string", "measured or predicted."},
	{"lock", "string", "Policy of the emulated lock; empty where no lock is emulated."},
	{"rep", "integer", "Repetition, from 1; 0 for a group alone."},
	{"phase", "string", "measure, or alone: one member of the group by itself."},
	{"group", "string", "Name of the group of threads or clients."},
	{"workers", "integer", "Threads or connections of the group in this run."},
	{"iterations", "integer", "Good iterations of the phase; all figures below rest on them."},
	{"elapsed_ns", "integer", "Length of the window."},
	{"throughput_per_s", "number", "Good iterations of any phase that ended inside the window, divided by its length."},
	{"latency_mean_ns", "integer", "Mean of end - start."},
	{"latency_p50_ns", "integer", "Median latency. A percentile is empty unless at least 10 iterations lie beyond it."},
	{"latency_p90_ns", "integer", "90th percentile of the latency."},
	{"latency_p99_ns", "integer", "99th percentile of the latency."},
	{"latency_p999_ns", "integer", "99.9th percentile of the latency."},
	{"latency_max_ns", "integer", "Largest latency."},
	{"response_p50_ns", "integer", "Median of end - intended start."},
	{"response_p99_ns", "integer", "99th percentile of the response."},
	{"delay_mean_ns", "integer", "Mean of latency - planned sleep."},
	{"delay_p50_ns", "integer", "Median delay."},
	{"delay_p99_ns", "integer", "99th percentile of the delay."},
	{"slowdown_ratio", "number", "Mean delay here divided by that of one member of the group alone on the same backend."},
	{"run_share_ratio", "number", "Sum of run divided by the sum of latency, over the good iterations of the phase."},
	{"wait_gil_share_ratio", "number", "Sum of wait_gil divided by the sum of latency, over the good iterations of the phase."},
	{"switches", "integer", "Times a thread of the group took the lock after another thread had it."},
	{"drop_requests", "integer", "Times a thread of the group asked the holder to let go."},
	{"forced_switches", "integer", "Times a thread of the group let go because it was asked to."},
	{"barges", "integer", "Times a thread of the group took the lock before the thread that had been woken got there."},
	{"peak_memory_bytes", "integer", "Largest resident size of all processes of the run together, the same for every group; empty where it is not measured."},
}

// StateColumns are the columns of states.csv: a row for each stretch of time
// that a thread spent in one state, except done.
var StateColumns = []Column{
	{"scenario", "string", "Name of the scenario."},
	{"variant", "string", "Variant of the scenario; empty without variants."},
	{"backend", "string", "What ran it."},
	{"rep", "integer", "Repetition, from 1; 0 for a group alone."},
	{"group", "string", "Name of the group of threads."},
	{"worker", "integer", "Thread within its group, from 0."},
	{"state", "string", "run, wait_gil, nogil, sleep, io or ready."},
	{"start_ns", "integer", "When the thread entered the state."},
	{"end_ns", "integer", "When it left the state, or the end of the record."},
}

// EventColumns are the columns of events.csv: what the lock did, in the order
// that its own mutex saw.
var EventColumns = []Column{
	{"scenario", "string", "Name of the scenario."},
	{"variant", "string", "Variant of the scenario; empty without variants."},
	{"backend", "string", "What ran it."},
	{"rep", "integer", "Repetition, from 1; 0 for a group alone."},
	{"lock", "string", "Policy of the lock."},
	{"seq", "integer", "Number of the event under the lock's mutex. Numbers left out belong to steps inside a wait."},
	{"time_ns", "integer", "When, since the start of the warm-up."},
	{"event", "string", "ask, timed_out, request, take, release, forced or handoff."},
	{"group", "string", "Group of the thread that did it; empty for the lock's own clock."},
	{"worker", "integer", "That thread within its group."},
	{"other_group", "string", "Group of the other thread concerned, such as the holder; empty when there is none."},
	{"other_worker", "integer", "That other thread within its group."},
}

// TaskColumns are the columns of tasks.csv: a row for each stretch of time that a task of
// an event loop spent in one state.
var TaskColumns = []Column{
	{"scenario", "string", "Name of the scenario."},
	{"variant", "string", "Variant of the scenario; empty without variants."},
	{"backend", "string", "What ran it."},
	{"rep", "integer", "Repetition, from 1; 0 for a group alone."},
	{"group", "string", "Name of the group of tasks."},
	{"worker", "integer", "Task within its group, from 0."},
	{"task_state", "string", "behind, where the task could go on and its loop was elsewhere; otherwise a state as in states.csv: that of the loop's thread, while that was in the task or on its way to it, and else sleep, io or nogil, for which the task itself waited."},
	{"start_ns", "integer", "When the task entered the state."},
	{"end_ns", "integer", "When it left the state, or the end of the record."},
	{"behind_group", "string", "Of behind: group of the task that had the loop then; empty where it was none."},
	{"behind_worker", "integer", "That task within its group."},
	{"turns", "integer", "Of behind: turns of others that the task waited out."},
}

// identity is the number of leading columns of summary.csv that say which row
// it is; the figures follow.
const identity = 8

var figureIndex = func() map[string]int {
	index := map[string]int{}
	for i, c := range SummaryColumns[identity:] {
		index[c.Name] = i
	}
	return index
}()

// header returns the names of the columns.
func header(columns []Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}
