package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/session"
)

// A run writes its trace while it goes, and the directory of the run gives one, too.
func TestTrace(t *testing.T) {
	race.SkipComputing(t)
	dir := t.TempDir()
	out, live, later := filepath.Join(dir, "out"), filepath.Join(dir, "live.json"), filepath.Join(dir, "later.pftrace")
	got := fibsim("run", "testdata/tiny.yaml", "--sim", "--no-baseline", "--duration", "80ms", "--repeat", "2", "-o", out, "--states", "--trace", live)
	if got.status != 0 || !strings.Contains(got.stderr, live+": ") || !strings.Contains(got.stderr, " events of 2 runs; open it at https://ui.perfetto.dev\n") {
		t.Fatalf("status %d\n%s", got.status, got.stderr)
	}
	var events []struct{ Name, Ph string }
	if err := json.Unmarshal(read(t, live), &events); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range events {
		seen[e.Ph+" "+e.Name] = true
	}
	for _, want := range []string{"X run", "X wait_gil", "X sleep", "X crunch-0", "X request", "X iteration", "C waiters", "s hand-off", "f hand-off", "i about this run"} {
		if !seen[want] {
			t.Errorf("the trace has no %s", want)
		}
	}
	got = fibsim("trace", out, "-o", later, "--window", "50ms@50ms")
	if got.status != 0 || got.stdout != "" || !strings.Contains(got.stderr, " events of 2 runs; open it") || len(read(t, later)) == 0 {
		t.Errorf("status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
	got = fibsim("trace", out, "-o", later, "--rep", "3")
	if want := "fibsim: --rep 3: " + out + " has no such repetition\n"; got != (output{2, "", want}) {
		t.Errorf("%+v", got)
	}
	second := filepath.Join(dir, "second.json")
	if got = fibsim("trace", out, "-o", second, "--rep", "2"); got.status != 0 || !strings.Contains(string(read(t, second)), `"timeout"`) {
		t.Errorf("--rep 2: %+v", got)
	}
	got = fibsim("trace", out, "-o", later, "--max-events", "300")
	if got.status != 0 || !strings.Contains(got.stderr, "leaves out") || !strings.Contains(got.stderr, "choose a part with --window, or allow more with --max-events") {
		t.Errorf("status %d\n%s", got.status, got.stderr)
	}
}

// What a trace needs is missed before anything is made of it.
func TestTraceOfNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if got := with(background, both(), "run", write(t, tiny), "-o", dir, "--quiet"); got.status != 0 {
		t.Fatal(got.stderr)
	}
	file := filepath.Join(t.TempDir(), "x.pftrace")
	for line, want := range map[string]string{
		"trace " + dir + " -o " + file:              dir + ": has no states.csv; make the run again with --states\n",
		"trace " + dir + "/none -o " + file:         "/none: there is no such directory; ",
		"trace " + t.TempDir() + " -o " + file:      ": has no run.json: ",
		"trace " + dir:                              "trace: needs -o FILE, such as -o x.pftrace\n",
		"trace " + dir + " -o x.txt":                "-o x.txt: the name must end in .pftrace, .json or .json.gz\n",
		"trace " + dir + " -o x.json --window 4":    "--window 4: the length needs a unit: ",
		"trace " + dir + " -o x.json --rep 0":       "--rep: must be 1 or more, got 0\n",
		"trace -o x.json":                           "trace: takes one result directory, got 0\n",
		"run mixed --trace x.json --trace-window 4": "--trace-window 4: the length needs a unit: ",
	} {
		got := fibsim(strings.Fields(line)...)
		if got.status != 2 || got.stdout != "" || !strings.Contains(got.stderr, want) {
			t.Errorf("%s: status %d, %s", line, got.status, got.stderr)
		}
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%s: left a file", line)
		}
	}
}

// A path that cannot be used fails before the first run, and leaves the directory of
// the results free for the next try.
func TestTracePath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	b := &fake{name: "gil", begin: func(int) { t.Error("it ran") }}
	got := with(background, []session.Backend{b}, "run", write(t, tiny), "-o", dir, "--trace", filepath.Join(dir, "no", "x.json"))
	if got.status != 2 || !strings.Contains(got.stderr, "no such file or directory") {
		t.Errorf("status %d, %s", got.status, got.stderr)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// After an interrupt the trace is complete. On a full disk the status says so.
func TestTraceOfAnUnluckyRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.json")
	ctx, cancel := context.WithCancel(background)
	b := &fake{name: "gil", delay: 1000, begin: func(runs int) {
		if runs == 1 {
			cancel()
		}
	}}
	got := with(ctx, []session.Backend{b}, "run", write(t, tiny), "--no-baseline", "--repeat", "3", "--trace", path)
	if !json.Valid(read(t, path)) || got.status != 130 {
		t.Errorf("interrupted: status %d, and left\n%s", got.status, read(t, path))
	}

	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Skip("no symbolic link can be made here:", err)
	}
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no disk is full here:", err)
	}
	got = with(background, []session.Backend{&fake{name: "gil", delay: 1000}}, "run", write(t, tiny), "--no-baseline", "--trace", path)
	if got.status != 4 || !strings.Contains(got.stderr, "x.json: the disk is full") {
		t.Errorf("full: status %d, %s", got.status, got.stderr)
	}
}
