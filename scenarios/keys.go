package scenarios

import (
	"slices"

	"github.com/fibsim/fibsim/workloads"
)

// root is the whole format. Order is the one in which a scenario is written and
// printed.
var root = &mapShape{doc: "A fibsim scenario, version 1.", keys: []key{
	{name: "version", doc: "version of the format", shape: integer(1, 1, "the only version there is"), required: true},
	{name: "name", doc: "name of the scenario", required: true,
		shape: text(scenarioPattern, "must be of small letters, digits and -", false)},
	{name: "title", doc: "one line", shape: text("", "", false)},
	{name: "question", doc: "one line, shown by fibsim scenarios", shape: text("", "", false)},
	{name: "about", doc: "prose", shape: text("", "", true)},
	{name: "seed", doc: "where all random numbers come from", shape: integer(0, MaxSeed, ""), def: "1"},
	{name: "warmup", doc: "run but kept out of every figure; 500ms, and none with until: done", shape: duration(0, MaxWarmup)},
	{name: "duration", doc: "the measured window; 5s", shape: duration(MinDuration, MaxDuration)},
	{name: "until", doc: "done: run until every group has done its times", shape: choice([]string{"done"})},
	{name: "repeat", doc: "repetitions for each backend", shape: integer(1, MaxRepeat, ""), def: "1"},
	{name: "variants", doc: "each runs on every backend, instead of the plain scenario",
		shape: &listShape{doc: "Variants of the scenario.", item: variantShape, min: 1, max: MaxVariants, thing: "variant", named: true}},
	{name: "interpreter", doc: "the runtime that is emulated", shape: interpreterShape, def: emptyMapping},
	{name: "machine", doc: "the machine of the simulator", shape: machineShape, def: emptyMapping},
	{name: "threads", doc: "groups of threads in one interpreter process",
		shape: &listShape{doc: "Groups of threads.", item: threadShape, min: 1, max: 1000, thing: "group", named: true}},
	{name: "tasks", doc: "groups of coroutines, which share an event loop",
		shape: &listShape{doc: "Groups of coroutines.", item: taskShape, min: 1, max: 1000, thing: "group", named: true}},
	{name: "server", doc: "a TCP fib server on loopback", shape: serverShape},
	{name: "clients", doc: "groups of connections to the server",
		shape: &listShape{doc: "Groups of connections.", item: clientShape, min: 1, max: 1000, thing: "group", named: true}},
	{name: "pools", doc: "pools of worker processes, for submit",
		shape: &tableShape{doc: "Pools of worker processes, by name.", item: poolShape, thing: "pool", max: 100}},
	{name: "queues", doc: "queues between threads, for send and recv",
		shape: &tableShape{doc: "Queues, by name.", item: queueShape, thing: "queue", max: 1000}},
	{name: "locks", doc: "locks of the program, for lock and unlock",
		shape: &tableShape{doc: "Locks, by name.", item: lockShape, thing: "lock", max: 1000}},
	{name: "expect", doc: "what is claimed about the outcome",
		shape: &listShape{doc: "Claims.", item: claimShape, max: 200, thing: "claim"}},
}}

// programKeys are the keys that a variant can change.
var programKeys = []string{"seed", "warmup", "duration", "until", "interpreter", "machine", "threads", "tasks", "server", "clients",
	"pools", "queues", "locks"}

const nameRemedy = "must begin with a small letter and go on with small letters, digits and _"

var nameText = text(namePattern, nameRemedy, false)

var variantShape = &mapShape{doc: "A variant.", keys: []key{
	{name: "name", doc: "name of the variant", shape: nameText, required: true},
	{name: "set", doc: "changes: path to value; {} for the plain scenario", shape: setShape{}, required: true},
}}

var threadShape = &mapShape{doc: "A group of equal threads.", keys: []key{
	{name: "name", doc: "name of the group", shape: nameText, required: true},
	{name: "count", doc: "number of threads", shape: integer(1, MaxWorkers, "more threads than that exhaust even the simulator"), def: "1"},
	{name: "start", doc: "when the threads are let go, after the start of the warm-up", shape: duration(0, MaxStart), def: "0s"},
	{name: "body", doc: "the operations of one iteration", shape: bodyShape{}, required: true},
	{name: "times", doc: "iterations of each thread; without it, until the run ends", shape: integer(1, MaxTimes, "")},
	{name: "nice", doc: "for predictions: -20, the most urgent, to 19; obeyed by eevdf and cfs", shape: integer(-20, 19, "as in the kernel")},
	{name: "priority", doc: "for predictions: higher goes first; obeyed by the scheduler priority", shape: integer(-MaxPriority, MaxPriority, "")},
	{name: "slice", doc: "for predictions: a time slice of its own; obeyed by eevdf", shape: duration(MinSlice, MaxSlice)},
	{name: "samples", doc: "which iterations become rows of samples.csv", shape: samples(), def: "all"},
}}

// taskShape has the keys of a group of threads, and the kind of its event loop.
var taskShape = &mapShape{doc: "A group of equal coroutines.", keys: slices.Concat(threadShape.keys[:1:1], []key{
	{name: "kind", doc: "the event loop: yield, a deque of generators, or asyncio", required: true,
		shape: choice([]string{workloads.YieldTask.String(), workloads.AsyncioTask.String()})},
	{name: "count", doc: "number of coroutines", shape: integer(1, MaxWorkers, "more coroutines than that exhaust even the simulator"), def: "1"},
	{name: "start", doc: "when the coroutines are made, after the start of the warm-up", shape: duration(0, MaxStart), def: "0s"},
	{name: "body", doc: "the operations of one iteration", shape: bodyShape{}, required: true},
	{name: "times", doc: "iterations of each coroutine; without it, until the run ends", shape: integer(1, MaxTimes, "")},
}, threadShape.keys[len(threadShape.keys)-1:])}

var serverShape = &mapShape{doc: "The article's fib server.", keys: []key{
	{name: "model", doc: "how several connections are answered", shape: choice(modelNames(anyModel)), def: string(workloads.Threads)},
	{name: "workers", doc: "worker processes, or interpreters; 4", shape: integer(1, MaxProcesses, "each is a process or an interpreter")},
	{name: "threads", doc: "threads of each process of prefork; 64", shape: integer(1, MaxServerThreads, "")},
	{name: "address", doc: "host and port on loopback; port 0 is any free one", shape: loopback(), def: "127.0.0.1:0"},
}}

var clientShape = &mapShape{doc: "A group of equal connections.", keys: []key{
	{name: "name", doc: "name of the group", shape: nameText, required: true},
	{name: "count", doc: "number of connections", shape: integer(1, MaxWorkers, "more connections than that exhaust even the simulator"), def: "1"},
	{name: "request", doc: "what each request asks for", required: true,
		shape: &mapShape{doc: "A request.", keys: []key{
			{name: "fib", doc: "the n of fib(n)", shape: integer(0, MaxFib, "each step up takes 1.6 times as long"), required: true},
		}}},
	{name: "rate", doc: "arrivals of each connection; without it the next request follows the reply", shape: rate()},
	{name: "arrivals", doc: "gaps of arrivals: random or equal; poisson", shape: choice([]string{"poisson", "uniform"})},
	{name: "samples", doc: "which requests become rows of samples.csv", shape: samples(), def: "all"},
}}

var poolShape = &mapShape{doc: "A pool of worker processes.", keys: []key{
	{name: "workers", doc: "worker processes", shape: integer(1, MaxProcesses, "each is a process"), def: "4"},
}}

var queueShape = &mapShape{doc: "A queue.", keys: []key{
	{name: "size", doc: "items that it holds before send waits; 0: no limit", shape: integer(0, MaxQueue, ""), def: "0"},
}}

var lockShape = &mapShape{doc: "A lock; it has no keys, write {}."}

// modelNames returns the names of the server models that a question is true of.
func modelNames(fits func(workloads.Model) bool) []string {
	var names []string
	for _, m := range workloads.Models() {
		if fits(m) {
			names = append(names, string(m))
		}
	}
	return names
}

func anyModel(workloads.Model) bool { return true }

var claimShape = &mapShape{doc: "A claim.", keys: []key{
	{name: "claim", doc: "what is claimed, as a sentence", shape: text("", "", false), required: true},
	{name: "check", doc: "the comparison that decides it", shape: checkText(), required: true},
	{name: "needs", doc: "backends, and cpus>=N, without which the claim is skipped",
		shape: &listShape{doc: "Needs.", item: needText(), max: 20, thing: "need"}},
}}
