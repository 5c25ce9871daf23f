package advise

import (
	"slices"

	"github.com/fibsim/fibsim/workloads"
)

// Way is one way to build a server.
type Way struct {
	Name   string
	Model  workloads.Model
	Lock   string // empty for the scenario's
	Native bool   // Go's scheduler, and no interpreter

	why string // what makes its figures what they are; %d stands for the workers
}

// Ways returns all of them, in the order of the article.
func Ways() []Way { return slices.Clone(ways) }

var ways = []Way{
	{Name: "sequential", Model: workloads.Sequential, why: "one connection at a time, until it ends"},
	{Name: "threads", Model: workloads.Threads, why: "one lock for all threads"},
	{Name: "processes", Model: workloads.Processes, why: "%d worker processes compute, each with a lock of its own, behind pipes"},
	{Name: "prefork", Model: workloads.Prefork, why: "%d processes share the connections, each with a lock of its own"},
	{Name: "interpreters", Model: workloads.Interpreters, why: "%d interpreters in one process share the connections, each with a lock of its own"},
	{Name: "coroutines", Model: workloads.Coroutines, why: "one thread serves all, and what computes holds up the others"},
	{Name: "coroutines+processes", Model: workloads.CoroutinesProcesses, why: "one thread passes requests on to %d worker processes"},
	{Name: "no lock", Model: workloads.Threads, Lock: "none", why: "threads without a lock, as in a free-threaded build"},
	{Name: "native", Model: workloads.Threads, Native: true, why: "goroutines, and no interpreter"},
}
