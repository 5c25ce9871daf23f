package scenarios

import (
	"fmt"
	"slices"
	"time"

	"github.com/fibsim/fibsim/ossched"
	"github.com/fibsim/fibsim/workloads"
)

const defaultScheduler = "eevdf"

// machineShape has, beside its own keys, the parameters of the scheduler that it names. One that is
// not given has no default here: what it is can depend on the costs (pack).
var machineShape = &mapShape{
	doc:     "The simulator's machine; measured backends have the real one.",
	keys:    machineKeys(),
	all:     func() []key { return schedulerKeys(ossched.Names()...) },
	more:    func(n *node) []key { return schedulerKeys(schedulerOf(n)) },
	foreign: foreignOfScheduler,
}

func machineKeys() []key {
	schedulers := ossched.Names()
	// Under the lock, and below goroutines, run threads of the kernel.
	ofKernel := slices.DeleteFunc(slices.Clone(schedulers), func(name string) bool { return name == "go" })
	return []key{
		{name: "cpus", doc: "number of CPUs", shape: integer(1, MaxCPUs, ""), def: "2"},
		{name: "scheduler", doc: "scheduler of the threads under the lock", shape: choice(ofKernel), def: defaultScheduler},
		{name: "native_scheduler", doc: "scheduler of the threads without it", shape: choice(schedulers), def: "go"},
		{name: "hz", doc: "ticks of each CPU in a second", shape: integer(1, MaxHZ, ""), def: "250"},
		{name: "costs", doc: "default, host or the path of a cost file", shape: text("", "", false), def: "default"},
	}
}

// schedulerOf returns the name of the scheduler that a machine has.
func schedulerOf(machine *node) string {
	if s := machine.get("scheduler"); s != nil {
		return s.text
	}
	return defaultScheduler
}

// schedulerKeys returns the parameters of schedulers as keys, each name once: it has the same
// bounds wherever it is one.
func schedulerKeys(schedulers ...string) []key {
	var keys []key
	for _, scheduler := range schedulers {
		for _, p := range ossched.ParamsOf(scheduler) {
			if find(keys, p.Name) != nil {
				continue
			}
			k := key{name: p.Name, doc: fmt.Sprintf("%s (%s; %s)", p.Doc, scheduler, formatParameter(p.Default))}
			switch p.Default.(type) {
			case time.Duration:
				k.shape = duration(p.Min.(time.Duration), p.Max.(time.Duration))
			case int:
				k.shape = integer(p.Min.(int), p.Max.(int), "")
			case bool:
				k.shape = boolean()
			default:
				panic("scenarios: no shape for the parameter " + p.Name)
			}
			keys = append(keys, k)
		}
	}
	return keys
}

// foreignOfScheduler explains a key that is a parameter of another scheduler.
func foreignOfScheduler(n *node, name string) string {
	var owners []string
	for _, scheduler := range ossched.Names() {
		if ossched.HasParam(scheduler, name) {
			owners = append(owners, scheduler)
		}
	}
	scheduler := schedulerOf(n)
	if len(owners) == 0 || slices.Contains(owners, scheduler) {
		return ""
	}
	return fmt.Sprintf("is a parameter of scheduler %s, and the scheduler here is %s", either(owners), clip(scheduler))
}

// dropOfScheduler takes out the parameters that were right where they were written, and that the
// scheduler of a higher layer has not got.
func dropOfScheduler(tree *node, schedulers [ranks]string) (notes []string) {
	machine, now := tree.get("machine"), schedulers[flagRank]
	if machine == nil || machine.kind != mappingNode || !slices.Contains(ossched.Names(), now) {
		return nil
	}
	for _, k := range slices.Clone(machine.keys) {
		former := schedulers[k.rank()]
		if former == now || !ossched.HasParam(former, k.text) || ossched.HasParam(now, k.text) {
			continue
		}
		notes = append(notes, fmt.Sprintf("machine.%s: %s is dropped: it belongs to scheduler %s, and the scheduler is now %s",
			k.text, clip(machine.get(k.text).text), former, now))
		machine.remove(k.text)
	}
	return notes
}

// machine builds the machine of a program.
func machine(v *value) workloads.Machine {
	m := workloads.Machine{
		CPUs:            pick[int](v, "cpus"),
		Scheduler:       pick[string](v, "scheduler"),
		NativeScheduler: pick[string](v, "native_scheduler"),
		HZ:              pick[int](v, "hz"),
		Costs:           pick[string](v, "costs"),
	}
	for _, p := range ossched.ParamsOf(m.Scheduler) {
		if given := v.get(p.Name); given != nil && given.data != nil {
			if m.Params == nil {
				m.Params = map[string]any{}
			}
			m.Params[p.Name] = given.data
		}
	}
	return m
}

func formatMachine(m *workloads.Machine) object {
	o := object{{"cpus", m.CPUs}, {"scheduler", m.Scheduler}}
	// The scheduler's own order, not the map's.
	for _, p := range ossched.ParamsOf(m.Scheduler) {
		if given, ok := m.Params[p.Name]; ok {
			o = append(o, field{p.Name, asWritten(given)})
		}
	}
	return append(o, field{"native_scheduler", m.NativeScheduler}, field{"hz", m.HZ}, field{"costs", m.Costs})
}
