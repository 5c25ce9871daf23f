package main

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// interleaved is the output of the article's run() for its three countdowns: a deque
// of generators.
func interleaved(counts ...int) string {
	var out []string
	for len(counts) > 0 {
		n := counts[0]
		counts = counts[1:]
		if n > 0 {
			out = append(out, fmt.Sprint(n))
			counts = append(counts, n-1)
		}
	}
	return strings.Join(out, " ")
}

// The countdowns of the article interleave as in the article, under every backend.
func TestCountdown(t *testing.T) {
	want := interleaved(10, 5, 20)
	if !strings.HasPrefix(want, "10 5 20 9 4 19 8 3 18 ") {
		t.Fatalf("the article has another order: %s", want)
	}
	// The pace is one that the race detector leaves reachable.
	args := []string{"run", "countdown", "--show-values", "--no-baseline", "--sim", "--set", "interpreter.pace=1000"}
	backends := []string{"sim_gil", "sim_native"}
	for _, b := range []string{"gil", "native", "python"} {
		if _, err := exec.LookPath("python3"); b == "python" && err != nil {
			continue
		}
		args, backends = append(args, "--"+b), append(backends, b)
	}
	got := fibsim(args...)
	screen := strings.Join(strings.Fields(got.stdout), " ")
	if got.status != 0 {
		t.Fatalf("%v: %+v", args, got)
	}
	for _, b := range backends {
		at := strings.Index(screen, "values "+b)
		if at < 0 {
			t.Errorf("no values of %s:\n%s", b, got.stdout)
			continue
		}
		_, values, _ := strings.Cut(screen[at:], ": ")
		if !strings.HasPrefix(values, want) {
			t.Errorf("%s: got %.120s", b, values)
		}
	}
}

// The claims are about the order: one that begins later comes in later, and fails them,
// though it may still end in its place.
func TestCountdownInAnotherOrder(t *testing.T) {
	got := fibsim("run", "countdown", "--no-baseline", "--sim=gil", "--set", "tasks.five.start=100us", "--set", "interpreter.pace=1000")
	screen := strings.Join(strings.Fields(got.stdout), " ")
	if got.status != 99 || !strings.Contains(screen, "Predicted: the same") || !strings.Contains(screen, " 2, 1) = ") {
		t.Errorf("%+v", got)
	}
	if strings.Contains(got.stdout, "values sim_gil") {
		t.Errorf("values that nobody asked for:\n%s", got.stdout)
	}
}
