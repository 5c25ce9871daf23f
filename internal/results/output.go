package results

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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
// real name finds it whole. It fails with a WriteError.
func ReplaceFile(path string, content []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return &WriteError{Path: path, Err: err}
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

// keepOpen is a stream that belongs to somebody else and is not to be closed.
type keepOpen struct{ io.Writer }

// Close does nothing.
func (keepOpen) Close() error { return nil }
