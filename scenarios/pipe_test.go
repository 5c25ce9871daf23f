//go:build unix

package scenarios

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe that nobody writes to is refused, rather than waited for without end.
func TestLoadRefusesAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe.yaml")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip("no named pipes here:", err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "is a pipe; give a file") {
		t.Errorf("got %v", err)
	}
}
