package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/session"
)

// simulated makes a result directory by simulation.
func simulated(t *testing.T, scenario string, more ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "results")
	args := append([]string{"run", scenario, "--sim", "--no-baseline", "--quiet", "--duration", "400ms", "-o", dir}, more...)
	if got := fibsim(args...); got.status != 0 && got.status != session.StatusClaim {
		t.Fatalf("%+v", got)
	}
	return dir
}

// A picture is written to the file that is named, or to one named after the directory,
// or to standard output.
func TestPlot(t *testing.T) {
	dir := simulated(t, "mixed", "--states")
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		args, file, begin string
	}{
		{"", "results-spectrum.svg", "<?xml"},
		{"--kind timeline --window 20ms@100ms --width 400", "results-timeline.svg", "<?xml"},
		{"--kind cdf --value delay --group quick -o x.png", "x.png", "\x89PNG"},
	} {
		got := fibsim(append([]string{"plot", dir}, strings.Fields(c.args)...)...)
		if got.status != 0 || got.stdout != "" || got.stderr != "wrote "+c.file+"\n" {
			t.Fatalf("%s: %+v", c.args, got)
		}
		if !bytes.HasPrefix(read(t, c.file), []byte(c.begin)) {
			t.Errorf("%s: %.20q", c.file, read(t, c.file))
		}
	}
	if got := fibsim("plot", dir, "-o", "-"); got.status != 0 || got.stdout != string(read(t, "results-spectrum.svg")) || got.stderr != "" {
		t.Errorf("to standard output: status %d, %s", got.status, got.stderr)
	}
	if got := fibsim("plot", ".", "-o", "-"); got.status != 2 || !strings.Contains(got.stderr, "has no run.json") {
		t.Errorf("%+v", got)
	}
}

// What cannot be drawn is refused with status 2, and no file is left behind.
func TestPlotRefuses(t *testing.T) {
	dir := simulated(t, "mixed")
	t.Chdir(t.TempDir())
	for args, want := range map[string]string{
		"":                                  "plot: name one directory that run -o has written, got none",
		dir + " " + dir:                     "plot: name one directory that run -o has written, got ",
		dir + " --kind pie":                 `--kind: must be one of spectrum, cdf, timeline, interval, got "pie"`,
		dir + " -o x.pdf":                   "-o x.pdf: the name must end in .svg or .png",
		dir + " -o x":                       "-o x: the name must end in .svg or .png",
		dir + " -o missing/x.svg":           "cannot write results: ",
		dir + " --kind timeline":            dir + ": has no states.csv; make the run again with --states",
		dir + " --kind interval":            dir + ": the variants have no different switch intervals",
		dir + " --group x":                  dir + `: no group is named "x" here; there are crunch, quick`,
		dir + " --window 1ms":               "--window is not for --kind spectrum",
		dir + " --kind cdf --column x":      "--column is not for --kind cdf",
		dir + " --kind timeline --window x": "--window x: ",
		dir + " --value x":                  `--value: must be one of latency, delay, response, got "x"`,
		dir + " --width 10":                 "--width: must be from 200 to 10000 pixels, got 10",
		dir + " --kind timeline --rep 0":    "--rep: must be 1 or more, got 0",
	} {
		got := fibsim(append([]string{"plot"}, strings.Fields(args)...)...)
		if got.status != 2 || got.stdout != "" || !strings.HasPrefix(got.stderr, "fibsim: "+want) {
			t.Errorf("%q: status %d, stdout %q, stderr %s", args, got.status, got.stdout, got.stderr)
		}
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
