package main

// cell is one figure: a program with its arguments MODEL QUEUE SAMPLER N.
type cell struct {
	program string
	args    [4]string
}

func ours(model, queue, sampler, n string) cell {
	return cell{"models", [4]string{model, queue, sampler, n}}
}

func anchor(model, queue, sampler, n string) cell {
	return cell{"anchors", [4]string{model, queue, sampler, n}}
}

func peer(program, model, n string) cell {
	return cell{program, [4]string{model, "process", "-", n}}
}

// goal is a line of the table of goals: our time is to be at most so many times the
// anchor's. A bound of 0 is none.
type goal struct {
	name                   string
	ours, anchor           cell
	pass, target, moonshot float64
}

// The anchors and bounds were chosen from measurements of 25 engines.
var goals = []goal{
	{"scheduling event, all features", ours("rrsleep", "features", "log", "1000"), anchor("rrsleep", "std", "log", "1000"), 0.50, 0.33, 0.27},
	{"the same against the best design", ours("rrsleep", "features", "log", "1000"), anchor("rrsleep", "winner", "log", "1000"), 0, 0, 1.08},
	{"scheduling event, bare", ours("rrsleep", "timers", "tab", "1000"), anchor("rrsleep", "winner", "tab", "1000"), 0, 0, 0},
	{"scheduling event, all in Queue", ours("rrsleep", "queue", "tab", "1000"), anchor("rrsleep", "std", "tab", "1000"), 0, 0, 0},
	{"generic timers, hold 10", ours("hold", "queue", "tab", "10"), anchor("hold", "4ary", "tab", "10"), 0, 0, 0},
	{"generic timers, hold 1000", ours("hold", "queue", "tab", "1000"), anchor("hold", "4ary", "tab", "1000"), 1.0, 0.8, 0.75},
	{"generic timers, hold 100,000", ours("hold", "queue", "tab", "100000"), anchor("hold", "4ary", "tab", "100000"), 0, 0, 0},
	{"generic timers, hold 1,000,000", ours("hold", "queue", "tab", "1000000"), anchor("hold", "std", "tab", "1000000"), 0.25, 0.12, 0.08},
	{"one timer per thread, hold 1000", ours("hold", "timers", "tab", "1000"), anchor("hold", "winner", "tab", "1000"), 2, 1.3, 1.1},
	{"M/M/1 with its sampler, Timers", ours("mm1", "timers", "log", "2"), anchor("mm1", "4ary", "log", "2"), 1.2, 0.8, 0.55},
	{"M/M/1 with its sampler, Queue", ours("mm1", "queue", "log", "2"), anchor("mm1", "4ary", "log", "2"), 1.2, 0.8, 0.55},
	{"context switch, RR, Timers", ours("rr", "timers", "tab", "1000"), anchor("rr", "4ary", "tab", "1000"), 3, 1.5, 1},
	{"context switch, RR, Queue", ours("rr", "queue", "tab", "1000"), anchor("rr", "4ary", "tab", "1000"), 3, 1.5, 1},
	{"context switch, skipped ahead", ours("rr", "skip", "tab", "1000"), anchor("rr", "4ary", "tab", "1000"), 0, 0.1, 0.03},
	{"the same switches one by one", ours("rrlong", "timers", "tab", "1000"), anchor("rr", "4ary", "tab", "1000"), 0, 0, 0},
	{"coroutines, hold 1000", ours("hold", "processes", "log", "1000"), peer("simcpp20", "hold", "1000"), 1.5, 1.1, 1.0},
}

// reasons say of a goal that may be missed what our way does that the anchor does not.
// They stand under the table where it is.
var reasons = map[string]string{
	"generic timers, hold 1,000,000": "an event is 24 bytes with what the caller wants of it, and is moved four times; by how much the anchor suffers from its misses of the cache, the ratio varies from run to run",
	"M/M/1 with its sampler, Queue":  "with two events pending there is nothing to gain by a queue: what is paid for is the priority, the caller's fields and that each event can be cancelled; Timers do without",
	"context switch, RR, Queue":      "one event is pending: the anchor compares nothing and moves 16 bytes; here it is 24 bytes, with a number to cancel it by; Timers, with a slot for each CPU, do without",
}

// comparison is a line of the table of other engines.
type comparison struct {
	name       string
	ours, peer cell
}

// peers are the other engines, each by what it can do.
var peers = []comparison{
	{"scheduling event: SimPy", ours("rrsleep", "features", "log", "1000"), peer("simpy", "rrsleep", "1000")},
	{"M/M/1: SimPy", ours("mm1", "timers", "log", "2"), peer("simpy", "mm1", "2")},
	{"hold 1000: SimPy, processes", ours("hold", "processes", "log", "1000"), peer("simpy", "hold", "1000")},
	{"hold 1000: simgo, processes", ours("hold", "processes", "log", "1000"), peer("simgo", "hold", "1000")},
	{"hold 1000: godes, processes", ours("hold", "processes", "log", "1000"), peer("godes", "hold", "1000")},
	{"hold 1000: Akita 4, events", ours("hold", "queue", "log", "1000"), peer("akita", "hold", "1000")},
	{"hold 1000: SimCpp20, events", ours("hold", "queue", "log", "1000"), peer("simcpp20", "hold", "1000")},
}

// unavailable are the engines that this command does not build, and why.
var unavailable = map[string]string{
	"ns-3, SimGrid, ROSS": "large C++ systems with builds of their own",
	"SSJ, JaamSim":        "they need a Java virtual machine and its build tools",
	"Akita 5":             "not released as a module version when this was written",
}

// scale is the same model for ever more timers.
var scale = []cell{
	ours("hold", "queue", "tab", "1000"), ours("hold", "queue", "tab", "10000"), ours("hold", "queue", "tab", "100000"), ours("hold", "queue", "tab", "1000000"),
	ours("hold", "timers", "tab", "1000"), ours("hold", "timers", "tab", "10000"), ours("hold", "timers", "tab", "100000"), ours("hold", "timers", "tab", "1000000"),
	ours("rrsleep", "features", "log", "1000000"),
}

// theory is what a model's last column must come near to, and how near.
var theory = map[string]struct{ value, within float64 }{
	"mm1":     {5, 0.15},
	"rrsleep": {0.97519, 0.01},
}
