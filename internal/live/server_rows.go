package live

import (
	"encoding/binary"

	"github.com/fibsim/fibsim/gil/trace"
)

// serverRow is what the server's thread did for one request, from the return of
// recv to the return of send. It is a small copy of a trace.Sample: a fast
// connection makes a hundred thousand of them in a second.
type serverRow struct {
	run, waitGIL, nogil, blocked       int64
	switches, requests, forced, barges uint32
}

func (r *serverRow) counts() trace.Counts {
	return trace.Counts{
		Switches: int64(r.switches), Requests: int64(r.requests),
		Forced: int64(r.forced), Barges: int64(r.barges),
	}
}

// serverRows are the requests of one connection. The thread that serves it adds
// them; others look when it has ended.
type serverRows struct {
	chunks [][]serverRow
	n      int
}

const serverChunk = 1 << 12

func newServerRows() *serverRows {
	return &serverRows{chunks: [][]serverRow{make([]serverRow, 0, serverChunk)}}
}

func (r *serverRows) add(s *trace.Sample) {
	last := &r.chunks[len(r.chunks)-1]
	if len(*last) == cap(*last) {
		r.chunks = append(r.chunks, make([]serverRow, 0, serverChunk))
		last = &r.chunks[len(r.chunks)-1]
	}
	*last = append(*last, serverRow{
		run: s.Run, waitGIL: s.WaitGIL, nogil: s.NoGIL, blocked: s.Blocked,
		switches: uint32(s.Switches), requests: uint32(s.Requests),
		forced: uint32(s.Forced), barges: uint32(s.Barges),
	})
	r.n++
}

// serverRowsOf are rows that another process has added.
func serverRowsOf(list []serverRow) *serverRows {
	r := &serverRows{n: len(list)}
	for at := 0; at < len(list); at += serverChunk {
		r.chunks = append(r.chunks, list[at:min(len(list), at+serverChunk)])
	}
	return r
}

// appendRows encodes the rows from one number to before another.
func appendRows(b []byte, r *serverRows, from, to int) []byte {
	b = binary.AppendUvarint(b, uint64(to-from))
	for seq := from; seq < to; seq++ {
		row := r.at(seq)
		for _, v := range [...]int64{row.run, row.waitGIL, row.nogil, row.blocked} {
			b = binary.AppendVarint(b, v)
		}
		for _, v := range [...]uint32{row.switches, row.requests, row.forced, row.barges} {
			b = binary.AppendUvarint(b, uint64(v))
		}
	}
	return b
}

// rows is the inverse of appendRows.
func (d *decoder) rows() []serverRow {
	n := d.unsigned()
	// A row takes eight bytes at least, so that a wrong number cannot ask for much.
	if d.wrong || n > uint64(len(d.rest)/8) {
		d.wrong = true
		return nil
	}
	rows := make([]serverRow, n)
	for i := range rows {
		row := &rows[i]
		row.run, row.waitGIL, row.nogil, row.blocked = d.signed(), d.signed(), d.signed(), d.signed()
		for _, v := range [...]*uint32{&row.switches, &row.requests, &row.forced, &row.barges} {
			*v = uint32(d.unsigned())
		}
	}
	return rows
}

func (r *serverRows) count() int            { return r.n }
func (r *serverRows) at(seq int) *serverRow { return &r.chunks[seq/serverChunk][seq%serverChunk] }
