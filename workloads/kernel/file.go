package kernel

import (
	"fmt"
	"os"
	"sync"
)

// File is a real temporary file for bodies to read. Any number of threads may read
// it at the same time.
type File struct {
	file    *os.File
	size    int64
	named   bool      // it still has a name
	buffers sync.Pool // of *[]byte, as long as a piece
}

const (
	// piece is the most that one system call reads.
	piece = 1 << 20
	// mostFile is as long as a file gets: a page cache has room for so much.
	mostFile = 64 << 20
)

// NewFile writes a temporary file for reads of up to n bytes; a longer one starts
// over at the beginning. Its directory is the system's for such files; there is no
// name of it left where the system allows that. Close ends it.
func NewFile(n int64) (*File, error) {
	f, err := os.CreateTemp("", "fibsim-read-*")
	if err != nil {
		return nil, fmt.Errorf("read: there can be no temporary file: %w; set TMPDIR to a directory that can be written", err)
	}
	// A file without a name ends with its process, however that ends. Windows
	// wants it to be closed first.
	named := os.Remove(f.Name()) != nil
	r := &File{file: f, named: named, size: min(max(n, 1), mostFile)}
	r.buffers.New = func() any {
		b := make([]byte, min(r.size, piece))
		return &b
	}
	if err := r.fill(); err != nil {
		r.Close()
		return nil, fmt.Errorf("read: no room for a temporary file of %d bytes: %w; free some, or set TMPDIR", r.size, err)
	}
	return r, nil
}

// fill writes what no file system can leave out.
func (f *File) fill() error {
	b := make([]byte, min(f.size, piece))
	x := uint64(1)
	for i := range b {
		x = x*6364136223846793005 + 1442695040888963407
		b[i] = byte(x >> 56)
	}
	for at := int64(0); at < f.size; at += int64(len(b)) {
		if _, err := f.file.WriteAt(b[:min(int64(len(b)), f.size-at)], at); err != nil {
			return err
		}
	}
	return nil
}

// Close closes and removes the file. A nil File has nothing to close.
func (f *File) Close() {
	if f == nil {
		return
	}
	f.file.Close()
	if f.named {
		_ = os.Remove(f.file.Name())
	}
}

// Read reads n bytes in pieces of at most 1 MiB, each by one system call inside a
// call of around.
func (f *File) Read(n int64, around func(read func())) error {
	at := int64(0)
	var failed error
	for n > 0 && failed == nil {
		if at == f.size {
			at = 0
		}
		length := min(n, f.size-at, piece)
		around(func() { failed = f.readAt(at, length) })
		at += length
		n -= length
	}
	return failed
}

func (f *File) readAt(at, n int64) error {
	b := f.buffers.Get().(*[]byte)
	defer f.buffers.Put(b)
	_, err := f.file.ReadAt((*b)[:n], at)
	return err
}
