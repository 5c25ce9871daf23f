//go:build unix

package results

import (
	"errors"
	"os"
	"syscall"
)

// openPipe opens a pipe for writing. It fails with errNoReader where there is no reader
// (open(2), O_NONBLOCK, ENXIO).
func openPipe(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) {
		return nil, errNoReader
	}
	return file, err
}
