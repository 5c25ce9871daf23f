package cpython

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// ErrMissing is in the chain of an error when there is no interpreter.
var ErrMissing = errors.New("no such interpreter")

// missingError says what was looked for in vain, and what helps.
type missingError struct{ text string }

func (e *missingError) Error() string { return e.text }
func (e *missingError) Unwrap() error { return ErrMissing }

// Find returns the file of an interpreter: of the command or file named path, or
// for an empty path of python3. It does not execute it. Its error wraps ErrMissing.
func Find(path string) (string, error) {
	if path != "" {
		found, err := exec.LookPath(path)
		if err != nil {
			return "", &missingError{fmt.Sprintf("--python=%s: %v; give the path of a Python interpreter, see `fibsim doctor` for those found here", path, cause(err))}
		}
		return found, nil
	}
	for _, name := range []string{"python3", "python"} {
		if found, err := exec.LookPath(name); err == nil {
			return found, nil
		}
	}
	return "", &missingError{"there is no python3 on PATH; install Python 3, or name an interpreter with --python=PATH"}
}

// cause strips what exec says about what it was looking for.
func cause(err error) error {
	var e *exec.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// Interpreter is a Python interpreter of this host that works.
type Interpreter struct {
	Name           string // of its backend, such as python_3_11
	Path           string // its executable
	Implementation string // CPython, PyPy
	Version        string // of the language, such as 3.11.7
	FreeThreaded   bool   // the build can run without the lock
	GILEnabled     bool
	SwitchInterval time.Duration // 0: it has none
	CheckInterval  int           // 0: it has none
	Default        bool          // the one that --python means without a path
}

func (id *identity) interpreter(path string) Interpreter {
	return Interpreter{
		Name: id.name(), Path: path, Implementation: id.Implementation, Version: id.Version,
		FreeThreaded: id.FreeThreaded, GILEnabled: id.GILEnabled,
		SwitchInterval: time.Duration(id.SwitchIntervalNS), CheckInterval: id.CheckInterval,
	}
}

// Discover returns the interpreters found on PATH and among the versions of
// pyenv: first the default, the others by implementation and version. Each is
// executed once; those that do not work, or that the driver does not support, are
// left out, and several ways to one executable are one interpreter.
func Discover(ctx context.Context) []Interpreter {
	var found []Interpreter
	var ids []*identity
	seen := map[string]bool{}
	add := func(path string, isDefault bool) {
		if seen[real(path)] || ctx.Err() != nil {
			return
		}
		seen[real(path)] = true
		id, err := probe(ctx, path, defaultLimits.probe)
		if err != nil || id.supported() != nil {
			return
		}
		program := id.program(path)
		if program != path && seen[real(program)] && real(program) != real(path) {
			return
		}
		seen[real(program)] = true
		i := id.interpreter(program)
		i.Default = isDefault
		found, ids = append(found, i), append(ids, id)
	}
	if path, err := Find(""); err == nil {
		add(path, true)
	}
	for _, path := range candidates(ctx) {
		add(path, false)
	}
	order := make([]int, len(found))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(&found[a], ids[a], &found[b], ids[b]) })
	sorted := make([]Interpreter, 0, len(found))
	for _, i := range order {
		sorted = append(sorted, found[i])
	}
	return sorted
}

func compare(a *Interpreter, ai *identity, b *Interpreter, bi *identity) int {
	if a.Default != b.Default {
		if a.Default {
			return -1
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(a.Implementation, b.Implementation),
		cmp.Compare(ai.Major, bi.Major), cmp.Compare(ai.Minor, bi.Minor),
		cmp.Compare(a.Version, b.Version), cmp.Compare(a.Path, b.Path))
}

// real returns the file that a path leads to.
func real(path string) string {
	if r, err := filepath.EvalSymlinks(path); err == nil {
		return r
	}
	return path
}

// commandName is what interpreters are called: python3, python2.7, python3.13t,
// pypy3, pypy3.10.
var commandName = regexp.MustCompile(`^(python|pypy)([23](\.[0-9]+t?)?)?(\.exe)?$`)

// candidates returns files that look like interpreters, in a fixed order.
func candidates(ctx context.Context) []string {
	root := pyenvRoot(ctx)
	var paths []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		// The shims are scripts that pick one of the versions, which come below.
		if root != "" && filepath.Clean(dir) == filepath.Join(root, "shims") {
			continue
		}
		paths = append(paths, interpretersIn(dir)...)
	}
	if root == "" {
		return paths
	}
	versions, _ := os.ReadDir(filepath.Join(root, "versions"))
	for _, v := range versions {
		dir := filepath.Join(root, "versions", v.Name())
		if runtime.GOOS != "windows" {
			dir = filepath.Join(dir, "bin")
		}
		paths = append(paths, interpretersIn(dir)...)
	}
	return paths
}

// interpretersIn returns the files of a folder that are named as interpreters.
func interpretersIn(dir string) []string {
	var paths []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if !commandName.MatchString(e.Name()) {
			continue
		}
		// LookPath checks that it is an executable file.
		if path, err := exec.LookPath(filepath.Join(dir, e.Name())); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// pyenvRoot returns the folder of pyenv, "" without one.
func pyenvRoot(ctx context.Context) string {
	if root := os.Getenv("PYENV_ROOT"); root != "" {
		return root
	}
	if path, err := exec.LookPath("pyenv"); err == nil {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, path, "root")
		cmd.WaitDelay = time.Second
		if out, err := cmd.Output(); err == nil {
			return strings.TrimSpace(string(out))
		}
	}
	if home, err := os.UserHomeDir(); err == nil {
		if root := filepath.Join(home, ".pyenv"); isDir(root) {
			return root
		}
	}
	return ""
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
