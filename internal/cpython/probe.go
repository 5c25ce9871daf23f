package cpython

import (
	"context"
	"os/exec"
	"time"
)

// probe executes an interpreter and returns what it says of itself.
func probe(ctx context.Context, path string, limit time.Duration) (*identity, error) {
	p, err := launch(ctx, path, (&request{Mode: "probe"}).encode(nil), limit)
	if err != nil {
		return nil, err
	}
	defer p.abort()
	m, err := p.next()
	if err != nil {
		return nil, err
	}
	if m.Facts == nil || m.Facts.Implementation == "" {
		return nil, p.failure(errOrder, "")
	}
	return m.Facts, nil
}

// program returns the interpreter's own executable, which may lie behind a
// script, such as a shim of pyenv: runs do not need the script, and it would
// take time and memory in each. It is path where the interpreter does not know.
func (id *identity) program(path string) string {
	if id.Executable == "" {
		return path
	}
	if found, err := exec.LookPath(id.Executable); err == nil {
		return found
	}
	return path
}
