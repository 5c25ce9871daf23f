package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/workloads"
)

const plainScenario = `version: 1
name: plain
interpreter: {switch_interval: 3ms, pace: 30}
threads:
  - {name: crunch, count: 1, body: [{fib: 30}, {sleep: 1ms}]}
  - {name: quick, body: [{fib: 12}]}
`

func set(t *testing.T, arg string) Override {
	t.Helper()
	o, err := ParseSet(arg)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// An override does what the same words in the file would.
func TestOverrides(t *testing.T) {
	tests := []struct {
		name      string
		overrides []Override
		check     func(s *Scenario, p *workloads.Program) bool
	}{
		{"count", []Override{set(t, "threads.crunch.count=2")},
			func(s *Scenario, p *workloads.Program) bool {
				return p.Threads[0].Count == 2 && p.Threads[1].Count == 1
			}},
		{"body", []Override{set(t, "threads.crunch.body=[{fib: 22}]")},
			func(s *Scenario, p *workloads.Program) bool {
				return len(p.Threads[0].Body) == 1 && p.Threads[0].Body[0].N == 22
			}},
		{"element", []Override{set(t, "threads.crunch.body.1.sleep=2ms")},
			func(s *Scenario, p *workloads.Program) bool { return p.Threads[0].Body[1].For.Mean == 2e6 }},
		{"interval", []Override{set(t, "interpreter.switch_interval=1ms")},
			func(s *Scenario, p *workloads.Program) bool {
				return p.Interpreter.Params["switch_interval"] == time.Millisecond && p.Interpreter.Pace.NS == 30
			}},
		{"null gives the default", []Override{set(t, "interpreter.switch_interval=null")},
			func(s *Scenario, p *workloads.Program) bool {
				return p.Interpreter.Params["switch_interval"] == 5*time.Millisecond
			}},
		{"a section that was not there", []Override{set(t, "machine.cpus=8")},
			func(s *Scenario, p *workloads.Program) bool { return p.Machine.CPUs == 8 }},
		{"group out", []Override{set(t, "threads.quick=null")},
			func(s *Scenario, p *workloads.Program) bool { return len(p.Threads) == 1 }},
		{"flags", []Override{FlagOverride("--seed", "7"), FlagOverride("--repeat", "3"), FlagOverride("--duration", "1s")},
			func(s *Scenario, p *workloads.Program) bool {
				return p.Seed == 7 && s.Seed == 7 && s.Repeat == 3 && p.Duration == time.Second
			}},
		{"the last one wins", []Override{set(t, "repeat=2"), set(t, "repeat=3")},
			func(s *Scenario, p *workloads.Program) bool { return s.Repeat == 3 }},
		{"lock drops parameters", []Override{FlagOverride("--lock", "cpython-2")},
			func(s *Scenario, p *workloads.Program) bool {
				return p.Interpreter.Lock == "cpython-2" && p.Interpreter.Params["check_interval"] == 100 &&
					len(p.Interpreter.Params) == 1 && len(s.Notes) == 1 &&
					strings.Contains(s.Notes[0], "interpreter.switch_interval: 3ms is dropped")
			}},
		{"lock and its parameter, in any order", []Override{set(t, "interpreter.check_interval=7"), FlagOverride("--lock", "cpython-2")},
			func(s *Scenario, p *workloads.Program) bool { return p.Interpreter.Params["check_interval"] == 7 }},
		{"the same lock drops nothing", []Override{FlagOverride("--lock", "cpython-3")},
			func(s *Scenario, p *workloads.Program) bool {
				return p.Interpreter.Params["switch_interval"] == 3*time.Millisecond && len(s.Notes) == 0
			}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := Parse("plain.yaml", []byte(plainScenario), test.overrides...)
			if err != nil {
				t.Fatal(err)
			}
			if p := s.Variants[0].Program; !test.check(s, p) {
				t.Errorf("got %+v, notes %q", p, s.Notes)
			}
		})
	}
}

// A mistake in a flag is told with the flag as typed, without a position.
func TestOverrideErrors(t *testing.T) {
	tests := []struct {
		override Override
		want     string
	}{
		{set(t, "threads.cruch.count=2"), "--set threads.cruch.count=2: no group is named cruch; did you mean crunch?"},
		{set(t, "threads.crunch.count=0"), "--set threads.crunch.count=0: must be from 1 to 2000000 (more threads than that exhaust even the simulator), got 0"},
		{set(t, "threads.crunch.cuont=1"), "--set threads.crunch.cuont=1: unknown key; did you mean count?"},
		{set(t, "thread.crunch.count=1"), "--set thread.crunch.count=1: unknown key thread; did you mean threads?"},
		{set(t, "threads.crunch.body=[{fob: 1}]"), "--set threads.crunch.body=[{fob: 1}]: threads.crunch.body.0.fob: unknown operation; did you mean fib?"},
		{set(t, "threads.crunch.body.9.fib=1"), "--set threads.crunch.body.9.fib=1: threads.crunch.body is a list of 2, numbered from 0; it has no element 9"},
		{set(t, "threads.crunch.count.x=1"), "--set threads.crunch.count.x=1: threads.crunch.count is 1 and has nothing inside"},
		{set(t, "clients.web.count=1"), "--set clients.web.count=1: the scenario has no clients"},
		{set(t, "tasks.a.count=1"), "--set tasks.a.count=1: the scenario has no tasks"},
		{set(t, "seed="), "--set seed=: has no value; null takes the key out"},
		{set(t, "seed=[1"), "--set seed=[1: not well-formed YAML: did not find expected ',' or ']'"},
		{set(t, "seed={a: 1, a: 2}"), "--set seed={a: 1, a: 2}: the key a is already in line 1; keep one of them"},
		{set(t, "name=null"), "plain.yaml:1:1: name: is missing: name of the scenario"},
		{FlagOverride("--lock", "cpython-4"), "--lock cpython-4: must be cpython-2, cpython-3 or none, got \"cpython-4\"; did you mean cpython-2?"},
		{FlagOverride("--duration", "5"), "--duration 5: needs a unit: ns, us, ms or s, got 5"},
		{set(t, "interpreter.check_interval=5"), "--set interpreter.check_interval=5: is a parameter of lock cpython-2, and the lock here is cpython-3"},
	}
	for _, test := range tests {
		_, err := Parse("plain.yaml", []byte(plainScenario), test.override)
		var errs Errors
		if !errors.As(err, &errs) {
			t.Errorf("%s: got %v, want Errors", test.override.Flag, err)
			continue
		}
		got := err.Error()
		if strings.HasPrefix(test.override.Flag, "--lock") {
			// The list of locks grows; the rest of the message does not.
			got, test.want = got[:20], test.want[:20]
		}
		if got != test.want {
			t.Errorf("got  %s\nwant %s", err, test.want)
		}
		if errs.Flags() != strings.HasPrefix(test.want, "--") {
			t.Errorf("%s: Flags() is %v", test.override.Flag, errs.Flags())
		}
	}
	for _, arg := range []string{"", "repeat", "=3", "Repeat=3", "a..b=1", "a b=1"} {
		if _, err := ParseSet(arg); err == nil {
			t.Errorf("ParseSet(%q) gives no error", arg)
		}
	}
}

const variedScenario = `version: 1
name: varied
interpreter: {switch_interval: 3ms}
threads:
  - {name: crunch, body: [{fib: 30}]}
variants:
  - {name: plain, set: {}}
  - {name: two, set: {threads.crunch.count: 2, threads.crunch.times: 4, until: done}}
  - {name: old, set: {interpreter.lock: cpython-2, interpreter.check_interval: 50}}
`

// A variant changes only itself, and a flag wins over all of them.
func TestVariants(t *testing.T) {
	s, err := Parse("varied.yaml", []byte(variedScenario))
	if err != nil {
		t.Fatal(err)
	}
	plain, two, old := s.Variants[0].Program, s.Variants[1].Program, s.Variants[2].Program
	if plain.Threads[0].Count != 1 || plain.Duration != 5*time.Second || plain.UntilDone {
		t.Errorf("plain: %+v", plain)
	}
	if two.Threads[0].Count != 2 || !two.UntilDone || two.Warmup != 0 || two.Duration != 0 {
		t.Errorf("two: %+v", two)
	}
	if old.Interpreter.Params["check_interval"] != 50 || len(old.Interpreter.Params) != 1 {
		t.Errorf("old: %+v", old)
	}
	want := []string{"variant old: interpreter.switch_interval: 3ms is dropped: it belongs to lock cpython-3, and the lock is now cpython-2"}
	if !slices.Equal(s.Notes, want) {
		t.Errorf("notes %q", s.Notes)
	}

	s, err = Parse("varied.yaml", []byte(variedScenario), FlagOverride("--lock", "cpython-3"),
		FlagOverride("--duration", "1s"), set(t, "threads.crunch.count=7"))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range s.Variants {
		p := v.Program
		if p.Threads[0].Count != 7 || p.Duration != time.Second || p.UntilDone || p.Interpreter.Lock != "cpython-3" {
			t.Errorf("%s: %+v", v.Name, p)
		}
		// The file's parameter was written for the lock that is back.
		if p.Interpreter.Params["switch_interval"] != 3*time.Millisecond {
			t.Errorf("%s: %v", v.Name, p.Interpreter.Params)
		}
	}
}

// A file that cannot be read is not a file with mistakes.
func TestReadErrors(t *testing.T) {
	dir := t.TempDir()
	for _, arg := range []string{"nosuch", filepath.Join(dir, "nosuch.yaml"), dir} {
		_, err := Find(arg)
		var unread *ReadError
		if !errors.As(err, &unread) {
			t.Errorf("%s: got %T %v, want a ReadError", arg, err, err)
		}
	}
	if _, err := Find(filepath.Join(dir, "nosuch.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want it to wrap fs.ErrNotExist", err)
	}
	if _, err := Find("mixd"); err == nil || !strings.HasSuffix(err.Error(), "did you mean mixed?") {
		t.Errorf("got %v", err)
	}
	big := filepath.Join(dir, "big.yaml")
	if err := os.WriteFile(big, make([]byte, MaxFileBytes+1), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Load(big)
	var errs Errors
	if !errors.As(err, &errs) || !strings.HasSuffix(errs[0].Error(), "big.yaml:1:1: the file is larger than 1MiB") {
		t.Errorf("got %v", err)
	}
}

// A file goes before a built-in scenario of the same name, a directory does not.
func TestFindPrefersFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("mixed", 0o755); err != nil {
		t.Fatal(err)
	}
	if s, err := Find("mixed"); err != nil || s.Path != "mixed" || s.Name != "mixed" {
		t.Errorf("with a directory: got %+v, %v", s, err)
	}
	if err := os.WriteFile("old-lock", []byte(plainScenario), 0o644); err != nil {
		t.Fatal(err)
	}
	if s, err := Find("old-lock"); err != nil || s.Name != "plain" {
		t.Errorf("with a file: got %+v, %v", s, err)
	}
}
