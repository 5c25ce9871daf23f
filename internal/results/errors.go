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
	if errors.Is(e.Err, errNoReader) {
		return fmt.Sprintf("%s: is a pipe that nobody reads; start its reader first, or name a file", e.Path)
	}
	return fmt.Sprintf("cannot write results: %v; name a place that can be written to", e.Err)
}

// Unwrap returns the cause.
func (e *OutputError) Unwrap() error { return e.Err }

// WriteError is a result file that could not be written to its end (exit
// status 4).
type WriteError struct {
	Path string
	Err  error
	Left string // what there is now, as a clause; empty: nothing can be said of it
}

// What a failed write leaves behind.
const (
	leftRows    = "the file ends with the last row that fitted"
	leftAsItWas = "what was there before is as it was"
)

// Error says which file is incomplete, why, and what there is of it.
func (e *WriteError) Error() string {
	left := ""
	if e.Left != "" {
		left = "; " + e.Left
	}
	if noRoom(e.Err) {
		return fmt.Sprintf("%s: the disk is full%s; make room, or name another place", e.Path, left)
	}
	return fmt.Sprintf("%s: could not be written to the end: %v%s; check that place, or name another one", e.Path, e.Err, left)
}

// Unwrap returns the cause.
func (e *WriteError) Unwrap() error { return e.Err }

// noRoom reports whether an error is that of a full disk.
func noRoom(err error) bool { return errors.Is(err, syscall.ENOSPC) }

// ReaderLeft reports whether an error is that of a pipe whose reader has seen enough and
// left, which is no failure.
func ReaderLeft(err error) bool { return errors.Is(err, syscall.EPIPE) }

// unlessLeft returns the error of a file, or nil where its reader has left.
func unlessLeft(err error) error {
	if ReaderLeft(err) {
		return nil
	}
	return err
}
