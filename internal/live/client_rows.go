package live

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// clientRow is one request of one connection. Times are in nanoseconds since time
// 0.
type clientRow struct {
	intended, start, end int64
	lag                  int64 // of the generator; -1: it was not waiting for this arrival
	problem              int32 // number of what went wrong, from 1; 0: nothing
}

// rowChunk rows are allocated at once, so that no row is ever moved.
const rowChunk = 1 << 14

// clientRows holds the rows of one connection.
type clientRows struct {
	chunks   [][]clientRow
	count    int
	problems []string
}

// reserve makes room for the first rows, which then cost no allocation.
func (r *clientRows) reserve() {
	r.chunks = append(make([][]clientRow, 0, 64), make([]clientRow, 0, rowChunk))
}

func (r *clientRows) add(row clientRow) {
	last := &r.chunks[len(r.chunks)-1]
	if len(*last) == cap(*last) {
		r.chunks = append(r.chunks, make([]clientRow, 0, rowChunk))
		last = &r.chunks[len(r.chunks)-1]
	}
	*last = append(*last, row)
	r.count++
}

// maxProblems bounds how many different errors of one connection are told apart.
const maxProblems = 100

// problem returns the number of an error.
func (r *clientRows) problem(text string) int32 {
	i := slices.Index(r.problems, text)
	if i < 0 && len(r.problems) == maxProblems {
		// A hundred are enough to know that nothing works here.
		return maxProblems
	}
	if i < 0 {
		i = len(r.problems)
		r.problems = append(r.problems, text)
	}
	return int32(i + 1)
}

// shown returns a row as others see it.
func (row *clientRow) shown(problems []string) ClientRow {
	shown := ClientRow{Intended: row.intended, Start: row.start, End: row.end, Lag: row.lag}
	if row.problem > 0 {
		shown.Err = problems[row.problem-1]
	}
	return shown
}

// maxRowBytes is the most that an encoded row takes: five integers of ten bytes.
const maxRowBytes = 50

// encode appends all rows to b. Differences of neighbours are small, and so are
// they as variable-length integers: about eight bytes for a row.
func (r *clientRows) encode(b []byte) []byte {
	last := int64(0)
	for _, chunk := range r.chunks {
		for i := range chunk {
			row := &chunk[i]
			b = binary.AppendVarint(b, row.start-last)
			b = binary.AppendVarint(b, row.start-row.intended)
			b = binary.AppendVarint(b, row.end-row.start)
			b = binary.AppendVarint(b, row.lag)
			b = binary.AppendUvarint(b, uint64(row.problem))
			last = row.end
		}
	}
	return b
}

var errRows = errors.New("the rows cannot be read")

// decodeRows is the inverse of encode.
func decodeRows(b []byte, count int, problems []string) ([]ClientRow, error) {
	// A row takes five bytes at least, so that a wrong count cannot ask for much.
	if count < 0 || count > len(b)/5 {
		return nil, fmt.Errorf("%w: %d bytes for %d of them", errRows, len(b), count)
	}
	rows := make([]ClientRow, 0, count)
	last := int64(0)
	for range count {
		var fields [4]int64
		for i := range fields {
			v, n := binary.Varint(b)
			if n <= 0 {
				return nil, fmt.Errorf("%w: row %d is cut off", errRows, len(rows))
			}
			fields[i], b = v, b[n:]
		}
		problem, n := binary.Uvarint(b)
		if n <= 0 || problem > uint64(len(problems)) {
			return nil, fmt.Errorf("%w: row %d has no such error", errRows, len(rows))
		}
		b = b[n:]
		row := ClientRow{Start: last + fields[0], Lag: fields[3]}
		row.Intended, row.End = row.Start-fields[1], row.Start+fields[2]
		if problem > 0 {
			row.Err = problems[problem-1]
		}
		if fields[0] < 0 || fields[2] < 0 {
			return nil, fmt.Errorf("%w: row %d goes back in time", errRows, len(rows))
		}
		rows = append(rows, row)
		last = row.End
	}
	if len(b) > 0 {
		return nil, fmt.Errorf("%w: %d bytes are left over", errRows, len(b))
	}
	return rows, nil
}
