package scenarios

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/workloads"
)

// Every shipped scenario loads, is called like its file, says what it asks, and
// claims something.
func TestBuiltIn(t *testing.T) {
	list := List()
	if len(list) < 12 {
		t.Errorf("got %d scenarios, want the 12 shipped ones: %v", len(list), Names())
	}
	for i, s := range list {
		if s.Name != Names()[i] {
			t.Errorf("file %s holds scenario %s", Names()[i], s.Name)
		}
		if s.Title == "" || s.Question == "" || len(s.Claims) == 0 {
			t.Errorf("%s: needs a title, a question and claims", s.Name)
		}
		source, _ := Source(s.Name)
		if !strings.HasPrefix(string(source), "# yaml-language-server: $schema=./scenario.schema.json\n") {
			t.Errorf("%s: does not begin with the line that tells editors the schema", s.Name)
		}
	}
}

// The costs that come with the program are found by the path that scenarios have
// for them, and are no scenarios.
func TestCostSource(t *testing.T) {
	if data, ok := CostSource("costs/macbook-2c4t.yaml"); !ok || !strings.Contains(string(data), "\nversion: 1\n") {
		t.Errorf("found: %t\n%s", ok, data)
	}
	for _, path := range []string{"macbook-2c4t.yaml", "mixed.yaml", "costs/none.yaml"} {
		if _, ok := CostSource(path); ok {
			t.Errorf("%s is found", path)
		}
	}
	if _, ok := Source("costs/macbook-2c4t"); ok {
		t.Error("costs are a scenario")
	}
}

// The first scenario of the documentation means exactly this.
func TestMixed(t *testing.T) {
	s, err := Find("mixed")
	if err != nil {
		t.Fatal(err)
	}
	p := s.Variants[0].Program
	if p.Warmup != 300*time.Millisecond || p.Duration != 4*time.Second || p.Seed != 1 || s.Repeat != 1 {
		t.Errorf("wrong window: %+v", p)
	}
	if i := p.Interpreter; i.Lock != "cpython-3" || i.Params["switch_interval"] != 5*time.Millisecond ||
		i.Params["wake_order"] != "glibc-2.36" || i.Pace != (workloads.Pace{NS: 25}) || i.Park != "auto" {
		t.Errorf("wrong interpreter: %+v", i)
	}
	quick := p.Threads[1]
	sleep := workloads.Duration{Dist: workloads.Exponential, Mean: 25e6}
	if quick.Count != 2 || len(quick.Body) != 2 || quick.Body[0].For != sleep || quick.Body[1].N != 12 {
		t.Errorf("wrong group: %+v", quick)
	}
	if len(s.Claims) != 5 || !reflect.DeepEqual(p.Machine, workloads.Machine{CPUs: 2, Scheduler: "eevdf", NativeScheduler: "go", HZ: 250, Costs: "default"}) {
		t.Errorf("wrong claims or machine: %+v %+v", s.Claims, p.Machine)
	}
}
