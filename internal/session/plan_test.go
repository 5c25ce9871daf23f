package session

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// fake is a backend that does what its function says.
type fake struct {
	name string
	run  func(context.Context, *workloads.Program, Options) (*trace.Report, error)
}

func (f *fake) Name() string     { return f.name }
func (f *fake) Evidence() string { return "measured" }
func (f *fake) Run(ctx context.Context, p *workloads.Program, o Options) (*trace.Report, error) {
	if f.run == nil {
		return &trace.Report{}, nil
	}
	return f.run(ctx, p, o)
}

func program() *workloads.Program {
	return &workloads.Program{
		Warmup: 300 * time.Millisecond, Duration: 4 * time.Second,
		Threads: []workloads.Group{
			{Name: "crunch", Count: 2, Start: time.Second},
			{Name: "quick", Count: 3, Times: 7},
		},
		Server:  &workloads.Server{Model: "threads"},
		Clients: []workloads.Client{{Name: "web", Count: 4, Rate: 20}},
	}
}

func plan(repeat int, seed uint64, baseline bool, variants ...string) []Step {
	o := PlanOptions{Repeat: repeat, Seed: seed, Baseline: baseline, Backends: []Backend{&fake{name: "A"}, &fake{name: "B"}}}
	for _, v := range variants {
		o.Variants = append(o.Variants, Variant{Name: v, Program: program()})
	}
	return NewPlan(o)
}

// names writes a plan as variant, backend, and repetition or group alone.
func names(steps []Step) string {
	var out []string
	for _, s := range steps {
		what := fmt.Sprint(s.Rep)
		if s.Alone != "" {
			what = s.Alone
		}
		out = append(out, s.Variant+s.On.Name()+what)
	}
	return strings.Join(out, " ")
}

func TestPlanIsInterleaved(t *testing.T) {
	for _, c := range []struct {
		name     string
		steps    []Step
		expected string
	}{
		{"A B B A", plan(3, 1, false, ""), "A1 B1 B2 A2 A3 B3"},
		{"variants", plan(2, 1, false, "x", "y"), "xA1 xB1 yA1 yB1 yB2 yA2 xB2 xA2"},
		{"baselines first", plan(2, 1, true, ""), "Acrunch Aquick Aweb Bcrunch Bquick Bweb A1 B1 B2 A2"},
	} {
		if got := names(c.steps); got != c.expected {
			t.Errorf("%s: got %s, want %s", c.name, got, c.expected)
		}
		for i, s := range c.steps {
			if s.Order != i+1 || s.Evidence != "measured" || s.RunInfo.Backend != s.On.Name() {
				t.Errorf("%s: step %d is %+v", c.name, i, s.RunInfo)
			}
			if (s.Alone != "") != (s.Rep == 0) {
				t.Errorf("%s: %s has repetition %d", c.name, s.Alone, s.Rep)
			}
		}
	}
}

// A variant that a backend is to be left out of is not run on it, alone neither.
func TestVariantsLeftOut(t *testing.T) {
	got := names(NewPlan(PlanOptions{
		Repeat: 2, Baseline: true, Backends: []Backend{&fake{name: "A"}, &fake{name: "B"}},
		Variants: []Variant{{Name: "x", Program: program()}, {Name: "y", Program: program()}},
		Without:  func(v Variant, b Backend) bool { return v.Name == "x" && b.Name() == "B" },
	}))
	want := "xAcrunch xAquick xAweb yAcrunch yAquick yAweb yBcrunch yBquick yBweb xA1 yA1 yB1 yB2 yA2 xA2"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A single repetition goes in an order that the seed decides, over all orders.
func TestSingleRepetitionIsShuffled(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(600) {
		order := names(plan(1, seed, false, "x", "y"))
		if again := names(plan(1, seed, false, "x", "y")); again != order {
			t.Fatalf("seed %d gave %s and %s", seed, order, again)
		}
		seen[order]++
	}
	if len(seen) != 24 {
		t.Errorf("%d of 24 orders in 600 seeds", len(seen))
	}
}

func TestAlone(t *testing.T) {
	p := program()
	thread := Alone(p, "crunch")
	if len(thread.Threads) != 1 || thread.Threads[0].Name != "crunch" || thread.Threads[0].Count != 1 ||
		thread.Threads[0].Start != 0 || thread.Server != nil || thread.Clients != nil {
		t.Errorf("a thread: got %+v", thread)
	}
	client := Alone(p, "web")
	if len(client.Threads) != 0 || client.Server != p.Server || len(client.Clients) != 1 ||
		client.Clients[0].Count != 1 || client.Clients[0].Rate != 20 {
		t.Errorf("a client: got %+v", client)
	}
	if !slices.Equal([]int{p.Threads[0].Count, p.Threads[1].Count, p.Clients[0].Count}, []int{2, 3, 4}) {
		t.Errorf("the program itself was changed: %+v", p)
	}
	p.Tasks = []workloads.TaskGroup{{Kind: workloads.AsyncioTask, Group: workloads.Group{
		Name: "task", Count: 5, Start: 1, Body: []workloads.Op{{Kind: workloads.OpSubmit, Ref: 1}},
	}}}
	p.Pools = []workloads.Pool{{Name: "other", Workers: 1}, {Name: "own", Workers: 2}}
	task := Alone(p, "task")
	if len(task.Tasks) != 1 || task.Tasks[0].Count != 1 || task.Tasks[0].Start != 0 || task.Tasks[0].Kind != workloads.AsyncioTask ||
		task.Threads != nil || task.Clients != nil || !slices.Equal(task.Pools, p.Pools[1:]) || task.Tasks[0].Body[0].Ref != 0 {
		t.Errorf("a task: got %+v", task)
	}
	if thread.Warmup != p.Warmup {
		t.Errorf("warm-up: got %v", thread.Warmup)
	}
	p.UntilDone, p.Duration = true, 0
	if done := Alone(p, "quick"); !done.UntilDone || done.Duration != 0 || done.Threads[0].Times != 7 {
		t.Errorf("until done: got %+v", done)
	}
}

// A group that waits for others has no baseline: it would wait for ever.
func TestSocialGroupsAreNotRunAlone(t *testing.T) {
	p := program()
	p.Threads[0].Body = []workloads.Op{{Kind: workloads.OpLoop, N: 1, Body: []workloads.Op{{Kind: workloads.OpRecv}}}}
	steps := NewPlan(PlanOptions{Repeat: 1, Baseline: true, Backends: []Backend{&fake{name: "A"}}, Variants: []Variant{{Program: p}}})
	if got := names(steps); got != "Aquick Aweb A1" {
		t.Errorf("got %s", got)
	}
}

func TestWindowAlone(t *testing.T) {
	for duration, want := range map[time.Duration]time.Duration{
		time.Second: 500 * time.Millisecond, 4 * time.Second: 800 * time.Millisecond,
		10 * time.Second: 2 * time.Second, time.Minute: 2 * time.Second,
	} {
		p := program()
		p.Duration = duration
		if got := Alone(p, "crunch").Duration; got != want {
			t.Errorf("%v: got %v, want %v", duration, got, want)
		}
	}
}
