package kernel

import (
	"os"
	"path/filepath"
	"testing"
)

// A read takes as many system calls as it has pieces; one that is longer than the
// file starts over. Nothing is left of the file.
func TestFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for _, c := range []struct {
		size, n int64
		calls   int
	}{
		{3 << 20, 3 << 20, 3}, {3 << 20, 5 << 19, 3}, {3 << 20, 1, 1}, {3 << 20, 0, 0}, {3 << 20, 4 << 20, 4},
		{100, 250, 3}, {0, 1, 1}, {1<<20 + 1, 2<<20 + 2, 4},
	} {
		f, err := NewFile(c.size)
		if err != nil {
			t.Fatal(err)
		}
		calls := 0
		if err := f.Read(c.n, func(read func()) { calls++; read() }); err != nil || calls != c.calls {
			t.Errorf("%d bytes of %d: %d calls, %v; want %d", c.n, c.size, calls, err, c.calls)
		}
		f.Close()
		if err := f.Read(1, func(read func()) { read() }); err == nil {
			t.Error("read a file that is closed")
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	t.Setenv("TMPDIR", filepath.Join(dir, "nowhere"))
	if _, err := NewFile(1); err == nil {
		t.Error("a file in no directory")
	}
	(*File)(nil).Close()
}
