package predict

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/sim"
	"github.com/fibsim/fibsim/sim/machine"
	"github.com/fibsim/fibsim/workloads"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// both are the backends under test.
func both() []*Backend { return []*Backend{NewGIL(), NewNative()} }

// dense are the scenarios with so many events that a tenth of the time shows as much.
var dense = []string{"ping-pong", "sleep-zero"}

// crowded are those where each of many threads needs its turn of the lock to do something. Under
// the emulated lock, on 27 November 2026, those of go-convoy went without for 280 to 650 ms.
var crowded = []string{"go-convoy"}

// shorten leaves enough of the program of a scenario to see all that it does, and a part
// of that where the race detector is on.
func shorten(scenario string, p *workloads.Program) *workloads.Program {
	longest := 500 * time.Millisecond
	if race.Enabled {
		longest /= 25
	}
	if slices.Contains(dense, scenario) {
		longest /= 10
	}
	if slices.Contains(crowded, scenario) {
		longest *= 3
	}
	short := *p
	short.Warmup, short.Duration = min(p.Warmup, longest/5), min(p.Duration, longest*4/5)
	return &short
}

// Every shipped scenario can be predicted on both backends. Each of its groups does
// something, what happens keeps every invariant, and three runs are the same to the last
// event, on one P of Go's scheduler and on two: the simulator has no room for chance of
// its own.
func TestShippedScenarios(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, s := range scenarios.List() {
		for _, v := range s.Variants {
			costs, err := LoadCosts([]string{v.Program.Machine.Costs}, Place{})
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range both() {
				b.Costs = costs
				t.Run(strings.Join([]string{s.Name, v.Name, b.Name()}, "/"), func(t *testing.T) {
					p := shorten(s.Name, v.Program)
					runtime.GOMAXPROCS(1)
					hash := keepsInvariants(t, b, p)
					runtime.GOMAXPROCS(2)
					same, err := b.Twice(t.Context(), p)
					if err != nil {
						t.Fatal(err)
					}
					if same.Hash != hash || same.Events == 0 {
						t.Errorf("with GOMAXPROCS 1 the hash is %s, with 2: %+v", hash, same)
					}
				})
			}
		}
	}
}

// keepsInvariants predicts a program, checks what happened and returns its hash.
func keepsInvariants(t *testing.T, b *Backend, p *workloads.Program) string {
	t.Helper()
	r, err := b.Run(t.Context(), p, session.Options{Events: true, Rep: 1})
	if err != nil {
		t.Fatal(err)
	}
	broken := trace.Check(r.Log, r.Log.Rules)
	for _, err := range broken[:min(len(broken), 5)] {
		t.Error(err)
	}
	for _, g := range r.Groups {
		for i, w := range g.Workers {
			if w.LastEnd() <= 0 && !race.Enabled { // too short for some
				t.Errorf("%s-%d did nothing", g.Name, i)
			}
		}
	}
	return fmt.Sprint(fact(r, "event_hash"))
}

// small are programs whose whole history can be read. Each shows one thing.
var small = map[string]struct {
	text   string
	native bool
}{
	// A sleeper wakes beside a thread that computes, asks after the switch interval,
	// gets the lock, and gives it back by sleeping again.
	"interval": {text: `{version: 1, name: interval, warmup: 0s, duration: 20ms, machine: {cpus: 2},
		threads: [{name: hog, body: [{fib: 30}]}, {name: poll, body: [{sleep: 1ms}]}]}`},
	// Two threads that compute hand the lock to each other at each interval.
	"two-hogs": {text: `{version: 1, name: two-hogs, until: done, machine: {cpus: 2},
		threads: [{name: hog, count: 2, times: 1, body: [{spin: 12ms}]}]}`},
	// A client and a server, one request after the other, without a lock.
	"request": {native: true, text: `{version: 1, name: request, warmup: 0s, duration: 10ms, machine: {cpus: 2},
		server: {}, clients: [{name: web, request: {fib: 10}, rate: 300/s, arrivals: uniform}]}`},
}

// The events of small scenarios are those of the files in testdata. A change there
// is a change of the model: understand it before you accept it with -update.
func TestEventStreams(t *testing.T) {
	for name, c := range small {
		s, err := scenarios.Parse(name+".yaml", []byte(strings.ReplaceAll(c.text, "\t", " ")))
		if err != nil {
			t.Fatal(err)
		}
		b := &Backend{native: c.native}
		config, err := b.config(s.Variants[0].Program)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		config.Observe = func(e sim.Event) { fmt.Fprintln(&got, machine.Describe(e)) }
		r, err := machine.Run(s.Variants[0].Program, config, nil)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "hash %v\n", fact(r, "event_hash"))
		path := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if difference := firstLine(string(want), got.String()); difference != "" {
			t.Errorf("%s: %s", path, difference)
		}
	}
}

// firstLine describes the first line in which two texts differ.
func firstLine(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return fmt.Sprintf("line %d: want %q, got %q", i+1, at(a, i), at(b, i))
		}
	}
	return ""
}

func at(lines []string, i int) string {
	if i >= len(lines) {
		return "the end"
	}
	return lines[i]
}

// A run is the same on another architecture and another system: the program in
// testdata/hashes, compiled to WebAssembly and run by Node, finds the hashes that
// it finds here.
func TestWebAssembly(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not on PATH, and something has to run WebAssembly")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command is not on PATH, and something has to compile")
	}
	if testing.Short() {
		t.Skip("it compiles the simulator two times")
	}
	if race.Enabled {
		t.Skip("what it compiles has no race detector")
	}
	root, err := exec.Command(goTool, "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	loader := filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec_node.js")
	if _, err := os.Stat(loader); err != nil {
		t.Skip("this Go tree has no wasm_exec_node.js: ", err)
	}
	build := func(name string, flags []string, system ...string) string {
		path := filepath.Join(t.TempDir(), name)
		cmd := exec.Command(goTool, slices.Concat([]string{"build", "-o", path}, flags, []string{"./testdata/hashes"})...)
		cmd.Env = append(os.Environ(), system...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		return path
	}
	output := func(args ...string) string {
		cmd := exec.Command(args[0], args[1:]...)
		// Node hands the environment on to the program, with room for 8 KiB.
		cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	here := output(build("hashes", nil))
	// With the playground's flag the two share what they compile.
	there := output(node, loader, build("hashes.wasm", []string{"-trimpath"}, "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0"))
	if difference := firstLine(here, there); difference != "" || strings.Count(here, "\n") < 10 {
		t.Errorf("native and WebAssembly: %s\n%s", difference, here)
	}
}
