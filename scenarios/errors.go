package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Error is one mistake in the content of a scenario.
type Error struct {
	File string // as the caller named it; empty when Flag is set
	Line int    // from 1; 0 when Flag is set
	Col  int    // from 1, in characters
	Flag string // the command-line flag that brought the value, such as --set repeat=0
	Key  string // by group name, such as threads.crunch.count; empty for the file as a whole
	Msg  string
}

// Error returns position, key and message: mixed.yaml:14:9: clients.web.rate:
// must be more than 0, got -5/s.
func (e Error) Error() string {
	where := e.Flag
	if where == "" {
		where = fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Col)
	}
	if e.Key == "" {
		return where + ": " + e.Msg
	}
	return where + ": " + e.Key + ": " + e.Msg
}

// Errors are all the mistakes of a scenario, up to 1000, sorted by position;
// those that came by flags are last. It is never empty when it is returned.
type Errors []Error

// Error returns one line for each mistake.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Flags reports whether every mistake came by a command-line flag, so that the
// file itself is not to blame.
func (es Errors) Flags() bool {
	return !slices.ContainsFunc(es, func(e Error) bool { return e.Flag == "" })
}

// sorted returns es by position, each mistake once.
func (es Errors) sorted() Errors {
	slices.SortStableFunc(es, func(a, b Error) int {
		return cmp.Or(
			cmp.Compare(min(len(a.Flag), 1), min(len(b.Flag), 1)),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col),
			strings.Compare(a.Key, b.Key), strings.Compare(a.Msg, b.Msg))
	})
	return slices.Compact(es)
}

// ReadError says that a scenario or a cost file could not be read: there is no such
// file, it may not be opened, or no built-in scenario has that name.
type ReadError struct {
	Path string // as the caller gave it
	Err  error
	what string // what was to be read; empty: a scenario
}

// Error returns the path, the reason and, for costs, the remedy.
func (e *ReadError) Error() string {
	text := fmt.Sprintf("%s %s: %v", cmp.Or(e.what, "scenario"), e.Path, e.Err)
	if e.what == costFile && errors.Is(e.Err, fs.ErrNotExist) {
		text += "; `fibsim calibrate -o FILE` makes one, and default needs none"
	}
	return text
}

// Unwrap returns the reason, such as fs.ErrNotExist.
func (e *ReadError) Unwrap() error { return e.Err }
