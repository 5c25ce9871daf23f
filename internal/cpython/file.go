package cpython

import (
	"errors"
	"fmt"
	"os"

	"github.com/fibsim/fibsim/workloads"
)

// readFile makes the file that the bodies of a program read, with as many bytes as
// the longest read takes, and returns its path: empty where nothing reads. The
// caller removes it, if the driver has not.
func readFile(p *workloads.Program) (path string, err error) {
	size := int64(0)
	for _, g := range groupsOf(p) {
		eachOp(g.Body, func(op *workloads.Op) {
			if op.Kind == workloads.OpRead {
				size = max(size, op.Bytes)
			}
		})
	}
	if size == 0 {
		return "", nil
	}
	f, err := os.CreateTemp("", "fibsim-read-*")
	if err == nil {
		err = errors.Join(fill(f, size), f.Close())
	}
	if err != nil {
		if f != nil {
			os.Remove(f.Name())
		}
		return "", fmt.Errorf("cannot make the file that bodies read: %w; set TMPDIR to a folder with room for %d bytes", err, size)
	}
	return f.Name(), nil
}

// fill writes bytes that are not the holes of a sparse file.
func fill(f *os.File, size int64) error {
	block := make([]byte, 1<<20)
	for i := range block {
		block[i] = byte(i)
	}
	for ; size > 0; size -= int64(len(block)) {
		if _, err := f.Write(block[:min(size, int64(len(block)))]); err != nil {
			return err
		}
	}
	return nil
}
