package scenarios

import (
	"cmp"
	"slices"
	"time"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/workloads"
)

// builder turns a scenario that was read into a program, and reports what is
// impossible in combination though each value alone is right.
type builder struct {
	*reader
	groups map[string]bool               // names so far
	names  map[workloads.OpKind][]string // of what bodies share, by number
	uses   map[use]*value                // where some body uses it
}

// build returns the program of one variant. It is complete only if no error was
// added.
func (r *reader) build(v *value) *workloads.Program {
	b := &builder{reader: r, groups: map[string]bool{}, names: map[workloads.OpKind][]string{}, uses: map[use]*value{}}
	p := &workloads.Program{
		Name:        pick[string](v, "name"),
		Seed:        uint64(pick[int](v, "seed")),
		Interpreter: b.interpreter(v.get("interpreter")),
		Machine:     machine(v.get("machine")),
	}
	b.window(p, v)
	b.shared(p, v)
	if threads := v.get("threads"); threads != nil {
		for _, g := range threads.list {
			p.Threads = append(p.Threads, b.group(g, p, place{}))
		}
	}
	if tasks := v.get("tasks"); tasks != nil {
		for _, g := range tasks.list {
			p.Tasks = append(p.Tasks, b.task(g, p))
		}
	}
	if clients := v.get("clients"); clients != nil {
		for _, c := range clients.list {
			p.Clients = append(p.Clients, b.client(c))
		}
	}
	b.server(p, v)
	b.pairs(v)
	b.whole(p, v)
	if len(b.errs) == 0 {
		p.Trim()
	}
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

func (b *builder) group(v *value, p *workloads.Program, in place) workloads.Group {
	g := workloads.Group{
		Name:    b.name(v),
		Count:   pick[int](v, "count"),
		Start:   pick[time.Duration](v, "start"),
		Times:   pick[int](v, "times"),
		Samples: pick[workloads.Sampling](v, "samples"),
		Body:    b.body(v.get("body"), in),
		Sched:   workloads.Sched{Nice: pick[int](v, "nice"), Priority: pick[int](v, "priority"), Slice: pick[time.Duration](v, "slice")},
	}
	if start := v.get("start"); !p.UntilDone && g.Start > 0 && g.Start >= p.Warmup+p.Duration {
		b.addf(start.node, start.path, "must be before the end of the run, which is at %s, got %s",
			FormatDuration(p.Warmup+p.Duration), FormatDuration(g.Start))
	}
	if p.UntilDone && !v.has("times") && v.node.kind == mappingNode {
		b.add(v.node, join(v.path, "times"), "is missing: with until: done every group needs its times")
	}
	b.ends(v, p, &g)
	return g
}

func (b *builder) task(v *value, p *workloads.Program) workloads.TaskGroup {
	kind := workloads.YieldTask
	if v.get("kind") != nil && v.get("kind").data == workloads.AsyncioTask.String() {
		kind = workloads.AsyncioTask
	}
	t := workloads.TaskGroup{Group: b.group(v, p, place{task: true, kind: kind}), Kind: kind}
	if body := v.get("body"); body != nil && len(t.Body) > 0 && t.Times == 0 && !kind.Yields(t.Body) {
		remedy := "add yield: 1"
		if kind == workloads.AsyncioTask {
			remedy = "add a sleep or yield: 1"
		}
		b.addf(body.node, body.path, "never lets another task run; %s, or give the group times", remedy)
	}
	return t
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
		b.addf(at.node, at.path, "another group is called %s; threads, tasks and clients need names of their own", name)
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
		p.Server.Workers = b.ofModel(server, "workers", workloads.Model.HasWorkers, workloads.DefaultWorkers)
		p.Server.Threads = b.ofModel(server, "threads", workloads.Model.HasThreads, workloads.DefaultThreads)
	}
}

// ofModel returns the value of a key that only some models have.
func (b *builder) ofModel(server *value, name string, has func(workloads.Model) bool, otherwise int) int {
	model, given := pick[string](server, "model"), server.get(name)
	switch {
	case model == "": // reported already
	case has(workloads.Model(model)) && given == nil:
		return otherwise
	case has(workloads.Model(model)):
		return pick[int](server, name)
	case given != nil:
		b.addf(given.node, given.path, "the model %s has no %s to choose; %s has", model, name, either(modelNames(has)))
	}
	return 0
}

// whole checks what concerns more than one section.
func (b *builder) whole(p *workloads.Program, v *value) {
	clients, until := v.get("clients"), v.get("until")
	sections := []string{"threads", "tasks", "clients", "server"}
	if !slices.ContainsFunc(sections, func(name string) bool { return v.node.get(name) != nil }) {
		b.add(v.node, "", "there is nothing to run; add threads, tasks, or a server and clients")
	}
	if until != nil && clients != nil {
		b.add(until.node, until.path, "clients never are done; give a duration")
	}
	if n := p.Workers(); n > MaxWorkers {
		at := cmp.Or(v.get("threads"), v.get("tasks"), clients)
		b.addf(at.node, at.path, "all groups together have %d threads, tasks and connections; the limit is %d, as more exhaust even the simulator", n, MaxWorkers)
	}
	if n := processes(p); n > MaxProcesses {
		at := cmp.Or(v.get("pools"), v.get("server"))
		b.addf(at.node, at.path, "the pools and the server together have %d worker processes and interpreters; the limit is %d", n, MaxProcesses)
	}
	if s := p.Server; s != nil && s.Workers*s.Threads > MaxMeasured {
		at := v.get("server")
		b.addf(at.node, at.path, "%d processes of %d threads are %d threads; the limit is %d", s.Workers, s.Threads, s.Workers*s.Threads, MaxMeasured)
	}
}

// processes returns how many worker processes and interpreters a program has.
func processes(p *workloads.Program) int {
	n := 0
	if p.Server != nil {
		n = p.Server.Workers
	}
	for _, pool := range p.Pools {
		n += pool.Workers
	}
	return n
}
