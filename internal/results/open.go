package results

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// Dir is a result directory that a command has written: what Finish returned,
// read back. Percentile intervals are in Run alone.
type Dir struct {
	Path string
	Set

	ended func() error // whether reading is to stop, and why; nil: it never is
}

// Until makes the reading of large files stop when ctx ends, with its error.
func (d *Dir) Until(ctx context.Context) { d.ended = ctx.Err }

// ReadError is a result directory, or a file of one, that cannot be read as
// such. The user has to name another or to mend it (exit status 2).
type ReadError struct {
	Path string
	Line int   // 0: the file as a whole
	Err  error // what is wrong and what to do
}

// Error begins with the path and the line.
func (e *ReadError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %v", e.Path, e.Line, e.Err)
	}
	return fmt.Sprintf("%s: %v", e.Path, e.Err)
}

// Unwrap returns what is wrong.
func (e *ReadError) Unwrap() error { return e.Err }

// remedy ends the messages about a file that is not as it was written.
const remedy = "copy the directory again, or make the run again"

// Open reads a result directory: run.json and summary.csv, the other files when
// they are asked for. It fails with a ReadError. Results of a run that was
// interrupted are results; Run.Aborted says so.
func Open(dir string) (*Dir, error) {
	d := &Dir{Path: dir}
	if err := d.readRun(); err != nil {
		return nil, err
	}
	d.Variants = d.variants()
	for i := range d.Run.Backends {
		d.Backends = append(d.Backends, d.Run.Backends[i].Name)
	}
	if err := d.readSummary(); err != nil {
		return nil, err
	}
	d.sortRows()
	return d, nil
}

func (d *Dir) readRun() error {
	path := filepath.Join(d.Path, runFile)
	content, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(d.Path); err != nil {
			return &ReadError{Path: d.Path, Err: errors.New("there is no such directory; name one that `fibsim run -o` has written")}
		}
		return &ReadError{Path: d.Path, Err: errors.New("has no run.json: name a directory that `fibsim run -o` has written to its end")}
	case errors.Is(err, syscall.ENOTDIR):
		return &ReadError{Path: d.Path, Err: errors.New("is no directory; name one that `fibsim run -o` has written")}
	case err != nil:
		return &ReadError{Path: d.Path, Err: errors.Unwrap(err)}
	}
	var head struct{ Format *int }
	if err := json.Unmarshal(content, &head); err != nil {
		return jsonError(path, content, err)
	}
	switch {
	case head.Format == nil:
		return &ReadError{Path: path, Err: errors.New("has no format: it is not one of fibsim; name a directory that `fibsim run -o` has written")}
	case *head.Format != runFormat:
		line := lineOf(content, int64(max(0, bytes.Index(content, []byte(`"format"`)))))
		return &ReadError{Path: path, Line: line, Err: fmt.Errorf(
			"format: this fibsim reads %d, got %d; read it with the fibsim that wrote it", runFormat, *head.Format)}
	}
	if err := json.Unmarshal(content, &d.Run); err != nil {
		return jsonError(path, content, err)
	}
	return nil
}

// jsonError says where JSON is not what it must be.
func jsonError(path string, content []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return &ReadError{Path: path, Line: lineOf(content, syntax.Offset), Err: fmt.Errorf("%w; %s", err, remedy)}
	case errors.As(err, &kind):
		return &ReadError{Path: path, Line: lineOf(content, kind.Offset), Err: fmt.Errorf("%s: got a %s; %s", kind.Field, kind.Value, remedy)}
	}
	return &ReadError{Path: path, Err: fmt.Errorf("%w; %s", err, remedy)}
}

// lineOf returns the line of the byte before an offset.
func lineOf(content []byte, offset int64) int {
	offset = min(max(offset, 0), int64(len(content)))
	return 1 + bytes.Count(content[:offset], []byte("\n"))
}

// variants returns the names of the variants in the scenario's order; one empty
// name without.
func (d *Dir) variants() []string {
	var scenario struct {
		Variants []struct{ Name string }
	}
	raw, _ := d.Run.Scenario.(json.RawMessage)
	// A scenario of another program's making has no order but that of its runs.
	_ = json.Unmarshal(raw, &scenario)
	var names []string
	for _, v := range scenario.Variants {
		names = append(names, v.Name)
	}
	for i := range d.Run.Runs {
		if v := d.Run.Runs[i].Variant; !slices.Contains(names, v) {
			names = append(names, v)
		}
	}
	if names == nil {
		names = []string{""}
	}
	return names
}

// readSummary reads the rows of summary.csv.
func (d *Dir) readSummary() error {
	t, err := d.table(summaryFile, SummaryColumns, summaryLeast)
	if err != nil {
		return err
	}
	defer t.close()
	for t.next() {
		r := &Row{
			Scenario: t.text(0), Variant: t.text(1), Backend: t.text(2), Evidence: t.text(3), Lock: t.text(4),
			Rep: int(t.int(5)), Phase: t.text(6), Group: t.text(7), figures: make([]Cell, len(SummaryColumns)-identity),
		}
		for i := range r.figures {
			r.figures[i] = t.cell(identity + i)
		}
		d.Rows = append(d.Rows, r)
	}
	return t.err
}

// rowsOf returns how many rows run.json says that a file has.
func (d *Dir) rowsOf(file string) (rows int64, known bool) {
	for _, f := range d.Run.Files {
		if f.Name == file && f.Rows != nil {
			return *f.Rows, true
		}
	}
	return 0, false
}
