package results

import "io"

// Table is a CSV file with other rows than those of a run, by the same rules: its
// header is written at once, so that a path that cannot be used is found before
// anything runs, and it ends with a whole row whatever happens.
type Table struct{ file *rowFile }

// CreateTable creates the file at path; - is stdout, and a name that ends in .gz is
// compressed. It fails with an OutputError where the path cannot be used, and with
// a WriteError where the disk is full.
func CreateTable(path string, stdout io.Writer, columns []Column) (*Table, error) {
	if path == "-" {
		f, err := newRowFile("standard output", keepOpen{stdout}, columns)
		return &Table{f}, unlessLeft(err)
	}
	f, err := createRows(path, columns)
	if err != nil {
		return nil, err
	}
	return &Table{f}, nil
}

// Row adds a row of fields, which are a string or a Cell each. A failure comes out
// of Close.
func (t *Table) Row(fields []any) {
	var line []byte
	for i, field := range fields {
		if i > 0 {
			line = append(line, ',')
		}
		switch f := field.(type) {
		case string:
			line = appendField(line, f)
		case Cell:
			line = f.Append(line)
		default:
			panic("results: a field that is neither text nor a figure")
		}
	}
	// The file keeps its first failure.
	_ = t.file.row(append(line, '\n'))
}

// Flush writes the rows that were added. Its error is a WriteError.
func (t *Table) Flush() error { return t.file.flush() }

// Close writes the rest and closes the file. Its error is a WriteError; that a reader
// has left is none.
func (t *Table) Close() error { return unlessLeft(t.file.close()) }
