package results

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// How many of its columns each file has had from the first version on. Later ones
// are empty where a file is older.
const (
	sampleLeast  = 24
	summaryLeast = 30
	stateLeast   = 9
	eventLeast   = 12
	taskLeast    = 12
)

// askAfter is after how many rows a reader asks whether it is to stop.
const askAfter = 4096

// tableReader reads a CSV file of a result directory, row by row, by the names of
// its columns. What it does not know, such as the parameters of a sweep, it
// leaves out. After the first error there are no more rows.
type tableReader struct {
	path    string
	columns []Column
	places  []int // of each column in the file; -1: not there
	rows    int64 // read so far
	want    int64 // rows that run.json tells of; -1: unknown
	err     error
	ended   func() error // of the directory

	file *os.File
	last *lastByte
	csv  *csv.Reader
	row  []string
}

// table opens a file of the directory, or what gzip made of it.
func (d *Dir) table(name string, columns []Column, least int) (*tableReader, error) {
	t := &tableReader{path: filepath.Join(d.Path, name), columns: columns, want: -1, ended: d.ended}
	if rows, known := d.rowsOf(name); known {
		t.want = rows
	}
	file, err := os.Open(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		if z, zerr := os.Open(t.path + ".gz"); zerr == nil {
			file, err, t.path = z, nil, t.path+".gz"
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &ReadError{Path: t.path, Err: fmt.Errorf("%w; %s", fs.ErrNotExist, remedy)}
	case err != nil:
		return nil, &ReadError{Path: t.path, Err: errors.Unwrap(err)}
	}
	t.file = file
	if err := t.begin(least); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// begin reads the header.
func (t *tableReader) begin(least int) error {
	var in io.Reader = bufio.NewReaderSize(t.file, 1<<16)
	if filepath.Ext(t.path) == ".gz" {
		z, err := gzip.NewReader(in)
		if err != nil {
			return t.fail(fmt.Errorf("is not what gzip writes (%w); %s", err, remedy))
		}
		in = z
	}
	t.last = &lastByte{in: in}
	t.csv = csv.NewReader(t.last)
	t.csv.ReuseRecord = true
	names, err := t.csv.Read()
	if err != nil {
		return t.fail(fmt.Errorf("has no header; %s", remedy))
	}
	for i, c := range t.columns {
		place := slices.Index(names, c.Name)
		if place < 0 && i < least {
			return t.fail(fmt.Errorf("the header lacks %s: it is not a %s of fibsim, or it was changed; %s", c.Name, filepath.Base(t.path), remedy))
		}
		t.places = append(t.places, place)
	}
	return nil
}

// fail keeps the first error, with the line of the row that was read last.
func (t *tableReader) fail(err error) error {
	if t.err == nil {
		line := 0
		if len(t.row) > 0 {
			line, _ = t.csv.FieldPos(0)
		}
		t.err = &ReadError{Path: t.path, Line: line, Err: err}
	}
	return t.err
}

// next reads the next row; false at the end of the file, and after an error.
func (t *tableReader) next() bool {
	if t.err != nil {
		return false
	}
	row, err := t.csv.Read()
	var parse *csv.ParseError
	switch {
	case err == io.EOF:
		t.end()
		return false
	case errors.As(err, &parse):
		t.err = &ReadError{Path: t.path, Line: parse.Line, Err: fmt.Errorf("the row is cut or not as CSV is (%w); %s", parse.Err, remedy)}
		return false
	case err != nil:
		t.fail(fmt.Errorf("could not be read to its end (%w); %s", err, remedy))
		return false
	}
	t.row = row
	t.rows++
	if t.rows%askAfter == 0 && t.ended != nil {
		t.err = t.ended()
	}
	return t.err == nil
}

// end checks that the file ends where its writer ended it.
func (t *tableReader) end() {
	switch {
	case t.last.byte != '\n':
		t.fail(fmt.Errorf("the last row is cut; %s", remedy))
	case t.want >= 0 && t.rows != t.want:
		t.fail(fmt.Errorf("the file has %d rows, and run.json tells of %d; %s", t.rows, t.want, remedy))
	}
}

// text returns a column of the row, empty where the file has not got it. It is
// valid as long as one likes.
func (t *tableReader) text(column int) string {
	if place := t.places[column]; place >= 0 {
		return t.row[place]
	}
	return ""
}

// int returns a column that must hold a whole number.
func (t *tableReader) int(column int) int64 {
	text := t.text(column)
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.wrong(column, "must be a whole number")
	}
	return v
}

// maybe returns a column that holds a whole number or nothing.
func (t *tableReader) maybe(column int) (v int64, there bool) {
	if t.text(column) == "" {
		return 0, false
	}
	return t.int(column), true
}

// cell returns a figure.
func (t *tableReader) cell(column int) Cell {
	c, err := parseCell(t.text(column), t.columns[column])
	if err != nil {
		t.wrong(column, "must be a figure or empty")
	}
	return c
}

// wrong says what a column must hold.
func (t *tableReader) wrong(column int, must string) {
	t.fail(fmt.Errorf("%s: %s, got %q; %s", t.columns[column].Name, must, t.text(column), remedy))
}

func (t *tableReader) close() { t.file.Close() }

// lastByte remembers the last byte that was read.
type lastByte struct {
	in   io.Reader
	byte byte
}

func (l *lastByte) Read(b []byte) (int, error) {
	n, err := l.in.Read(b)
	if n > 0 {
		l.byte = b[n-1]
	}
	return n, err
}
