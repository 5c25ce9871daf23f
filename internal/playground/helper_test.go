package playground

import (
	"context"
	"flag"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/fibsim/fibsim/internal/playground/engine"
	"github.com/fibsim/fibsim/internal/race"
)

var shots = flag.String("shots", "", "write pictures of the page to this folder")

// compiled is the simulator, compiled once for all tests.
var compiled = sync.OnceValues(func() (*Program, error) {
	return Compile(context.Background(), func(string) {})
})

// program returns the simulator for a browser. It skips the test where it cannot be
// compiled.
func program(t *testing.T) *Program {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the go command is not on PATH, and something has to compile")
	}
	if testing.Short() {
		t.Skip("it compiles the simulator")
	}
	if race.Enabled {
		t.Skip("what it compiles has no race detector")
	}
	p, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// write writes a file to a folder of the test and returns its path.
func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// served serves files until the test ends, and returns the address of the page.
func served(t *testing.T, f Files) string {
	t.Helper()
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- f.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
			c.Close()
			t.Error("it still listens")
		}
	})
	return "http://" + l.Addr().String() + "/"
}

// stepOf returns a step of the story as a request.
func stepOf(t *testing.T, name string, more ...engine.Setting) engine.Request {
	t.Helper()
	for _, s := range engine.Steps() {
		if s.Name == name {
			return engine.Request{Scenario: s.Scenario, Variant: s.Variant, Set: append(append([]engine.Setting(nil), s.Set...), more...)}
		}
	}
	t.Fatalf("no step is called %s", name)
	return engine.Request{}
}
