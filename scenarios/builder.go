package scenarios

import (
	"time"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/workloads"
)

// builder turns a scenario that was read into a program, and reports what is
// impossible in combination though each value alone is right.
type builder struct {
	*reader
	groups map[string]bool // names so far
}

// build returns the program of one variant. It is complete only if no error was
// added.
func (r *reader) build(v *value) *workloads.Program {
	b := &builder{reader: r, groups: map[string]bool{}}
	p := &workloads.Program{
		Name:        pick[string](v, "name"),
		Seed:        uint64(pick[int](v, "seed")),
		Interpreter: b.interpreter(v.get("interpreter")),
		Machine:     machine(v.get("machine")),
	}
	b.window(p, v)
	if threads := v.get("threads"); threads != nil {
		for _, g := range threads.list {
			p.Threads = append(p.Threads, b.group(g, p))
		}
	}
	if clients := v.get("clients"); clients != nil {
		for _, c := range clients.list {
			p.Clients = append(p.Clients, b.client(c))
		}
	}
	b.server(p, v)
	b.whole(p, v)
	return p
}

// window decides what is measured.
func (b *builder) window(p *workloads.Program, v *value) {
	p.Warmup, p.Duration = defaultWarmup, defaultDuration
	if until := v.get("until"); until != nil {
		p.UntilDone, p.Warmup, p.Duration = true, 0, 0
		if v.has("duration") {
			b.add(until.node, until.path, "there is a duration too; keep one of them")
		}
	}
	if v.has("warmup") {
		p.Warmup = pick[time.Duration](v, "warmup")
	}
	if v.has("duration") {
		p.Duration = pick[time.Duration](v, "duration")
	}
}

func (b *builder) interpreter(v *value) workloads.Interpreter {
	lock := pick[string](v, "lock")
	i := workloads.Interpreter{Lock: lock, Pace: pick[workloads.Pace](v, "pace"), Park: pick[string](v, "park")}
	spec := policy.Lookup(lock)
	if spec == nil {
		return i
	}
	given := map[string]any{}
	for _, p := range spec.Params {
		if found := v.get(p.Name); found != nil && found.data != nil {
			given[p.Name] = found.data
		}
	}
	values, err := spec.Complete(given)
	if err != nil {
		b.add(v.node, v.path, err.Error())
	}
	i.Params = values
	return i
}

func (b *builder) group(v *value, p *workloads.Program) workloads.Group {
	g := workloads.Group{
		Name:    b.name(v),
		Count:   pick[int](v, "count"),
		Start:   pick[time.Duration](v, "start"),
		Times:   pick[int](v, "times"),
		Samples: pick[workloads.Sampling](v, "samples"),
		Body:    b.body(v.get("body"), 0),
	}
	if start := v.get("start"); !p.UntilDone && g.Start > 0 && g.Start >= p.Warmup+p.Duration {
		b.addf(start.node, start.path, "must be before the end of the run, which is at %s, got %s",
			formatDuration(p.Warmup+p.Duration), formatDuration(g.Start))
	}
	if p.UntilDone && !v.has("times") && v.node.kind == mappingNode {
		b.add(v.node, join(v.path, "times"), "is missing: with until: done every group needs its times")
	}
	return g
}

func (b *builder) client(v *value) workloads.Client {
	c := workloads.Client{
		Name:    b.name(v),
		Count:   pick[int](v, "count"),
		Request: pick[int](v.get("request"), "fib"),
		Rate:    pick[float64](v, "rate"),
		Samples: pick[workloads.Sampling](v, "samples"),
	}
	arrivals := v.get("arrivals")
	if arrivals != nil && !v.has("rate") {
		b.add(arrivals.node, arrivals.path, "arrivals without a rate mean nothing; add a rate such as 20/s")
	}
	if arrivals != nil && arrivals.data == "uniform" {
		c.Arrivals = workloads.Uniform
	}
	return c
}

// name returns the name of a group, which must be the only one of its kind.
func (b *builder) name(v *value) string {
	name := pick[string](v, "name")
	at := v.get("name")
	switch {
	case name == "":
	case name == "alone":
		b.add(at.node, at.path, "no group may be called alone: claims use the word for a group run by itself")
	case b.groups[name]:
		b.addf(at.node, at.path, "another group is called %s; threads and clients need names of their own", name)
	}
	b.groups[name] = true
	return name
}

func (b *builder) server(p *workloads.Program, v *value) {
	server, clients := v.get("server"), v.get("clients")
	switch {
	case server != nil && clients == nil:
		b.add(server.node, server.path, "nobody talks to the server; add clients or take it out")
	case server == nil && clients != nil:
		b.add(clients.node, clients.path, "clients need a server; add server: {model: threads}")
	case server != nil:
		p.Server = &workloads.Server{Model: workloads.Model(pick[string](server, "model")), Address: pick[string](server, "address")}
	}
}

// whole checks what concerns more than one section.
func (b *builder) whole(p *workloads.Program, v *value) {
	threads, clients, until := v.get("threads"), v.get("clients"), v.get("until")
	if v.node.get("threads") == nil && v.node.get("clients") == nil && v.node.get("server") == nil {
		b.add(v.node, "", "there is nothing to run; add threads, or a server and clients")
	}
	if until != nil && clients != nil {
		b.add(until.node, until.path, "clients never are done; give a duration")
	}
	if n := p.Workers(); n > MaxWorkers {
		at := threads
		if at == nil {
			at = clients
		}
		b.addf(at.node, at.path, "all groups together have %d threads and connections; the limit is %d, as more exhaust even the simulator", n, MaxWorkers)
	}
}

func machine(v *value) workloads.Machine {
	return workloads.Machine{
		CPUs:            pick[int](v, "cpus"),
		Scheduler:       pick[string](v, "scheduler"),
		NativeScheduler: pick[string](v, "native_scheduler"),
		HZ:              pick[int](v, "hz"),
		Costs:           pick[string](v, "costs"),
	}
}
