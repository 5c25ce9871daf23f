package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/fibsim/fibsim"

// allowed says which other packages of the module, and which other modules, each
// package may import beside the standard library. A new edge is a decision about
// the layout, so it has to be written down here.
//
// The leaves gil/policy, gil/trace, ossched and workloads know nothing of the
// rest. sim and gil never meet; nothing imports cmd.
var allowed = map[string][]string{
	"gil/policy":                   {},
	"gil/policy/explore":           {"gil/policy", "gil/trace"},
	"gil/trace":                    {},
	"gil/trace/explain":            {"gil/trace"},
	"gil/trace/timeline":           {"gil/trace"},
	"ossched":                      {},
	"workloads":                    {},
	"workloads/kernel":             {"gil", "workloads", "workloads/script"},
	"workloads/script":             {"go.starlark.net"},
	"gil":                          {"gil/policy", "gil/trace", "internal/blocking", "gil/internal/ccall"},
	"internal/blocking":            {},
	"gil/internal/ccall":           {},
	"gil/internal/cpair":           {},
	"gil/internal/locktest":        {"gil/policy", "gil/trace"},
	"sim":                          {"gil/policy", "gil/trace", "ossched", "workloads"},
	"sim/machine":                  {"sim", "gil/policy", "gil/trace", "ossched", "workloads", "workloads/script"},
	"sim/exact":                    {}, // tests alone
	"scenarios":                    {"workloads", "workloads/script", "gil/policy", "ossched", "gopkg.in/yaml.v3", "github.com/expr-lang/expr"},
	"sim/bench":                    {"sim", "workloads"},
	"sim/bench/models":             {"sim", "workloads"},
	"internal/arch":                {},
	"internal/race":                {},
	"internal/others":              {},
	"internal/palette":             {}, // standard library only
	"internal/results":             {"scenarios", "gil/trace", "gil/trace/timeline", "workloads", "gonum.org/v1/gonum", "github.com/expr-lang/expr"},
	"internal/session":             {"internal/results", "gil/trace", "workloads"},
	"internal/live":                {"internal/blocking", "internal/session", "gil", "gil/policy", "gil/trace", "workloads", "workloads/kernel", "workloads/script", "golang.org/x/sys"},
	"internal/calibrate":           {"internal/others", "sim/machine", "gil", "gil/policy", "gil/trace", "workloads/kernel", "golang.org/x/sys"},
	"internal/cpython":             {"internal/live", "internal/session", "gil", "gil/policy", "gil/trace", "workloads", "workloads/kernel", "golang.org/x/sys"},
	"internal/predict":             {"internal/session", "scenarios", "sim", "sim/machine", "gil/trace", "workloads"},
	"internal/report":              {"internal/palette", "internal/results", "internal/words", "gil/trace", "gil/trace/timeline"},
	"internal/plot":                {"internal/palette", "internal/results", "gil/trace/timeline", "gonum.org/v1/plot"},
	"internal/advise":              {"internal/results", "internal/words", "workloads"},
	"internal/replicate":           {"internal/results", "scenarios"},
	"internal/compare":             {"internal/results", "gonum.org/v1/gonum"},
	"internal/validate":            {"internal/results", "sim/machine", "gil/trace", "workloads", "workloads/kernel", "gonum.org/v1/gonum"},
	"internal/tracefile":           {"internal/results", "scenarios", "gil/trace", "gil/trace/timeline"},
	"internal/term":                {"internal/advise", "internal/compare", "internal/palette", "internal/replicate", "internal/results", "internal/validate", "gil/trace", "gil/trace/explain", "gil/trace/timeline", "golang.org/x/term", "internal/words"},
	"internal/browsertest":         {"internal/race", "github.com/chromedp"},
	"internal/playground":          {"internal/report", "internal/results"},
	"internal/playground/generate": {"internal/playground"},
	"internal/playground/wasm":     {"internal/palette", "internal/playground/engine", "internal/session"},
	"internal/playground/engine":   {"internal/palette", "internal/predict", "internal/results", "internal/session", "internal/words", "scenarios", "sim/machine", "ossched", "gil/policy", "gil/trace", "gil/trace/timeline", "workloads"},
	"internal/words":               {"internal/results"},
	"cmd/fibsim": {
		"internal/advise", "internal/calibrate", "internal/compare", "internal/cpython", "internal/live", "internal/others", "internal/playground", "internal/plot", "internal/predict", "internal/replicate", "internal/report", "internal/results", "internal/session", "internal/term", "internal/tracefile", "internal/validate",
		"scenarios", "sim/machine", "ossched", "gil", "gil/policy", "gil/policy/explore", "gil/trace", "gil/trace/explain", "gil/trace/timeline", "workloads", "workloads/kernel", "github.com/spf13/cobra", "github.com/spf13/pflag",
	},
}

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath string
	Dir        string
	Imports    []string
	GoFiles    []string
	CgoFiles   []string
}

// name is the package's path inside the module.
func (p *listed) name() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

// Every import of the module is one that the layout allows.
func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		edges, known := allowed[p.name()]
		if !known {
			t.Errorf("%s: a new package; write down in this test what it may import", p.name())
			continue
		}
		for _, i := range p.Imports {
			if !permits(edges, i) {
				t.Errorf("%s imports %s, which the layout does not allow", p.name(), strings.TrimPrefix(i, module+"/"))
			}
		}
	}
}

// permits reports whether an import is among the edges or in the standard library.
func permits(edges []string, path string) bool {
	inside, ours := strings.CutPrefix(path, module+"/")
	if ours {
		return slices.Contains(edges, inside)
	}
	first, _, _ := strings.Cut(path, "/")
	if !strings.Contains(first, ".") {
		return true
	}
	return slices.ContainsFunc(edges, func(e string) bool { return path == e || strings.HasPrefix(path, e+"/") })
}

func TestPermits(t *testing.T) {
	edges := []string{"gil/policy", "gopkg.in/yaml.v3", "gonum.org/v1/gonum"}
	for path, want := range map[string]bool{
		"time": true, "encoding/json": true, "C": true,
		module + "/gil/policy": true, module + "/gil": false, module + "/cmd/fibsim": false,
		"gopkg.in/yaml.v3": true, "gopkg.in/yaml.v2": false, "gonum.org/v1/gonum/stat": true, "gonum.org/v1/gonumx": false,
	} {
		if permits(edges, path) != want {
			t.Errorf("%s: got %t", path, !want)
		}
	}
}

// packages are those of the module. It skips the test where nothing can list them.
func packages(t *testing.T) []*listed {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the go command is not on PATH, and the rules need its list of packages")
	}
	all, err := everything()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// everything lists the module once for all rules.
var everything = sync.OnceValues(list)

// list lists the module for every system that it is built for, so that files of one
// system are seen on another.
func list() ([]*listed, error) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return nil, err
	}
	merged := map[string]*listed{}
	var order []string
	for _, system := range [][]string{
		{"GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=1"}, {"GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0"},
		{"GOOS=darwin", "GOARCH=arm64", "CGO_ENABLED=0"}, {"GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0"},
		{"GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0"},
	} {
		cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles,CgoFiles", "./...")
		cmd.Dir, cmd.Env = root, append(os.Environ(), system...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("go list for %v: %w\n%s", system, err, stderr.String())
		}
		some, err := decode(out)
		if err != nil {
			return nil, err
		}
		for _, p := range some {
			known := merged[p.ImportPath]
			if known == nil {
				merged[p.ImportPath] = p
				order = append(order, p.ImportPath)
				continue
			}
			known.Imports = append(known.Imports, p.Imports...)
			known.GoFiles = append(known.GoFiles, p.GoFiles...)
			known.CgoFiles = append(known.CgoFiles, p.CgoFiles...)
		}
	}
	var all []*listed
	for _, path := range order {
		p := merged[path]
		for _, list := range []*[]string{&p.Imports, &p.GoFiles, &p.CgoFiles} {
			slices.Sort(*list)
			*list = slices.Compact(*list)
		}
		all = append(all, p)
	}
	return all, nil
}

func decode(out []byte) ([]*listed, error) {
	var all []*listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		p := &listed{}
		err := d.Decode(p)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
}
