package main

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed anchors peers
var sources embed.FS

// builder makes the programs, and remembers why one could not be made.
type builder struct {
	dir      string
	programs map[string][]string // command by name
	missing  map[string]string   // reason by name
	compiler string
}

func newBuilder(dir string) *builder {
	return &builder{dir: dir, programs: map[string][]string{}, missing: map[string]string{}}
}

// run runs a command and returns the first line of what it complains about, if it fails.
func run(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, err, reason(out))
	}
	return string(out), nil
}

// reason is the most telling line of a program's complaints: without addresses, which are no
// business of a table.
func reason(out []byte) string {
	line := "no message"
	for _, l := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "go: downloading") && !strings.HasPrefix(l, "#") {
			line = l
		}
	}
	if at := strings.Index(line, "://"); at >= 0 {
		line = line[:at] + " …"
	}
	return line
}

func (b *builder) path(name string) string { return filepath.Join(b.dir, name) }

func (b *builder) done(name string, err error, command ...string) {
	if err != nil {
		b.missing[name] = err.Error()
		return
	}
	b.programs[name] = command
}

func (b *builder) models() {
	_, err := run("", "go", "build", "-o", b.path("models"), "github.com/fibsim/fibsim/sim/bench/models")
	b.done("models", err, b.path("models"))
}

// anchors compiles the C++ queues as fast as the compiler can make them for this CPU.
func (b *builder) anchors() {
	version, err := run("", "g++", "--version")
	if err != nil {
		b.compiler = "no g++"
		b.missing["anchors"] = err.Error()
		return
	}
	b.compiler, _, _ = strings.Cut(version, "\n")
	_, err = b.cpp("anchors", "anchors/anchors.cpp")
	b.done("anchors", err, b.path("anchors"))
}

func (b *builder) cpp(name, source string, flags ...string) (string, error) {
	file, err := b.copy(source, filepath.Base(source))
	if err != nil {
		return "", err
	}
	return run("", "g++", append([]string{"-std=c++20", "-O3", "-march=native", "-ffp-contract=off", "-o", b.path(name), file}, flags...)...)
}

// copy writes an embedded file into the temporary folder.
func (b *builder) copy(source, name string) (string, error) {
	text, err := fs.ReadFile(sources, source)
	if err != nil {
		return "", err
	}
	path := b.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, text, 0o644)
}

// modules are the engines in Go, by the name of their program.
var modules = map[string]string{
	"simgo": "github.com/fschuetz04/simgo",
	"godes": "github.com/agoussia/godes",
	"akita": "github.com/sarchlab/akita/v4",
}

// peers builds the other engines: Go modules by the go command, in a module of their own.
func (b *builder) peers(python, simcpp20 string) {
	for name, path := range modules {
		b.module(name, path)
	}
	if script, err := b.copy("peers/simpy_models.py", "simpy_models.py"); err != nil {
		b.missing["simpy"] = err.Error()
	} else {
		_, err = run("", python, "-c", "import simpy")
		b.done("simpy", err, python, script)
	}
	if simcpp20 == "" {
		b.missing["simcpp20"] = "no source given: -simcpp20 DIR"
		return
	}
	_, err := b.cpp("simcpp20", "peers/simcpp20.cpp", "-I", filepath.Join(simcpp20, "include"))
	b.done("simcpp20", err, b.path("simcpp20"))
}

func (b *builder) module(name, path string) {
	_, err := b.copy("peers/"+name+".go.txt", filepath.Join(name, "main.go"))
	dir := b.path(name)
	for _, args := range [][]string{{"mod", "init", "peer"}, {"get", path + "@latest"}, {"mod", "tidy"}, {"build", "-o", b.path(name + ".bin"), "."}} {
		if err == nil {
			_, err = run(dir, "go", args...)
		}
	}
	b.done(name, err, b.path(name+".bin"))
}
