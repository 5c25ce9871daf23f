package results

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk is a file on a disk with room for a number of bytes. Like a real
// one, it takes what still fits before it fails.
type smallDisk struct {
	content []byte
	room    int
	closing error
}

func (d *smallDisk) Write(b []byte) (int, error) {
	n := min(len(b), d.room-len(d.content))
	d.content = append(d.content, b[:n]...)
	if n < len(b) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

func (d *smallDisk) Truncate(size int64) error {
	d.content = d.content[:size]
	return nil
}

func (d *smallDisk) Close() error { return d.closing }

var twoColumns = []Column{{Name: "a"}, {Name: "b"}}

// However full the disk is, what is left are whole rows, and the error says so.
func TestFullDiskLeavesWholeRows(t *testing.T) {
	for room := 4; room < 60; room++ {
		disk := &smallDisk{room: room}
		f, err := newRowFile("x.csv", disk, twoColumns)
		if err != nil {
			t.Fatal(err)
		}
		var failed error
		for i := range 10 {
			if failed = f.row(fmt.Appendf(nil, "%d,value\n", i)); failed == nil {
				failed = f.flush()
			}
			if failed != nil {
				break
			}
		}
		if failed == nil {
			t.Fatalf("room %d: no error", room)
		}
		var full *WriteError
		if !errors.As(failed, &full) || !errors.Is(failed, syscall.ENOSPC) || !strings.Contains(failed.Error(), "x.csv: the disk is full") {
			t.Errorf("room %d: got error %v", room, failed)
		}
		lines := strings.Split(string(disk.content), "\n")
		if lines[len(lines)-1] != "" || int64(len(lines)-2) != f.written {
			t.Errorf("room %d: left %q with %d rows counted", room, disk.content, f.written)
		}
		if err := f.row([]byte("more,more\n")); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("room %d: a row after the failure gave %v", room, err)
		}
	}
}

func TestFullDiskShowsAtTheHeader(t *testing.T) {
	if _, err := newRowFile("x.csv", &smallDisk{room: 2}, twoColumns); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v", err)
	}
}

func TestFullDiskShowsAtClose(t *testing.T) {
	f, err := newRowFile("x.csv", &smallDisk{room: 99, closing: syscall.ENOSPC}, twoColumns)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v", err)
	}
}

// A compressed file that was cut back is still one that gzip reads to its end.
func TestCompressedFileIsWholeOnAFullDisk(t *testing.T) {
	disk := &smallDisk{room: 150}
	f, err := newRowFile("x.csv.gz", disk, twoColumns)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; f.failed == nil; i++ {
		_ = f.row(fmt.Appendf(nil, "%d,value\n", i))
		_ = f.flush()
	}
	z, err := gzip.NewReader(bytes.NewReader(disk.content))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if got := int64(strings.Count(string(text), "\n")) - 1; got != f.written || got == 0 {
		t.Errorf("%d rows in the file, %d counted", got, f.written)
	}
}

// Rows reach the file before it is closed once a batch is full.
func TestRowsAreStreamed(t *testing.T) {
	disk := &smallDisk{room: 1 << 30}
	f, err := newRowFile("x.csv", disk, twoColumns)
	if err != nil {
		t.Fatal(err)
	}
	line := []byte(strings.Repeat("x", 1023) + "\n")
	for range 3 * batchBytes / len(line) {
		if err := f.row(line); err != nil {
			t.Fatal(err)
		}
	}
	if len(disk.content) < 2*batchBytes {
		t.Errorf("only %d bytes written", len(disk.content))
	}
}

func TestReplaceFileLeavesNothingElse(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "run.json")
	for _, content := range []string{"first", "second"} {
		if err := ReplaceFile(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if got := mustRead(t, path); got != content {
			t.Errorf("got %q", got)
		}
	}
	// A directory cannot be replaced by a file; the attempt leaves no trace.
	if err := os.Mkdir(filepath.Join(dir, "taken"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"taken", "none/run.json", "run.json/x"} {
		var failed *OutputError
		err := ReplaceFile(filepath.Join(dir, name), nil)
		if !errors.As(err, &failed) || !strings.Contains(err.Error(), filepath.FromSlash(name)) || strings.Contains(err.Error(), "/.") {
			t.Errorf("%s: %v", name, err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
