package results

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
)

// batchBytes is how much is gathered before it is written.
const batchBytes = 1 << 20

// rowFile writes lines in batches of whole lines. When a write fails, the file
// is cut back to the last batch that arrived in full, so that no reader ever
// meets half a line.
//
// A compressed file is a sequence of gzip members, one for each batch, which
// any gzip reader joins; so it, too, can be cut back to whole lines.
type rowFile struct {
	path string
	file io.WriteCloser
	gzip bool

	pending []byte
	rows    int64 // in pending
	written int64 // rows in the file
	size    int64 // bytes in the file
	failed  error
}

// newRowFile returns a rowFile that has written its header already, so that a
// full disk shows before anything is run. Without columns there is none.
func newRowFile(path string, file io.WriteCloser, columns []Column) (*rowFile, error) {
	f := &rowFile{path: path, file: file, gzip: strings.HasSuffix(path, ".gz")}
	if columns == nil {
		return f, nil
	}
	f.pending = append(f.pending, strings.Join(header(columns), ",")+"\n"...)
	return f, f.flush()
}

// row adds a line, which ends with a line break.
func (f *rowFile) row(line []byte) error {
	if f.failed != nil {
		return f.failed
	}
	f.pending = append(f.pending, line...)
	f.rows++
	if len(f.pending) < batchBytes {
		return nil
	}
	return f.flush()
}

// flush writes what was gathered. After a failure it returns the same error
// for ever.
func (f *rowFile) flush() error {
	if f.failed != nil || len(f.pending) == 0 {
		return f.failed
	}
	batch := f.pending
	if f.gzip {
		batch = compress(batch)
	}
	if _, err := f.file.Write(batch); err != nil {
		failed := &WriteError{Path: f.path, Err: err}
		if f.cutBack() {
			failed.Left = leftRows
		}
		f.failed = failed
		return f.failed
	}
	f.size += int64(len(batch))
	f.written += f.rows
	f.pending, f.rows = f.pending[:0], 0
	return nil
}

// cutBack removes what a failed write left behind, and reports whether it could. It
// cannot where there is no end to cut, as with a pipe.
func (f *rowFile) cutBack() bool {
	t, ok := f.file.(interface{ Truncate(int64) error })
	ok = ok && t.Truncate(f.size) == nil
	// What comes next, such as the end of the file, follows without a gap.
	if s, ok := f.file.(io.Seeker); ok {
		_, _ = s.Seek(f.size, io.SeekStart)
	}
	return ok
}

// end writes the end of a file whose records did not all fit, if there is room now.
func (f *rowFile) end(tail []byte) {
	if f.gzip {
		tail = compress(tail)
	}
	// The first failure is told; there is nothing to add.
	if _, err := f.file.Write(tail); err != nil {
		f.cutBack()
	}
}

// close writes the rest and closes the file.
func (f *rowFile) close() error {
	err := f.flush()
	// Some file systems report a full disk only here.
	if cerr := f.file.Close(); cerr != nil && err == nil {
		err = &WriteError{Path: f.path, Err: cerr}
	}
	return err
}

func compress(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	// Writing to memory cannot fail.
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}
