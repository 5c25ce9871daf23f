//go:build unix

package results

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What is no regular file stays what it is: a link, a pipe and a device take the content,
// and a file keeps its permissions.
func TestReplaceFileKeepsWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	file, link, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.WriteFile(file, []byte("old"), 0o600), os.Symlink(file, link), syscall.Mkfifo(pipe, 0o666)); err != nil {
		t.Fatal(err)
	}
	if err := ReplaceFile(link, []byte("new")); err != nil || mustRead(t, file) != "new" {
		t.Errorf("through a link: %v, %q", err, mustRead(t, file))
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
	var refused *OutputError
	if err := ReplaceFile(pipe, []byte("new")); !errors.As(err, &refused) || !strings.Contains(err.Error(), pipe+": is a pipe that nobody reads") {
		t.Errorf("without a reader: %v", err)
	}
	if _, err := CreateTable(pipe, nil, nil); !errors.As(err, &refused) {
		t.Errorf("rows without a reader: %v", err)
	}
	reader, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := ReplaceFile(pipe, []byte("new")); err != nil {
		t.Error(err)
	}
	if got, err := io.ReadAll(reader); err != nil || string(got) != "new" {
		t.Errorf("the reader got %q, %v", got, err)
	}
	if info, err := os.Stat(pipe); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		t.Errorf("the pipe is %v, %v", info, err)
	}
}

// A full disk is told with what there is afterwards, and no more.
func TestFullDiskIsToldAsItIs(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	link := filepath.Join(t.TempDir(), "x")
	if err := os.Symlink("/dev/full", link); err != nil {
		t.Fatal(err)
	}
	want := link + ": the disk is full; make room, or name another place"
	if err := ReplaceFile(link, []byte("new")); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if _, err := CreateTable(link, nil, twoColumns); err == nil || err.Error() != want {
		t.Errorf("rows: got %v", err)
	}
	for left, want := range map[string]string{leftRows: "last row", leftAsItWas: "as it was"} {
		if err := (&WriteError{Path: "x", Err: syscall.ENOSPC, Left: left}); !strings.Contains(err.Error(), want) {
			t.Errorf("got %v", err)
		}
	}
}
