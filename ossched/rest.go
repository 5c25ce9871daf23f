package ossched

var (
	eevdfScheduler    = Scheduler{Name: "eevdf", Title: "Linux 6.6 and later: earliest eligible virtual deadline first"}
	cfsScheduler      = Scheduler{Name: "cfs", Title: "Linux 2.6.23 to 6.5: completely fair scheduler"}
	mlfqScheduler     = Scheduler{Name: "mlfq", Title: "multi-level feedback queue: who runs long sinks"}
	sjfScheduler      = Scheduler{Name: "sjf", Title: "shortest job first"}
	srtfScheduler     = Scheduler{Name: "srtf", Title: "shortest remaining time first"}
	priorityScheduler = Scheduler{Name: "priority", Title: "fixed priorities"}
	goScheduler       = Scheduler{Name: "go", Title: "Go's runtime: a run queue for each P, work stealing, preemption after 10 ms"}
)
