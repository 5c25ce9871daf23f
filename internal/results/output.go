package results

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// The files of a result directory.
const (
	samplesFile = "samples.csv"
	summaryFile = "summary.csv"
	statesFile  = "states.csv"
	eventsFile  = "events.csv"
	runFile     = "run.json"
	packageFile = "datapackage.json"
)

// MakeDir makes a directory for output. One that holds files is refused unless force
// is set. The error is an *OutputError.
func MakeDir(dir string, force bool) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return &OutputError{Path: dir, Err: err}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return &OutputError{Path: dir, Err: err}
	}
	if len(entries) > 0 && !force {
		return &OutputError{Path: dir, Err: ErrNotEmpty}
	}
	return nil
}

// makeDir prepares the directory for results. With force, the results that an
// earlier run left there are removed: half of them would survive otherwise,
// beside files that say something else. Other files are left alone.
func makeDir(dir string, force bool) error {
	if err := MakeDir(dir, force); err != nil {
		return err
	}
	for _, name := range []string{samplesFile, summaryFile, statesFile, eventsFile, runFile, packageFile} {
		err := os.Remove(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &OutputError{Path: dir, Err: err}
		}
	}
	return nil
}

// createRows creates a CSV file with its header.
func createRows(path string, columns []Column) (*rowFile, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, &OutputError{Path: path, Err: err}
	}
	f, err := newRowFile(path, file, columns)
	if err != nil {
		file.Close()
		return nil, err
	}
	return f, nil
}

// ReplaceFile writes a file under another name first, so that whoever finds the
// real name finds it whole. What is no file, such as a pipe, is written as it is. It
// fails with an OutputError where there can be no such file, and with a WriteError
// where it could not be written to its end.
func ReplaceFile(path string, content []byte) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeInto(path, content)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	var why *fs.PathError
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return &WriteError{Path: path, Err: err}
	case errors.As(err, &why):
		return &OutputError{Path: path, Err: &fs.PathError{Op: why.Op, Path: path, Err: why.Err}}
	case err != nil:
		return &OutputError{Path: path, Err: err}
	}
	_, err = temp.Write(content)
	if cerr := temp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		// The temporary file is its owner's alone; results are for everybody.
		err = os.Chmod(temp.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		os.Remove(temp.Name())
		return &WriteError{Path: path, Err: err}
	}
	return nil
}

// writeInto writes to what is there already and is no file.
func writeInto(path string, content []byte) error {
	out, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return &OutputError{Path: path, Err: err}
	}
	_, err = out.Write(content)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return &WriteError{Path: path, Err: err}
	}
	return nil
}

// keepOpen is a stream that belongs to somebody else and is not to be closed.
type keepOpen struct{ io.Writer }

// Close does nothing.
func (keepOpen) Close() error { return nil }
