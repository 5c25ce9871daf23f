package session

import (
	"errors"
	"fmt"

	"github.com/fibsim/fibsim/internal/results"
)

// ErrInterrupted is in the chain of an error after the context of a session
// ended. The results up to then are complete.
var ErrInterrupted = errors.New("interrupted")

// ErrReaderLeft is in the chain of an error after the only reader of a session's results
// had left, so that it was ended. What it had read is whole.
var ErrReaderLeft = errors.New("the reader of standard output has left")

// RunError is a run that failed.
type RunError struct {
	Run results.RunInfo
	Err error
}

// Error says which run failed and why.
func (e *RunError) Error() string { return fmt.Sprintf("%s: %v", e.Run, e.Err) }

// Unwrap returns the cause.
func (e *RunError) Unwrap() error { return e.Err }

// InvariantError is a run whose record contradicts a named invariant.
type InvariantError struct {
	Run results.RunInfo
	Err error
}

// Error says which run broke which invariant.
func (e *InvariantError) Error() string { return fmt.Sprintf("%s: broken invariant: %v", e.Run, e.Err) }

// Unwrap returns the broken invariant.
func (e *InvariantError) Unwrap() error { return e.Err }

// The exit statuses of a session.
const (
	StatusOK          = 0
	StatusInternal    = 1
	StatusUsage       = 2 // an output path that cannot be used, results that cannot be read
	StatusRun         = 4 // a run failed, or the disk is full
	StatusInvariant   = 5
	StatusClaim       = 99
	StatusInterrupted = 130
	StatusReaderLeft  = 141 // as a shell tells of a program that SIGPIPE has ended: 128 + 13
)

// severity orders the statuses: of several, the one that comes first is given.
var severity = []int{StatusInterrupted, StatusInternal, StatusUsage, StatusInvariant, StatusRun, StatusReaderLeft, StatusClaim}

// Status returns the exit status for all errors of a session, joined or
// wrapped, and for its claims. An error of no known kind counts as internal.
func Status(err error, claimFailed bool) int {
	found := map[int]bool{StatusClaim: claimFailed}
	mark(err, found)
	for _, s := range severity {
		if found[s] {
			return s
		}
	}
	return StatusOK
}

// mark notes the status of each error in the tree. An error of a known kind
// stands for its causes, too.
func mark(err error, found map[int]bool) {
	if err == nil {
		return
	}
	switch e := err.(type) {
	case *results.OutputError, *results.ReadError:
		found[StatusUsage] = true
	case *results.WriteError, *RunError:
		found[StatusRun] = true
	case *InvariantError:
		found[StatusInvariant] = true
	case interface{ Unwrap() []error }:
		for _, child := range e.Unwrap() {
			mark(child, found)
		}
	case interface{ Unwrap() error }:
		mark(e.Unwrap(), found)
	default:
		switch err {
		case ErrInterrupted:
			found[StatusInterrupted] = true
		case ErrReaderLeft:
			found[StatusReaderLeft] = true
		default:
			found[StatusInternal] = true
		}
	}
}
