package playground

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/playground/engine"
	"github.com/fibsim/fibsim/internal/results"
)

// fake is a page whose simulator is none.
var fake = NewFiles("1.2.3 <x>", &Program{Wasm: []byte("\x00asm"), Loader: []byte("// loader")})

func TestServe(t *testing.T) {
	page := served(t, fake)
	get := func(path string) (*http.Response, string) {
		r, err := http.Get(page + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r, string(body)
	}
	for path, want := range map[string]string{
		"": "text/html; charset=utf-8", "index.html": "text/html; charset=utf-8", "playground.css": "text/css; charset=utf-8",
		"worker.js": "text/javascript; charset=utf-8", "wasm_exec.js": "text/javascript; charset=utf-8", "fibsim.wasm": "application/wasm",
	} {
		r, body := get(path)
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != want || body == "" || r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %s, %v", path, r.Status, r.Header)
		}
	}
	if _, body := get(""); !strings.Contains(body, "fibsim 1.2.3 &lt;x&gt;.") {
		t.Error("the page does not tell the version")
	}
	for _, path := range []string{"other", "page/index.html", "../go.mod"} {
		if r, _ := get(path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, r.Status)
		}
	}
	r, err := http.Post(page, "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %s", r.Status)
	}
}

func TestListen(t *testing.T) {
	for address, want := range map[string]string{
		"8080": "must be HOST:PORT", "0.0.0.0:0": "must be an address of this host alone", ":0": "must be an address of this host alone",
		"192.0.2.1:0": "must be an address of this host alone", "example.com:80": "must be an address of this host alone",
	} {
		l, err := Listen(address)
		if err == nil {
			l.Close()
		}
		var wrong *AddressError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), want) || !strings.HasSuffix(err.Error(), `got "`+address+`"`) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "site")
	if err := results.MakeDir(dir, false); err != nil {
		t.Fatal(err)
	}
	if err := fake.Write(dir); err != nil {
		t.Fatal(err)
	}
	for name, content := range fake {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := results.MakeDir(dir, false); !errors.Is(err, results.ErrNotEmpty) {
		t.Errorf("a full directory: %v", err)
	}
	if err := results.MakeDir(dir, true); err != nil {
		t.Errorf("with force: %v", err)
	}
	var bad *results.OutputError
	if err := results.MakeDir(filepath.Join(dir, "index.html"), true); !errors.As(err, &bad) {
		t.Errorf("a file: %v", err)
	}
	if err := fake.Write(filepath.Join(dir, "none")); !errors.As(err, &bad) {
		t.Errorf("no directory: %v", err)
	}
}

// The page asks nobody but its own server for anything.
func TestPageNamesNoOtherHost(t *testing.T) {
	for _, name := range fake.names() {
		for _, word := range []string{"http://", "https://", "//cdn", "@import", "url(", "import("} {
			if strings.Contains(string(fake[name]), word) {
				t.Errorf("%s: there is %q", name, word)
			}
		}
	}
}

// A version is one that a proxy has, or none.
func TestVersionOf(t *testing.T) {
	for _, c := range []struct{ path, version, want string }{
		{module, "v1.2.3", "v1.2.3"}, {module, "v0.0.0-20260101000000-0123456789ab", "v0.0.0-20260101000000-0123456789ab"},
		{module, "(devel)", ""}, {module, "", ""}, {module, "v1.2.3+dirty", ""}, {"example.com/other", "v1.2.3", ""},
	} {
		info := &debug.BuildInfo{Main: debug.Module{Path: c.path, Version: c.version}}
		if got := versionOf(info); got != c.want {
			t.Errorf("%s %s: got %q", c.path, c.version, got)
		}
	}
}

// What a browser has no use for is not in its simulator.
func TestProgramIsNoLargerThanItMustBe(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command is not on PATH, and it lists what is compiled")
	}
	out, err := output(context.Background(), tool, filepath.Join("..", ".."), "list", "-deps", "./internal/playground/wasm")
	if err != nil {
		t.Fatal(err)
	}
	list := strings.Fields(out)
	if !slices.Contains(list, module+"/sim/machine") {
		t.Fatalf("this is not the simulator: %v", list)
	}
	for _, p := range list {
		for _, banned := range []string{
			"github.com/spf13", "net/http", "os/exec", "html/template", "text/template", "golang.org/x/term",
			"gonum.org/v1/gonum/mat", "gonum.org/v1/gonum/lapack", "gonum.org/v1/gonum/stat",
			module + "/gil/internal", module + "/internal/live", module + "/internal/term", module + "/workloads/kernel", module + "/cmd",
		} {
			if p == banned || strings.HasPrefix(p, banned+"/") {
				t.Errorf("%s is compiled for the browser", p)
			}
		}
	}
	if slices.Contains(list, module+"/gil") {
		t.Error("the real lock is compiled for the browser")
	}
}

// Without a source there is a remedy.
func TestNothingToCompile(t *testing.T) {
	t.Chdir(t.TempDir())
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command is not on PATH")
	}
	if released() != "" {
		t.Skip("this test was built from a version that can be had")
	}
	if dir, err := sourceDir(context.Background(), tool); err == nil || !strings.Contains(err.Error(), "type the command in a clone of fibsim") {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Compile(context.Background(), func(string) {}); carried == nil && (err == nil || !strings.Contains(err.Error(), "no go command on PATH; install Go")) {
		t.Errorf("without Go: %v", err)
	}
}

// asked are requests that are made of both builds.
func asked(t *testing.T) []engine.Request {
	return []engine.Request{
		stepOf(t, "long-beats-short"), stepOf(t, "python-2"), stepOf(t, "os-favours-short"), stepOf(t, "coroutines"),
		stepOf(t, "slow-each-other", engine.Setting{Path: "clients.perf1.count", Value: "5"}, engine.Setting{Path: "machine.cpus", Value: "4"}),
		{Scenario: "mixed", Set: []engine.Setting{{Path: "interpreter.switch_interval", Value: "1ms"}, {Path: "seed", Value: "7"}}},
	}
}

// The simulator for a browser finds what this build finds, event by event: every hash
// and every row of the table.
func TestNode(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not on PATH, and something has to run WebAssembly")
	}
	p := program(t)
	var requests bytes.Buffer
	e := json.NewEncoder(&requests)
	for _, q := range asked(t) {
		if err := e.Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(node, "testdata/ask.mjs", write(t, programFile, p.Wasm), write(t, loaderFile, p.Loader))
	// Node hands the environment on to the program, with room for 8 KiB.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	cmd.Stdin = &requests
	out, err := cmd.Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			err = errors.New(string(failed.Stderr))
		}
		t.Fatalf("%v\n%s", err, out)
	}
	answers := json.NewDecoder(bytes.NewReader(out))
	for _, q := range asked(t) {
		var there struct {
			MS, First float64
			Answer    figures
		}
		if err := answers.Decode(&there); err != nil {
			t.Fatal(err)
		}
		here := figuresOf(t, engine.Run(context.Background(), q, engine.Watch{}))
		if !reflect.DeepEqual(here, there.Answer) || len(here.Backends) != 2 {
			t.Errorf("%s %s: here %+v, in WebAssembly %+v", q.Scenario, q.Variant, here, there.Answer)
		}
		t.Logf("%s %s: %.0f ms, the picture after %.0f ms", q.Scenario, q.Variant, there.MS, there.First)
	}
}

// figures is what two builds must agree on.
type figures struct {
	Failure  string
	Finding  string
	Backends []engine.Backend
	Table    struct{ Rows []map[string]any }
}

// figuresOf returns those of an answer as they come out of JSON.
func figuresOf(t *testing.T, a *engine.Answer) (f figures) {
	t.Helper()
	text, err := json.Marshal(a)
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}
