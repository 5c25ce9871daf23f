// Package ossched names the scheduling policies of operating systems and of
// Go's runtime.
//
// It is a leaf without clock, goroutine or I/O, so that everything that has to
// know a scheduler by name can import it.
package ossched

// Scheduler describes a scheduling policy to people and to the scenario loader.
type Scheduler struct {
	Name  string // as in machine.scheduler
	Title string // one line
}

// The order is the one in which lists and messages show them: kernels of today
// first, then the classics, then Go.
var schedulers = []Scheduler{
	{"eevdf", "Linux 6.6 and later: earliest eligible virtual deadline first"},
	{"cfs", "Linux 2.6.23 to 6.5: completely fair scheduler"},
	{"fifo", "first in, first out: whoever runs keeps the CPU until it blocks"},
	{"rr", "round robin: equal turns in a circle"},
	{"mlfq", "multi-level feedback queue: who runs long sinks"},
	{"sjf", "shortest job first"},
	{"srtf", "shortest remaining time first"},
	{"priority", "fixed priorities"},
	{"go", "Go's runtime: a run queue for each P, work stealing, preemption after 10 ms"},
}

// Schedulers returns all schedulers, in the order in which lists show them. The
// slice is the caller's own.
func Schedulers() []Scheduler { return append([]Scheduler(nil), schedulers...) }

// Names returns the names of all schedulers, in the same order.
func Names() []string {
	names := make([]string, len(schedulers))
	for i := range schedulers {
		names[i] = schedulers[i].Name
	}
	return names
}
