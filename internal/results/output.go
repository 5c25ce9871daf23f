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
	tasksFile   = "tasks.csv"
	runFile     = "run.json"
	packageFile = "datapackage.json"
)

// FileNames returns the names that a result directory has for its own files.
func FileNames() []string {
	return []string{samplesFile, summaryFile, statesFile, eventsFile, tasksFile, runFile, packageFile}
}

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
	for _, name := range FileNames() {
		err := os.Remove(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &OutputError{Path: dir, Err: err}
		}
	}
	return nil
}

// createRows creates a CSV file with its header.
func createRows(path string, columns []Column) (*rowFile, error) {
	file, err := openOutput(path)
	if err != nil {
		return nil, err
	}
	f, err := newRowFile(path, file, columns)
	if err != nil {
		file.Close()
		return nil, err
	}
	return f, nil
}

// errNoReader is in the chain of an OutputError about a pipe.
var errNoReader = errors.New("a pipe that nobody reads")

// openOutput opens a file that is written bit by bit, and empties it. A pipe needs a
// reader: waiting for one could last for ever. The error is an OutputError.
func openOutput(path string) (*os.File, error) {
	open := os.Create
	if info, err := os.Stat(path); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
		open = openPipe
	}
	file, err := open(path)
	if err != nil {
		return nil, &OutputError{Path: path, Err: err}
	}
	return file, nil
}

// ReplaceFile gives a file its whole content. A file that is new, or takes the place
// of another one, is written under another name first, so that whoever finds the real
// name finds it whole; what a symbolic link leads to is replaced, and the link stays. Into
// anything else, such as a device or a pipe, the content is written straight.
//
// It fails with an OutputError where nothing can be put there, and with a WriteError where
// the content did not fit.
func ReplaceFile(path string, content []byte) error {
	target, mode, ok := replaceable(path)
	if !ok {
		return writeStraight(path, content)
	}
	temp, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*")
	var why *fs.PathError
	switch {
	case noRoom(err):
		return &WriteError{Path: path, Err: err, Left: leftAsItWas}
	case errors.As(err, &why): // which names a file that nobody has asked for
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
		err = os.Chmod(temp.Name(), mode)
	}
	if err == nil {
		err = os.Rename(temp.Name(), target)
	}
	if err != nil {
		os.Remove(temp.Name())
		return &WriteError{Path: path, Err: err, Left: leftAsItWas}
	}
	return nil
}

// replaceable reports whether a path is that of a regular file, or of none, and by which
// name and with which permissions it is to be replaced.
func replaceable(path string) (target string, mode fs.FileMode, ok bool) {
	const usual = 0o644
	info, err := os.Lstat(path)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return "", 0, false // it leads nowhere yet, or to what has no name, as /dev/stdout may
		}
		info, err = os.Stat(path)
	}
	if err != nil {
		return path, usual, true // none is there, or the attempt tells why it cannot be
	}
	return path, info.Mode().Perm(), info.Mode().IsRegular()
}

// writeStraight writes to what cannot be replaced.
func writeStraight(path string, content []byte) error {
	file, err := openOutput(path)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err != nil && !ReaderLeft(err) {
		return &WriteError{Path: path, Err: err}
	}
	return nil
}

// keepOpen is a stream that belongs to somebody else and is not to be closed.
type keepOpen struct{ io.Writer }

// Close does nothing.
func (keepOpen) Close() error { return nil }
