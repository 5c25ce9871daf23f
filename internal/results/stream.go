package results

// Stream is a file of records in a form of its own, by the rules of the CSV files:
// it is created at once, so that a path that cannot be used is found before anything
// runs, and it holds whole records whatever happens.
type Stream struct{ file *rowFile }

// CreateStream creates the file at path; one whose name ends in .gz is compressed. It
// fails with an OutputError where the path cannot be used.
func CreateStream(path string) (*Stream, error) {
	f, err := createRows(path, nil)
	if err != nil {
		return nil, err
	}
	return &Stream{f}, nil
}

// Write adds records. Its error is a WriteError, after which the file ends with the
// last records that arrived whole.
func (s *Stream) Write(records []byte) error { return s.file.row(records) }

// Flush writes the records that were added. Its error is a WriteError.
func (s *Stream) Flush() error { return s.file.flush() }

// Close ends the file with tail, also where it could not hold all records: what was
// cut off made room for it. Its error is a WriteError.
func (s *Stream) Close(tail []byte) error {
	if len(tail) > 0 && s.file.flush() == nil {
		_ = s.file.row(tail)
	} else if len(tail) > 0 {
		s.file.end(tail)
	}
	return s.file.close()
}
