package results

import (
	"errors"
	"fmt"
	"syscall"
)

// ErrNotEmpty is in the chain of an OutputError about a directory that holds
// files already.
var ErrNotEmpty = errors.New("not empty")

// OutputError is an output path that cannot be used. It is found before
// anything has run, and is the user's to mend (exit status 2).
type OutputError struct {
	Path string
	Err  error
}

// Error says which path cannot be used, why, and what to do.
func (e *OutputError) Error() string {
	if errors.Is(e.Err, ErrNotEmpty) {
		return fmt.Sprintf("%s: the output directory is not empty; name another one or add --force", e.Path)
	}
	return fmt.Sprintf("cannot write results: %v; name a place that can be written to", e.Err)
}

// Unwrap returns the cause.
func (e *OutputError) Unwrap() error { return e.Err }

// WriteError is a result file that could not be written to its end (exit
// status 4). What had arrived before is whole.
type WriteError struct {
	Path string
	Err  error
}

// Error says which file is incomplete and why.
func (e *WriteError) Error() string {
	if errors.Is(e.Err, syscall.ENOSPC) {
		return fmt.Sprintf("%s: the disk is full; the file ends with the last row that fitted; make room, or name another place", e.Path)
	}
	return fmt.Sprintf("%s: could not be written to the end: %v; check that place, or name another one", e.Path, e.Err)
}

// Unwrap returns the cause.
func (e *WriteError) Unwrap() error { return e.Err }
