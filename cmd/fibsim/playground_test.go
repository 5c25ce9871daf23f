package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/playground"
)

// page executes a command line whose simulator for a browser is compiled by compile.
func page(ctx context.Context, stdout io.Writer, compile func(context.Context, func(string)) (*playground.Program, error), args ...string) output {
	var out, stderr bytes.Buffer
	a := &app{args: args, stdin: strings.NewReader(""), stdout: io.MultiWriter(&out, stdout), stderr: &stderr, compilePage: compile}
	return output{a.run(ctx), out.String(), stderr.String()}
}

func compiled(context.Context, func(string)) (*playground.Program, error) {
	return &playground.Program{Wasm: []byte("\x00asm"), Loader: []byte("// loader")}, nil
}

func TestPlaygroundWrites(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "site")
	got := page(t.Context(), io.Discard, compiled, "playground", "-o", dir)
	if got.status != 0 || !strings.HasPrefix(got.stdout, "the playground is in "+dir+": 7 files, 0.") || got.stderr != "" {
		t.Errorf("%+v", got)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "index.html")); err != nil || !strings.Contains(string(text), "fibsim "+version+".") {
		t.Error(err)
	}
	// Nothing is compiled for a directory that is refused.
	refused := func(context.Context, func(string)) (*playground.Program, error) {
		t.Error("compiled")
		return nil, errors.New("compiled")
	}
	got = page(t.Context(), io.Discard, refused, "playground", "-o", dir)
	if want := "fibsim: " + dir + ": the output directory is not empty; name another one or add --force\n"; got.status != 2 || got.stderr != want {
		t.Errorf("%+v", got)
	}
	// What takes the place of a file does not write into it.
	index, other := filepath.Join(dir, "index.html"), filepath.Join(t.TempDir(), "other")
	if err := errors.Join(os.WriteFile(other, []byte("mine"), 0o644), os.Remove(index), os.Link(other, index)); err != nil {
		t.Skip(err)
	}
	if got = page(t.Context(), io.Discard, compiled, "playground", "-o", dir, "--force"); got.status != 0 {
		t.Errorf("%+v", got)
	}
	if string(read(t, other)) != "mine" || !strings.Contains(string(read(t, index)), version) {
		t.Errorf("the other file has %.40q, the page %.40q", read(t, other), read(t, index))
	}
}

// visitor reads the page whose address is printed, and ends the command.
type visitor struct {
	end    func()
	status string
}

func (v *visitor) Write(p []byte) (int, error) {
	address := regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+/`).Find(p)
	go func() {
		defer v.end()
		if r, err := http.Get(string(address)); err == nil {
			v.status = r.Status
			r.Body.Close()
		}
	}()
	return len(p), nil
}

func TestPlaygroundServesUntilAnInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	v := &visitor{end: cancel}
	got := page(ctx, v, compiled, "playground")
	<-ctx.Done()
	if got.status != 0 || !strings.HasSuffix(got.stdout, "; Ctrl-C ends it\n") || got.stderr != "" || v.status != "200 OK" {
		t.Errorf("%+v, the page: %s", got, v.status)
	}
}

func TestPlaygroundThatDoesNotCompile(t *testing.T) {
	failed := func(context.Context, func(string)) (*playground.Program, error) { return nil, errors.New("no source") }
	if got := page(t.Context(), io.Discard, failed, "playground"); got.status != 4 || got.stderr != "fibsim: playground: no source\n" || got.stdout != "" {
		t.Errorf("%+v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stopped := func(ctx context.Context, _ func(string)) (*playground.Program, error) {
		cancel()
		return nil, ctx.Err()
	}
	if got := page(ctx, io.Discard, stopped, "playground"); got.status != 130 {
		t.Errorf("%+v", got)
	}
}
