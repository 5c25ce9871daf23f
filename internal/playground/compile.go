package playground

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// Program is the simulator for a browser.
type Program struct {
	Wasm   []byte // WebAssembly
	Loader []byte // the JavaScript that starts it, of the same version of Go
}

// module is where the source of the program belongs.
const module = "github.com/fibsim/fibsim"

// remedy is what to do where nothing can be compiled.
const remedy = "install Go from https://go.dev/dl and type the command in a clone of fibsim, or use a fibsim that was built with -tags playground"

// Compile returns the simulator for a browser: the one that this build carries along,
// or else one compiled with the go command from the module's source. That is looked
// for in the module of the working directory, then in the module cache, for the version
// that this program was built from. Say is told what takes a while.
//
// What is written meanwhile is in a directory for temporary files, which is gone
// afterwards, and in the build cache of the go command, as with every build.
func Compile(ctx context.Context, say func(string)) (*Program, error) {
	if carried != nil {
		return carried()
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("the simulator has to be compiled for the browser, and there is no go command on PATH; " + remedy)
	}
	dir, err := sourceDir(ctx, tool)
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "fibsim-playground-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	say("compiling the simulator for the browser")
	path := filepath.Join(temp, programFile)
	if _, err := output(ctx, tool, dir, buildArguments(path)...); err != nil {
		return nil, fmt.Errorf("compiling the simulator for the browser in %s: %w", dir, err)
	}
	p := &Program{}
	if p.Wasm, err = os.ReadFile(path); err != nil {
		return nil, err
	}
	p.Loader, err = loader(ctx, tool, dir)
	return p, err
}

// buildArguments are those of the go command: without what only a debugger reads, and
// without the paths of this host.
func buildArguments(out string) []string {
	return []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out, "./internal/playground/wasm"}
}

// loader returns wasm_exec.js of the Go that compiles in dir. Distributions have it in
// one of two places.
func loader(ctx context.Context, tool, dir string) ([]byte, error) {
	root, err := output(ctx, tool, dir, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	var failure error
	for _, folder := range []string{"lib", "misc"} {
		content, err := os.ReadFile(filepath.Join(root, folder, "wasm", loaderFile))
		if err == nil {
			return content, nil
		}
		failure = errors.Join(failure, err)
	}
	return nil, fmt.Errorf("this installation of Go is not complete: %w", failure)
}

// sourceDir returns where the source of the module is.
func sourceDir(ctx context.Context, tool string) (string, error) {
	here, err := output(ctx, tool, "", "list", "-m", "-f", "{{.Dir}}", module)
	if err == nil && here != "" {
		return here, nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	version := released()
	if version == "" {
		return "", errors.New("the simulator has to be compiled for the browser, and its source is not here: " +
			"the working directory is in no module that has fibsim, and this fibsim was built from no version of it; " + remedy)
	}
	text, err := output(ctx, tool, os.TempDir(), "mod", "download", "-json", module+"@"+version)
	var found struct{ Dir, Error string }
	if jerr := json.Unmarshal([]byte(text), &found); jerr != nil && err == nil {
		err = jerr
	}
	if found.Error != "" {
		err = errors.New(found.Error)
	}
	if err != nil {
		return "", fmt.Errorf("the simulator has to be compiled for the browser, and its source %s cannot be had: %w; %s", version, err, remedy)
	}
	return found.Dir, nil
}

// released returns the version of the module that this program was built from; empty
// where that is in no proxy: in a clone, with changes.
func released() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) string {
	v := info.Main.Version
	if info.Main.Path != module || v == "" || v == "(devel)" || strings.Contains(v, "+dirty") {
		return ""
	}
	return v
}

// output runs the go command for the browser's architecture and returns what it prints,
// without the line break at its end. Its error has what the command says of it.
func output(ctx context.Context, tool, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, tool, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if runtime.GOOS != "windows" {
		// It ends the compilers that it has started.
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	}
	cmd.WaitDelay = 5 * time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	text := strings.TrimSpace(string(out))
	switch {
	case ctx.Err() != nil:
		return text, ctx.Err()
	case err != nil:
		if said := strings.TrimSpace(stderr.String()); said != "" {
			err = errors.New(said)
		}
		return text, fmt.Errorf("go %s: %w", args[0], err)
	}
	return text, nil
}
