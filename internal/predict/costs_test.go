package predict

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/sim/machine"
	"github.com/fibsim/fibsim/workloads"
)

var (
	day  = time.Date(2026, 11, 25, 20, 0, 0, 0, time.UTC)
	here = scenarios.CostHost{OS: "linux", Arch: "amd64", CPUModel: "A", CPUs: 2, Kernel: "6.18", Go: "go1.26.8"}
)

// saved writes a cost file of this host and returns where.
func saved(t *testing.T, change func(*scenarios.CostFile)) string {
	t.Helper()
	f := &scenarios.CostFile{
		Host: here, Measured: day,
		Costs:        map[string]any{"switch": int64(1234), "fib_call": 1.5, "wake_idle": [6]int64{1, 2, 3, 4, 5, 6}},
		Interpreters: []scenarios.InterpreterCosts{{Name: "python_3_11", Costs: map[string]any{"fib_call": 31.5, "send": int64(4321)}}},
	}
	if change != nil {
		change(f)
	}
	path := filepath.Join(t.TempDir(), "costs.yaml")
	if err := os.WriteFile(path, f.Encode(Keys()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// What a file gives replaces defaults; what it leaves out keeps them.
func TestLoadCosts(t *testing.T) {
	path := saved(t, nil)
	c, err := LoadCosts([]string{Default, Host, path, Host}, Place{HostFile: path, Here: here, Now: day.Add(mostAge)})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{Host, path} {
		got, err := c.Of(name)
		want := machine.DefaultCosts()
		want.Switch, want.FibCall, want.WakeIdle = 1234, 1.5, machine.Spread{Min: 1, P10: 2, P50: 3, P90: 4, P99: 5, Max: 6}
		if err != nil || *got != *want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if origin := c.origin(name); origin != "system linux amd64, CPU A, CPUs 2, kernel 6.18, Go 1.26.8" {
			t.Errorf("%s: measured on %q", name, origin)
		}
	}
	if got, err := c.Of(Default); err != nil || *got != *machine.DefaultCosts() || c.origin(Default) != "" {
		t.Errorf("default: got %+v, %v", got, err)
	}
	if _, err := c.Of("other"); err == nil {
		t.Error("costs that were not loaded")
	}
}

// A path may be relative to the folder of the scenario.
func TestCostsBesideTheScenario(t *testing.T) {
	path := saved(t, nil)
	name := filepath.Base(path)
	if _, err := LoadCosts([]string{name}, Place{Beside: filepath.Dir(path)}); err != nil {
		t.Error(err)
	}
	var unread *scenarios.ReadError
	if _, err := LoadCosts([]string{name}, Place{}); !errors.As(err, &unread) {
		t.Errorf("got %v", err)
	}
}

// The costs that a built-in scenario names come with the program, wherever it runs.
// A file of that name in the folder beside comes first.
func TestCostsThatComeWithTheProgram(t *testing.T) {
	const name = "costs/macbook-2c4t.yaml"
	c, err := LoadCosts([]string{name}, Place{Beside: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Of(name); err != nil || got.Send == machine.DefaultCosts().Send || c.origin(name) != "system darwin amd64, CPUs 4" {
		t.Errorf("got %+v, %v, measured on %q", got, err, c.origin(name))
	}
	mine := filepath.Join(filepath.Dir(saved(t, nil)), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(mine), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mine, []byte("version: 1\ncosts: {send: 1234ns}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	c, err = LoadCosts([]string{name}, Place{Beside: filepath.Dir(filepath.Dir(mine))})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := c.Of(name); got.Send != 1234 {
		t.Errorf("beside the scenario: send %d", got.Send)
	}
}

// The costs of this host are refused when they are not, with advice. A file by its
// path is used as it is.
func TestHostCostsAreRefused(t *testing.T) {
	for want, change := range map[string]func(*scenarios.CostFile){
		"was measured on another host: kernel 6.1 there, 6.18 here; run":         func(f *scenarios.CostFile) { f.Host.Kernel = "6.1" },
		"CPUs 4 there, 2 here, virtual machine kvm there, none here":             func(f *scenarios.CostFile) { f.Host.CPUs, f.Host.Virtualisation = 4, "kvm" },
		"is from 2026-10-26, and the most is 30 days; run `fibsim calibrate` ag": func(f *scenarios.CostFile) { f.Measured = day.Add(-mostAge - time.Second) },
		"is from 2026-11-25T20:00:01Z, which is still to come by the clock of this host; run `fibsim calibrate` ag": func(f *scenarios.CostFile) {
			f.Measured = day.Add(time.Second)
		},
		"does not say when it was measured; run `fibsim calibrate` ag":      func(f *scenarios.CostFile) { f.Measured = time.Time{} },
		"was measured on another host: system none there, linux amd64 here": func(f *scenarios.CostFile) { f.Host = scenarios.CostHost{} },
	} {
		path := saved(t, change)
		_, err := LoadCosts([]string{Host}, Place{HostFile: path, Here: here, Now: day})
		var refused *HostError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		if _, err := LoadCosts([]string{path}, Place{HostFile: path, Here: here, Now: day}); err != nil {
			t.Errorf("by its path: %v", err)
		}
	}
	missing := filepath.Join(t.TempDir(), "costs.yaml")
	if _, err := LoadCosts([]string{Host}, Place{HostFile: missing}); err == nil || err.Error() != "costs: host: there is no "+missing+" yet; run `fibsim calibrate`" {
		t.Errorf("missing: %v", err)
	}
	if err := os.WriteFile(missing, []byte("version: 1\ncosts: {swich: 1us}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadCosts([]string{Host}, Place{HostFile: missing}); err == nil || !strings.Contains(err.Error(), "did you mean switch?") || !strings.Contains(err.Error(), "calibrate") {
		t.Errorf("wrong: %v", err)
	}
}

// The costs of an interpreter are as old as they are, however young the others: those of
// this host leave it out after 30 days.
func TestOldInterpreterIsLeftOut(t *testing.T) {
	path := saved(t, func(f *scenarios.CostFile) {
		f.Interpreters = append(f.Interpreters, scenarios.InterpreterCosts{
			Name: "python_3_9", Version: "3.9.2", Measured: day.Add(-mostAge - time.Second), Costs: map[string]any{"fib_call": 41.5},
		})
	})
	c, err := LoadCosts([]string{Host, path}, Place{HostFile: path, Here: here, Now: day})
	if err != nil {
		t.Fatal(err)
	}
	if names := c.Interpreters(Host); !slices.Equal(names, []string{"python_3_11"}) || c.Version(Host, "python_3_9") != "" {
		t.Errorf("this host: %v", names)
	}
	if names := c.Interpreters(path); len(names) != 2 || c.Version(path, "python_3_9") != "3.9.2" {
		t.Errorf("by its path: %v", names)
	}
}

// Every cost of the simulator can be kept in a file, and comes back as it was.
func TestEveryCostFitsIntoAFile(t *testing.T) {
	c := machine.DefaultCosts()
	var names []string
	for i, f := range c.Fields() {
		names = append(names, f.Name)
		switch v := f.Value.(type) {
		case *int64:
			*v = int64(1001 * (i + 1))
		case *float64:
			*v = float64(i) + 0.25
		case *machine.Spread:
			n := int64(i)
			*v = machine.Spread{Min: n, P10: n + 1, P50: n + 20, P90: n + 300, P99: n + 4000, Max: n + 50_000}
		}
	}
	path := saved(t, func(f *scenarios.CostFile) { f.Costs = Values(c.Fields(), names) })
	back, err := LoadCosts([]string{path}, Place{})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := back.Of(path); *got != *c {
		t.Errorf("got  %+v\nwant %+v", got, c)
	}
	if len(names) != len(Keys().Host) || len(Keys().Interpreter) == 0 {
		t.Errorf("%d costs, %+v", len(names), Keys())
	}
}

// Predictions imitate an interpreter whose costs the file has.
func TestImitate(t *testing.T) {
	path := saved(t, nil)
	c, err := LoadCosts([]string{path}, Place{})
	if err != nil {
		t.Fatal(err)
	}
	if names := c.Interpreters(path); !slices.Equal(names, []string{"python_3_11"}) || c.Interpreters(Default) != nil {
		t.Errorf("interpreters: %v", names)
	}
	if _, ok := c.Imitate(path, "pypy_3_9"); ok {
		t.Error("an interpreter that the file does not have")
	}
	ns, ok := c.Imitate(path, "python_3_11")
	got, _ := c.Of(path)
	if !ok || ns != 31.5 || got.Interpreter == nil || got.Interpreter.Send != 4321 || got.Interpreter.Recv != machine.DefaultInterpreter().Recv {
		t.Errorf("got %v, %v, %+v", ns, ok, got.Interpreter)
	}
}

// Repetitions differ in what things cost, and each is the same every time.
func TestRepetitions(t *testing.T) {
	p := &workloads.Program{
		Seed: 1, Duration: 50 * time.Millisecond, Interpreter: workloads.Interpreter{Lock: "cpython-3", Pace: workloads.Pace{NS: 25}},
		Threads: []workloads.Group{{Name: "poll", Count: 2, Body: []workloads.Op{{Kind: workloads.OpSleep, For: workloads.Duration{Mean: 1e6}}}}},
	}
	hash := func(rep int) any {
		r, err := NewGIL().Run(t.Context(), p, session.Options{Rep: rep})
		if err != nil {
			t.Fatal(err)
		}
		return fact(r, "event_hash")
	}
	if hash(1) == hash(2) || hash(2) == hash(3) {
		t.Error("repetitions are the same")
	}
	if hash(2) != hash(2) {
		t.Error("one repetition differs from itself")
	}
}

// What a run was made with is in its facts.
func TestFacts(t *testing.T) {
	path := saved(t, nil)
	c, err := LoadCosts([]string{path}, Place{})
	if err != nil {
		t.Fatal(err)
	}
	b := NewGIL()
	b.Costs = c
	p := &workloads.Program{
		Duration: 10 * time.Millisecond, Interpreter: workloads.Interpreter{Lock: "cpython-3", Pace: workloads.Pace{NS: 25}},
		Machine: workloads.Machine{CPUs: 3, Scheduler: "fifo", HZ: 1000, Costs: path},
		Threads: []workloads.Group{{Name: "a", Count: 1, Body: []workloads.Op{{Kind: workloads.OpFib, N: 10}}}},
	}
	r, err := b.Run(t.Context(), p, session.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"cpus": int64(3), "scheduler": "fifo", "hz": int64(1000), "costs": path, "costs_fingerprint": Fingerprint(here),
	} {
		if got := fact(r, name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	if hash, _ := fact(r, "event_hash").(string); len(hash) != 16 {
		t.Errorf("hash %q", hash)
	}
}

// Parameters of machine.scheduler reach the scheduler of the threads under the lock, and without it the kernel's; that of
// the goroutines only if it is the same.
func TestParametersOfTheScheduler(t *testing.T) {
	params := map[string]any{"quantum": 3 * time.Millisecond}
	p := &workloads.Program{Machine: workloads.Machine{CPUs: 1, Scheduler: "rr", Params: params, NativeScheduler: "go", HZ: 250}}
	for _, c := range []struct {
		b               *Backend
		native          string
		threads, kernel bool
	}{{NewGIL(), "go", true, false}, {NewNative(), "go", false, true}, {NewNative(), "rr", true, true}, {NewNative(), "fifo", false, true}} {
		p.Machine.NativeScheduler = c.native
		got, err := c.b.config(p)
		if err != nil || (got.Params != nil) != c.threads || (got.KernelParams != nil) != c.kernel {
			t.Errorf("%s on %s: %v and %v, %v", c.b.Name(), c.native, got.Params, got.KernelParams, err)
		}
	}

	// Two threads take turns of so long.
	hog := workloads.Group{Name: "a", Count: 2, Body: []workloads.Op{{Kind: workloads.OpSpin, For: workloads.Duration{Mean: 1e5}}}}
	p = &workloads.Program{Duration: 60 * time.Millisecond, Threads: []workloads.Group{hog}, Interpreter: workloads.Interpreter{Lock: "none", Pace: workloads.Pace{NS: 25}},
		Machine: workloads.Machine{CPUs: 1, Scheduler: "rr", NativeScheduler: "go", HZ: 250, Params: params}}
	longest := int64(0)
	r, err := NewGIL().Run(t.Context(), p, session.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r.Groups[0].Workers[0].Rows(func(s *trace.Sample) { longest = max(longest, s.Ready) })
	if longest < 3e6 || longest > 3.1e6 {
		t.Errorf("the other one has turns of %d ns, want 3 ms", longest)
	}
}
