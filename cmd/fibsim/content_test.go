package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/scenarios"
)

// Every mistake of a file is told, in a line of its own, with status 3.
func TestMistakesInAScenario(t *testing.T) {
	path := write(t, "version: 1\nname: bad\nduration: 4\nthreads:\n  - {name: a, count: 0, body: [{fib: 200}]}\n")
	for _, command := range []string{"check", "run"} {
		got := fibsim(command, path)
		lines := strings.Split(strings.TrimSpace(got.stderr), "\n")
		if got.status != 3 || got.stdout != "" || len(lines) != 3 {
			t.Fatalf("%s: status %d, %s", command, got.status, got.stderr)
		}
		for i, where := range []string{":3:11: duration: ", ":5:22: threads.a.count: ", ":5:38: threads.a.body.0.fib: "} {
			if !strings.HasPrefix(lines[i], "fibsim: "+path+where) {
				t.Errorf("got %s, want it at %s", lines[i], where)
			}
		}
	}
	// A wrong flag on top of a wrong file is the lesser evil.
	if got := fibsim("run", path, "--repeat", "0"); got.status != 3 || !strings.Contains(got.stderr, "fibsim: --repeat 0: ") {
		t.Errorf("with a wrong flag: status %d, %s", got.status, got.stderr)
	}
}

func TestCheck(t *testing.T) {
	for name, want := range map[string]string{
		"mixed":       "mixed: fine: 2 thread groups, 0 client groups, 5 claims\n",
		"threads-fib": "threads-fib: fine: 1 thread group, 0 client groups, 6 claims, 3 variants\n",
	} {
		if got := fibsim("check", name); got != (output{0, want, ""}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What --print prints is a scenario that means the same.
func TestCheckPrint(t *testing.T) {
	printed := fibsim("check", "mixed", "--print")
	again := fibsim("check", write(t, printed.stdout), "--print")
	if printed.status != 0 || again.status != 0 || again.stdout != printed.stdout {
		t.Errorf("status %d and %d, then\n%s%s", printed.status, again.status, again.stdout, again.stderr)
	}
}

// The file that is shown is the one that runs.
func TestScenariosShow(t *testing.T) {
	for _, name := range scenarios.Names() {
		got := fibsim("scenarios", "show", name)
		if got.status != 0 || !strings.Contains(got.stdout, "\nname: "+name+"\n") {
			t.Errorf("%s: status %d\n%s", name, got.status, got.stdout)
		}
	}
}

func TestSchema(t *testing.T) {
	got := fibsim("schema")
	if got.status != 0 || !json.Valid([]byte(got.stdout)) {
		t.Errorf("status %d, valid JSON: %t", got.status, json.Valid([]byte(got.stdout)))
	}
}

func TestVersion(t *testing.T) {
	if got := fibsim("version"); got.status != 0 || !strings.HasPrefix(got.stdout, "fibsim "+version) {
		t.Errorf("got %+v", got)
	}
}
