package scenarios

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/fibsim/fibsim/ossched"
)

// machine.scheduler takes every scheduler of the kernel, and none of goroutines: it
// schedules the threads under the lock, and those below goroutines.
func TestSchedulersOfTheMachine(t *testing.T) {
	for _, scheduler := range ossched.Names() {
		p, err := ossched.New(scheduler, ossched.Config{CPUs: 1, Tick: 4e6})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range [...]string{"scheduler", "native_scheduler"} {
			i := slices.IndexFunc(machineShape.keys, func(k key) bool { return k.name == name })
			wrong := ""
			if s, ok := machineShape.keys[i].shape.(*scalar); ok {
				_, wrong = s.parse(&node{text: scheduler})
			}
			if refused := name == "scheduler" && p.Traits().Goroutines; (wrong != "") != refused {
				t.Errorf("machine.%s: %s: %q", name, scheduler, wrong)
			}
		}
	}
}

// The parameters of the scheduler that a machine names are keys of it: those that are given reach the program
// and the effective scenario, and the others are left to the simulator.
func TestParametersOfTheScheduler(t *testing.T) {
	text := func(machine string) []byte {
		return []byte("version: 1\nname: x\nmachine: {" + machine + "}\nthreads:\n  - {name: a, body: [{fib: 1}]}\n")
	}
	for machine, want := range map[string]map[string]any{
		"cpus: 2":                            nil,
		"base_slice: 3ms, grouped: true":     {"base_slice": 3 * time.Millisecond, "grouped": true},
		"scheduler: mlfq, stay: false":       {"stay": false},
		"scheduler: mlfq, levels: 7":         {"levels": 7},
		"scheduler: rr, quantum: 1ns":        {"quantum": time.Nanosecond},
		"scheduler: cfs, latency: 1s":        {"latency": time.Second},
		"native_scheduler: rr, pack: 80":     {"pack": 80},
		"scheduler: priority, ageing: 100ms": {"ageing": 100 * time.Millisecond},
	} {
		s, err := Parse("x.yaml", text(machine))
		if err != nil {
			t.Errorf("%s: %v", machine, err)
			continue
		}
		if got := s.Variants[0].Program.Machine.Params; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", machine, got, want)
		}
		again, err := Parse("x.yaml", s.Effective())
		if err != nil || !reflect.DeepEqual(again.Variants[0].Program.Machine, s.Variants[0].Program.Machine) {
			t.Errorf("%s: effective: %+v, %v", machine, again, err)
		}
	}
	for machine, want := range map[string]string{
		"quantum: 1ms":                "x.yaml:3:11: machine.quantum: is a parameter of scheduler rr or mlfq, and the scheduler here is eevdf",
		"scheduler: rr, quantum: 0s":  "x.yaml:3:35: machine.quantum: must be from 1ns to 1000s, got 0s",
		"run_to_parity: 1":            "x.yaml:3:26: machine.run_to_parity: must be true or false, got 1",
		"scheduler: fifo, quantm: 1s": "x.yaml:3:28: machine.quantm: unknown key; there are cpus, scheduler, native_scheduler, hz and costs",
	} {
		if _, err := Parse("x.yaml", text(machine)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", machine, err, want)
		}
	}
}

// A name is the same parameter of all schedulers that have it, since the schema has it once.
func TestParametersOfOneName(t *testing.T) {
	first := map[string]ossched.Param{}
	for _, scheduler := range ossched.Names() {
		for _, p := range ossched.ParamsOf(scheduler) {
			if q, ok := first[p.Name]; !ok {
				first[p.Name] = p
			} else if p.Min != q.Min || p.Max != q.Max || reflect.TypeOf(p.Default) != reflect.TypeOf(q.Default) {
				t.Errorf("%s of %s: %v to %v, and elsewhere %v to %v", p.Name, scheduler, p.Min, p.Max, q.Min, q.Max)
			}
		}
	}
}

// Who chooses another scheduler leaves the parameters of the former behind, and is told.
func TestAnotherSchedulerDropsParameters(t *testing.T) {
	text := []byte("version: 1\nname: x\nmachine: {scheduler: mlfq, quantum: 2ms, levels: 4}\nthreads:\n  - {name: a, body: [{fib: 1}]}\n")
	s, err := Parse("x.yaml", text, set(t, "machine.scheduler=rr"))
	if err != nil {
		t.Fatal(err)
	}
	if m := s.Variants[0].Program.Machine; !reflect.DeepEqual(m.Params, map[string]any{"quantum": 2 * time.Millisecond}) {
		t.Errorf("%+v", m)
	}
	if want := []string{"machine.levels: 4 is dropped: it belongs to scheduler mlfq, and the scheduler is now rr"}; !slices.Equal(s.Notes, want) {
		t.Errorf("notes %q", s.Notes)
	}
}
