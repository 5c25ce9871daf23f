package main

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/palette"
	"github.com/fibsim/fibsim/internal/session"
)

var execute = flag.Bool("notebooks", false, "execute the notebooks")

// notebooks is where they are, with their fixture.
var notebooks = filepath.Join(root, "scenarios", "notebooks")

// notebook is the content of one, as far as the rules for it go.
type notebook struct {
	Format   int `json:"nbformat"`
	Minor    int `json:"nbformat_minor"`
	Metadata struct {
		Kernel struct{ Name string } `json:"kernelspec"`
	}
	Cells []struct {
		ID       string
		Kind     string `json:"cell_type"`
		Metadata struct{ Tags []string }
		Source   []string
		Outputs  []json.RawMessage
		Count    *int `json:"execution_count"`
	}
}

// Notebooks are kept as they are written: without outputs, with names for their cells,
// and the first cell of code says where the results are.
func TestNotebooks(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(notebooks, "*.ipynb"))
	if err != nil || len(paths) < 2 {
		t.Fatalf("%v, %v", paths, err)
	}
	for _, path := range paths {
		var n notebook
		content := read(t, path)
		if err := json.Unmarshal(content, &n); err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(path)
		if n.Format != 4 || n.Minor != 5 || n.Metadata.Kernel.Name != "python3" {
			t.Errorf("%s: format %d.%d, kernel %q", name, n.Format, n.Minor, n.Metadata.Kernel.Name)
		}
		var ids []string
		code := 0
		for _, c := range n.Cells {
			if !regexp.MustCompile(`^[a-z][a-z0-9-]*$`).MatchString(c.ID) || slices.Contains(ids, c.ID) {
				t.Errorf("%s: the id %q is not one of its own", name, c.ID)
			}
			ids = append(ids, c.ID)
			if len(c.Outputs) > 0 || c.Count != nil {
				t.Errorf("%s: %s has outputs; clear them before they are kept", name, c.ID)
			}
			if c.Kind != "code" {
				continue
			}
			if code++; code == 1 && (!slices.Contains(c.Metadata.Tags, "parameters") || !strings.Contains(strings.Join(c.Source, ""), `os.environ.get("FIBSIM_RESULT", "fixture/`)) {
				t.Errorf("%s: the first cell of code is not that of the parameters", name)
			}
		}
		if code > 12 {
			t.Errorf("%s: %d cells of code; more than 12 are not read", name, code)
		}
		for _, s := range palette.States() {
			if !strings.Contains(string(content), `\"`+s.Name+`\": \"`+s.Light+`\"`) {
				t.Errorf("%s: state %s is not %s, as it is everywhere else", name, s.Name, s.Light)
			}
		}
		for _, l := range palette.Lines([]string{"gil", "native", "sim_gil", "sim_native"}) {
			if !strings.Contains(string(content), `\"`+l.Name+`\": \"`+l.Light+`\"`) {
				t.Errorf("%s: backend %s is not %s, as it is everywhere else", name, l.Name, l.Light)
			}
		}
	}
}

// The fixture stays small enough to be kept.
func TestNotebookFixture(t *testing.T) {
	size := int64(0)
	err := filepath.Walk(filepath.Join(notebooks, "fixture"), func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			size += info.Size()
		}
		return err
	})
	if err != nil || size > 200_000 || size < 50_000 {
		t.Errorf("%d bytes, %v", size, err)
	}
}

// modules are what executing the notebooks needs; Debian has them as python3-nbclient,
// python3-ipykernel, python3-pandas and python3-matplotlib.
var modules = []string{"nbclient", "nbformat", "ipykernel", "pandas", "matplotlib"}

// notebookPython returns an interpreter that has the modules, the first on PATH; empty
// where none has. The python3 that comes first may be another than the one they are
// installed for.
func notebookPython(t *testing.T) string {
	t.Helper()
	check := "import importlib.util, sys; sys.exit(any(importlib.util.find_spec(m) is None for m in sys.argv[1:]))"
	var tried []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		for _, name := range []string{"python3", "python"} {
			path := filepath.Join(dir, name)
			if info, err := os.Stat(path); err != nil || info.IsDir() || slices.Contains(tried, path) {
				continue
			}
			tried = append(tried, path)
			if exec.CommandContext(t.Context(), path, append([]string{"-c", check}, modules...)...).Run() == nil {
				return path
			}
		}
	}
	return ""
}

// The notebooks run on the fixture and on results that were just made, without an error
// and without a warning, and draw all their pictures.
func TestNotebooksRun(t *testing.T) {
	if !*execute {
		t.Skip("-notebooks executes them, in half a minute")
	}
	python := notebookPython(t)
	if python == "" {
		t.Skipf("no python3 on PATH has all of %s", strings.Join(modules, ", "))
	}
	top := t.TempDir()
	fresh, sweep := filepath.Join(top, "fresh"), filepath.Join(top, "sweep")
	for _, line := range []string{
		"run mixed --gil --native --sim --states --duration 1s -o " + fresh,
		"run switch-interval --sim=gil --duration 2s --repeat 2 -o " + sweep,
	} {
		if got := fibsim(strings.Fields(line)...); got.status != 0 && got.status != session.StatusClaim {
			t.Fatalf("%s: status %d, %s", line, got.status, got.stderr)
		}
	}
	for _, c := range []struct {
		env  []string
		want string
	}{
		{nil, "pathology.ipynb: 3 pictures, 3 tables\nyour-run.ipynb: 3 pictures, 2 tables\n"},
		{[]string{"FIBSIM_RESULT=" + fresh, "FIBSIM_SWEEP=" + sweep}, "pathology.ipynb: 3 pictures, 3 tables\nyour-run.ipynb: 4 pictures, 2 tables\n"},
	} {
		cmd := exec.CommandContext(t.Context(), python, "execute.py", "pathology.ipynb", "your-run.ipynb")
		cmd.Dir = notebooks
		cmd.Env = append(os.Environ(), append(c.env, "MPLCONFIGDIR="+top, "IPYTHONDIR="+top, "PYTHONDONTWRITEBYTECODE=1")...)
		out, err := cmd.CombinedOutput()
		if err != nil || string(out) != c.want {
			t.Errorf("%v: %v\n%s", c.env, err, out)
		}
	}
}
