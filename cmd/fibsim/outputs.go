package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/scenarios"
)

// namedFile is a file that a command writes or reads, and what a message calls it.
type namedFile struct{ name, path string }

// apart refuses outputs that would overwrite each other, or what the command reads.
// An empty path and - are no files.
func apart(outputs, inputs []namedFile) error {
	for i, out := range outputs {
		if out.path == "" || out.path == "-" {
			continue
		}
		for _, other := range outputs[:i] {
			if sameFile(out.path, other.path) {
				return usage("%s %s: %s writes that file, too; choose another name", out.name, out.path, other.name)
			}
		}
		for _, in := range inputs {
			// What is not there, such as the file of a built-in scenario, is not overwritten.
			if _, err := os.Stat(in.path); err == nil && sameFile(out.path, in.path) {
				return usage("%s %s: would overwrite %s, which is read here; choose another name", out.name, out.path, in.name)
			}
		}
	}
	return nil
}

// filesIn returns the files of a result directory, each by the same name; none without
// a directory.
func filesIn(name, dir string) []namedFile {
	var list []namedFile
	for _, file := range results.FileNames() {
		if dir != "" {
			list = append(list, namedFile{name, filepath.Join(dir, file)})
		}
	}
	return list
}

// filesInDirs returns the files of all result directories that a command reads.
func filesInDirs(dirs ...string) []namedFile {
	var list []namedFile
	for _, dir := range dirs {
		list = append(list, filesIn("a file of "+dir, dir)...)
	}
	return list
}

// filesOf are those that scenarios are made of: their own, and their costs.
func filesOf(list ...*scenarios.Scenario) []namedFile {
	var files []namedFile
	for _, s := range list {
		files = append(files, namedFile{"the scenario", s.Path})
		for _, v := range s.Variants {
			switch costs := v.Program.Machine.Costs; costs {
			case "", predict.Default:
			case predict.Host:
				if path, err := predict.HostFile(); err == nil {
					files = append(files, namedFile{"the costs of this host", path})
				}
			default:
				files = append(files, namedFile{"the costs", costs}, namedFile{"the costs", filepath.Join(folderOf(s.Path), costs)})
			}
		}
	}
	return files
}

// sameFile reports whether two names are of one regular file, or will be. A device and
// a pipe take what comes from many.
func sameFile(a, b string) bool {
	x, aerr := os.Stat(a)
	y, berr := os.Stat(b)
	if aerr == nil && berr == nil {
		return x.Mode().IsRegular() && os.SameFile(x, y)
	}
	return aerr != nil && berr != nil && whole(a) == whole(b)
}

// whole returns a path from the root on, without symbolic links as far as it exists.
func whole(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		path = full
	}
	if full, err := filepath.EvalSymlinks(path); err == nil {
		return full
	}
	if dir := filepath.Dir(path); dir != path {
		return filepath.Join(whole(dir), filepath.Base(path))
	}
	return path
}

// foreign reports whether there is a file at path with something in it that own does
// not know by its beginning.
func foreign(path string, own func(begin []byte) bool) (bool, error) {
	begin, err := beginning(path)
	return len(begin) > 0 && !own(begin), err
}

// beginning reads as much of a file as tells what made it. There is nothing where there
// is no file, or what is no regular one: that has nothing to lose.
func beginning(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !info.Mode().IsRegular() && !info.IsDir():
		return nil, nil
	case err != nil:
		return nil, &results.OutputError{Path: path, Err: err}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, &results.OutputError{Path: path, Err: err}
	}
	defer f.Close()
	begin := make([]byte, 4096)
	n, err := io.ReadFull(f, begin)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, &results.OutputError{Path: path, Err: err}
	}
	return begin[:n], nil
}

// discard removes a file of which only half was written. What is no regular file stays.
func discard(path string) error {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	return os.Remove(path)
}
