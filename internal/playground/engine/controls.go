package engine

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/ossched"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/workloads"
)

// Control is a value of the scenario that the page lets one change.
type Control struct {
	Path  string `json:"path"`  // as in --set
	Block string `json:"block"` // controls of one block stand together
	Label string `json:"label"`
	Help  string `json:"help,omitempty"`
	Value string `json:"value"` // in force

	// Kind is steps, with values from the least to the largest; choice, with values
	// in no order; or number, without values.
	Kind   string   `json:"kind"`
	Values []string `json:"values,omitempty"`

	// Drops begins the paths of settings that belong to the former value: the
	// parameters of another lock.
	Drops string `json:"drops,omitempty"`
}

// The kinds of controls.
const (
	kindSteps  = "steps"
	kindChoice = "choice"
	kindNumber = "number"
)

// controls returns what can be changed of a program, in the order of the page.
func controls(p *workloads.Program) []Control {
	b := &controlList{block: "Interpreter lock"}
	b.interpreter(&p.Interpreter)
	b.block = "Machine"
	b.machine(&p.Machine)
	if s := p.Server; s != nil {
		b.block = "Server"
		b.server(s)
	}
	for i := range p.Threads {
		b.group("threads", &p.Threads[i])
	}
	for i := range p.Tasks {
		b.group("tasks", &p.Tasks[i].Group)
	}
	for i := range p.Clients {
		b.client(&p.Clients[i])
	}
	b.block = "Run"
	if !p.UntilDone {
		b.duration("duration", "window", "how long is measured, in simulated time", p.Duration, 10*time.Millisecond, 20*time.Second)
	}
	b.add(Control{Path: "seed", Label: "seed", Help: "of all that is random", Kind: kindNumber, Value: strconv.FormatUint(p.Seed, 10)})
	return b.list
}

// controlList gathers them.
type controlList struct {
	block string
	list  []Control
}

func (b *controlList) add(c Control) {
	c.Block = b.block
	b.list = append(b.list, c)
}

func (b *controlList) choice(path, label, help, value string, values []string, drops string) {
	b.add(Control{Path: path, Label: label, Help: help, Kind: kindChoice, Value: value, Values: values, Drops: drops})
}

// counts are the steps of a number of things.
var counts = []int{1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 48, 64, 100}

// whole adds a control of a whole number within bounds, one of the steps or the
// value itself.
func (b *controlList) whole(path, label, help string, value, least, most int, steps []int) {
	all := append([]int{value}, steps...)
	slices.Sort(all)
	var values []string
	for _, n := range slices.Compact(all) {
		if n == value || n >= least && n <= most {
			values = append(values, strconv.Itoa(n))
		}
	}
	b.add(Control{Path: path, Label: label, Help: help, Kind: kindSteps, Value: strconv.Itoa(value), Values: values})
}

// duration adds a control of a length of time: 1, 2 and 5 of each power of ten
// within bounds, and the value itself.
func (b *controlList) duration(path, label, help string, value, least, most time.Duration) {
	all := []time.Duration{value}
	for unit := time.Nanosecond; unit <= most; unit *= 10 {
		for _, d := range []time.Duration{unit, 2 * unit, 5 * unit} {
			if d >= least && d <= most {
				all = append(all, d)
			}
		}
	}
	slices.Sort(all)
	var values []string
	for _, d := range slices.Compact(all) {
		values = append(values, scenarios.FormatDuration(d))
	}
	b.add(Control{Path: path, Label: label, Help: help, Kind: kindSteps, Value: scenarios.FormatDuration(value), Values: values})
}

func (b *controlList) interpreter(i *workloads.Interpreter) {
	spec := policy.Lookup(i.Lock)
	b.choice("interpreter.lock", "lock", spec.Title, i.Lock, policy.Names(), "interpreter.")
	for _, p := range spec.Params {
		path, label := "interpreter."+p.Name, labelOf(p.Name)
		switch v := i.Params[p.Name].(type) {
		case time.Duration:
			b.duration(path, label, p.Doc, v, max(p.Min.(time.Duration), 50*time.Microsecond), min(p.Max.(time.Duration), time.Second))
		case int:
			b.whole(path, label, p.Doc, v, p.Min.(int), p.Max.(int), []int{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000})
		case string:
			b.choice(path, label, p.Doc, v, p.Choices, "")
		}
	}
}

func (b *controlList) machine(m *workloads.Machine) {
	b.whole("machine.cpus", "CPUs", "of the simulated machine", m.CPUs, 1, scenarios.MaxCPUs, counts)
	b.choice("machine.scheduler", "scheduler", "of the operating system: "+titleOf(m.Scheduler), m.Scheduler, kernels, "")
	b.choice("machine.native_scheduler", "without the lock", "what schedules sim_native: "+titleOf(m.NativeScheduler),
		m.NativeScheduler, ossched.Names(), "")
}

// kernels are the schedulers of threads. The others schedule goroutines, which the
// lock knows nothing of.
var kernels = slices.DeleteFunc(ossched.Names(), func(name string) bool {
	s, err := ossched.New(name, ossched.Config{CPUs: 1, Tick: int64(4 * time.Millisecond)})
	return err != nil || s.Traits().Goroutines
})

func titleOf(scheduler string) string {
	for _, s := range ossched.Schedulers() {
		if s.Name == scheduler {
			return s.Title
		}
	}
	return scheduler
}

func (b *controlList) server(s *workloads.Server) {
	var models []string
	for _, m := range workloads.Models() {
		models = append(models, string(m))
	}
	b.choice("server.model", "model", "how it answers several connections", string(s.Model), models, "server.")
	if s.Model.HasWorkers() {
		b.whole("server.workers", "workers", "processes or interpreters", s.Workers, 1, 64, counts)
	}
	if s.Model.HasThreads() {
		b.whole("server.threads", "threads", "of each process", s.Threads, 1, scenarios.MaxServerThreads, counts)
	}
}

func (b *controlList) group(kind string, g *workloads.Group) {
	b.block = kind + " " + g.Name
	path := kind + "." + g.Name
	b.whole(path+".count", "how many", kind+" of this kind", g.Count, 1, mostWorkers, counts)
	if g.Times > 0 {
		b.whole(path+".times", "times", "each does its work", g.Times, 1, 1000, counts)
	}
	b.body(path+".body", g.Body)
}

func (b *controlList) client(c *workloads.Client) {
	b.block = "clients " + c.Name
	path := "clients." + c.Name
	b.whole(path+".count", "how many", "connections", c.Count, 1, mostWorkers, counts)
	b.fib(path+".request.fib", "asks for fib", c.Request)
	if c.Rate > 0 {
		rates := []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, c.Rate}
		slices.Sort(rates)
		var values []string
		for _, r := range slices.Compact(rates) {
			values = append(values, scenarios.FormatRate(r))
		}
		b.add(Control{Path: path + ".rate", Label: "rate", Help: "requests of each connection, whether it has the reply or not",
			Kind: kindSteps, Value: scenarios.FormatRate(c.Rate), Values: values})
	}
}

// mostFib is the largest fib that the page offers: more takes longer than a window.
const mostFib = 36

func (b *controlList) fib(path, label string, n int) {
	steps := make([]int, mostFib)
	for i := range steps {
		steps[i] = i + 1
	}
	b.whole(path, label, "each step up takes 1.618 times as long", n, 1, mostFib, steps)
}

// body adds what can be changed of the operations of a body, those inside loops and
// of submitted bodies included.
func (b *controlList) body(path string, ops []workloads.Op) {
	for i := range ops {
		op := &ops[i]
		at := fmt.Sprintf("%s.%d.%s", path, i, op.Kind)
		switch op.Kind {
		case workloads.OpFib:
			b.fib(at, "fib", op.N)
		case workloads.OpSpin, workloads.OpSleep:
			b.length(at, op.Kind.String(), op.For)
		case workloads.OpNoGILSpin, workloads.OpHold:
			b.length(at+".spin", map[workloads.OpKind]string{workloads.OpHold: "C code, keeps the lock"}[op.Kind], op.For)
		case workloads.OpYield, workloads.OpCount:
			b.whole(at, op.Kind.String(), "", op.N, 1, 1000, counts)
		case workloads.OpLoop:
			b.whole(at+".times", "passes", "of the loop", op.N, 1, 1000, counts)
			b.body(at+".body", op.Body)
		case workloads.OpSubmit:
			b.body(at+".body", op.Body)
		}
	}
}

// length adds a duration, or the mean of one that is drawn.
func (b *controlList) length(path, label string, d workloads.Duration) {
	help := ""
	switch d.Dist {
	case workloads.Fixed:
	case workloads.Exponential:
		path, help = path+".exponential", "the mean of random ones"
	case workloads.Lognormal:
		path, help = path+".lognormal.mean", "the mean of random ones"
	case workloads.Pareto:
		path, help = path+".pareto.mean", "the mean of random ones"
	default:
		return // two bounds, which one control cannot set
	}
	if label == "" {
		label = "C code, lets go of the lock"
	}
	b.duration(path, label, help, time.Duration(d.Mean), 10*time.Microsecond, time.Second)
}

// labelOf turns the name of a parameter into a label.
func labelOf(name string) string {
	out := []byte(name)
	for i, c := range out {
		if c == '_' {
			out[i] = ' '
		}
	}
	return string(out)
}
