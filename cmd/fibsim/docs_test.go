package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/calibrate"
	"github.com/fibsim/fibsim/internal/live"
	"github.com/fibsim/fibsim/internal/playground"
	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
)

// root is where the commands of the documentation are typed.
var root = filepath.Join("..", "..")

// pages are those that hold commands.
func pages(t *testing.T) []string {
	t.Helper()
	more, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(more) == 0 {
		t.Fatalf("docs: %v, %v", more, err)
	}
	return append([]string{filepath.Join(root, "README.md")}, more...)
}

// fenced returns the blocks of a language in a page.
func fenced(page, language string) []string {
	var blocks []string
	for _, rest := range strings.Split("\n"+page, "\n```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(rest, "\n```")
		blocks = append(blocks, block)
	}
	return blocks
}

// otherCommands are those of the documentation that are not fibsim's.
var otherCommands = []string{"go test ./...", "go build -o fibsim ./cmd/fibsim", ".ci/run",
	"go test ./sim/exact -v", "go test ./sim/exact -exact -v -timeout 60m", "go test -tags host ./sim/exact -run TestKernel -v",
	"go test -tags host ./cmd/fibsim -run TestIdleConnections -v",
	"go generate ./internal/playground", "go build -tags playground ./cmd/fibsim", "go test -tags host ./cmd/fibsim -run TestHostileLoad -v",
	"go test -tags host ./internal/report -run TestMillion -v"}

// measuring are the commands that are followed only until they would measure.
var measuring = []string{"run", "explain", "validate", "sweep", "calibrate", "article", "replicate", "advise", "serve", "load", "playground"}

// Every command in the documentation is one that works. Those that measure are
// followed until their first run would start; the others are executed.
func TestCommandsOfTheDocumentation(t *testing.T) {
	t.Parallel()
	race.SkipComputing(t)
	count := 0
	files := resultFiles(t)
	for _, path := range pages(t) {
		page := string(read(t, path))
		mine := filepath.Join(t.TempDir(), "mine.yaml")
		for _, text := range fenced(page, "yaml") {
			if err := os.WriteFile(mine, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for _, block := range fenced(page, "sh") {
			for line := range strings.Lines(block) {
				count++
				if problem := try(t, strings.TrimSpace(line), mine, files); problem != "" {
					t.Errorf("%s: %s: %s", filepath.Base(path), strings.TrimSpace(line), problem)
				}
			}
		}
	}
	if count < 20 {
		t.Errorf("only %d commands were found", count)
	}
}

// resultDirs are the result directories that the documentation speaks of.
var resultDirs = []string{"results", "before", "after", "sweep"}

// resultFiles makes those directories, predicted and short, and returns where they are.
func resultFiles(t *testing.T) string {
	t.Helper()
	top := t.TempDir()
	for _, name := range resultDirs {
		scenario := "mixed"
		if name == "sweep" {
			scenario = "switch-interval"
		}
		got := fibsim("run", scenario, "--sim", "--states", "--duration", "500ms", "--quiet", "--no-baseline", "-o", filepath.Join(top, name))
		if got.status != 0 && got.status != session.StatusClaim {
			t.Fatalf("%s: %+v", name, got)
		}
	}
	return top
}

// try follows a command line and says what is wrong with it.
func try(t *testing.T, line, mine, files string) string {
	if slices.Contains(otherCommands, line) {
		return ""
	}
	line, _, _ = strings.Cut(line, " > ")
	args, ok := strings.CutPrefix(line, "fibsim ")
	if !ok {
		if args, ok = strings.CutPrefix(line, "go run ./cmd/fibsim "); !ok {
			return "neither a command of fibsim nor one that this test knows"
		}
	}
	words := strings.Fields(args)
	for i, w := range words {
		switch {
		case w == "mine.yaml":
			words[i] = mine
		case strings.HasPrefix(w, "scenarios/"):
			words[i] = filepath.Join(root, w)
		case slices.Contains(resultDirs, w) && !slices.Contains(measuring, words[0]):
			words[i] = filepath.Join(files, w)
		case i > 0 && words[i-1] == "-o":
			words[i] = filepath.Join(t.TempDir(), w)
		}
	}
	if words[0] == "plot" && !slices.Contains(words, "-o") {
		words = append(words, "-o", filepath.Join(t.TempDir(), "plot.svg")) // and not into this folder
	}
	if strings.HasPrefix(args, "policies check") && !slices.Contains(words, "--states") {
		words = append(words, "--states", "50") // what there is beyond is for the tests of the command
	}
	ready := errors.New("ready to run")
	var stderr strings.Builder
	a := &app{args: words, stdin: strings.NewReader(""), stdout: failing{}, stderr: &stderr, cpuTime: unknownTime}
	reached := false
	a.open = func(context.Context, *runOptions) ([]session.Backend, []trace.Warning, error) {
		reached = true
		return nil, nil, ready
	}
	a.measureHost = func(context.Context, calibrate.Options) (*calibrate.Measured, error) {
		reached = true
		return nil, ready
	}
	a.serveOn = func(context.Context, *live.ServeConfig) (live.ServerCounts, error) {
		reached = true
		return live.ServerCounts{}, ready
	}
	a.loadOn = func(context.Context, live.LoadConfig) (*live.LoadReport, error) {
		reached = true
		return nil, ready
	}
	a.compilePage = func(context.Context, func(string)) (*playground.Program, error) {
		reached = true
		return nil, ready
	}
	status := a.run(t.Context())
	if measures := slices.Contains(measuring, words[0]); measures && reached || !measures && status == 0 {
		return ""
	}
	return stderr.String()
}

// The scenarios in the documentation load, and do so as they stand.
func TestScenariosOfTheDocumentation(t *testing.T) {
	count := 0
	for _, path := range pages(t) {
		for _, text := range fenced(string(read(t, path)), "yaml") {
			count++
			if _, err := scenarios.Parse(filepath.Base(path), []byte(text)); err != nil {
				t.Error(err)
			}
		}
	}
	if count == 0 {
		t.Error("none was found")
	}
}

// The outputs in the README are of the scenario as it is: same title and groups in
// both, and in each the claims about its backends, no failed one.
func TestOutputInTheReadme(t *testing.T) {
	blocks := fenced(string(read(t, filepath.Join(root, "README.md"))), "text")
	if len(blocks) != 2 {
		t.Fatalf("%d blocks of output", len(blocks))
	}
	s, err := scenarios.Find("mixed")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{s.Name + ": " + s.Title, s.Question}
	for _, g := range s.Variants[0].Program.Threads {
		want = append(want, "\n"+g.Name+" ")
	}
	predicted := append(slices.Clone(want), "\nsim_gil, sim_native predicted")
	for _, c := range s.Claims {
		if strings.Contains(c.Check, "sim_") {
			predicted = append(predicted, "\n✓ "+c.Text)
		} else {
			want = append(want, "\n✓ "+c.Text)
		}
	}
	for i, list := range [][]string{want, predicted} {
		for _, w := range list {
			if !strings.Contains(blocks[i], w) {
				t.Errorf("output %d lacks %q", i+1, w)
			}
		}
	}
}

// Links inside the documentation lead somewhere.
func TestLinksOfTheDocumentation(t *testing.T) {
	for _, path := range pages(t) {
		for _, part := range strings.Split(string(read(t, path)), "](")[1:] {
			target, _, _ := strings.Cut(part, ")")
			if strings.Contains(target, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), target)); err != nil {
				t.Errorf("%s: %v", filepath.Base(path), err)
			}
		}
	}
}
