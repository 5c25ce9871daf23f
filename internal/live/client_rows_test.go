package live

import (
	"errors"
	"math/rand/v2"
	"testing"
)

func someRows(seed uint64, n int) (*clientRows, []ClientRow) {
	random := rand.New(rand.NewPCG(seed, 1))
	var rows clientRows
	rows.reserve()
	var want []ClientRow
	at := int64(0)
	for range n {
		start := at + random.Int64N(1e9)
		row := clientRow{intended: start - random.Int64N(1e10), start: start, end: start + random.Int64N(1e10), lag: random.Int64N(1e6) - 1}
		w := ClientRow{Intended: row.intended, Start: row.start, End: row.end, Lag: row.lag}
		if random.IntN(10) == 0 {
			w.Err = []string{"one", "two", "three"}[random.IntN(3)]
			row.problem = rows.problem(w.Err)
		}
		rows.add(row)
		want = append(want, w)
		at = row.end
	}
	return &rows, want
}

// TestRowsRoundTrip: what a client measured is what its parent gets, over more than
// one chunk.
func TestRowsRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 1000, rowChunk, 2*rowChunk + 1} {
		rows, want := someRows(uint64(n), n)
		encoded := rows.encode(nil)
		if len(encoded) > maxRowBytes*n {
			t.Errorf("%d rows: %d bytes, more than %d each", n, len(encoded), maxRowBytes)
		}
		got, err := decodeRows(encoded, rows.count, rows.problems)
		if err != nil || len(got) != n {
			t.Fatalf("%d rows: got %d, %v", n, len(got), err)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("row %d: got %+v, want %+v", i, got[i], want[i])
			}
		}
	}
}

// TestRowsDamaged: a block that was cut or changed in length never passes for rows.
func TestRowsDamaged(t *testing.T) {
	rows, _ := someRows(7, 50)
	encoded := rows.encode(nil)
	for cut := range encoded {
		if _, err := decodeRows(encoded[:cut], rows.count, rows.problems); !errors.Is(err, errRows) {
			t.Fatalf("cut at %d of %d: %v", cut, len(encoded), err)
		}
	}
	for _, count := range []int{-1, 49, 51, 1 << 40} {
		if _, err := decodeRows(encoded, count, rows.problems); !errors.Is(err, errRows) {
			t.Errorf("%d rows wanted of 50: %v", count, err)
		}
	}
	if _, err := decodeRows(encoded, rows.count, rows.problems[:0]); !errors.Is(err, errRows) {
		t.Errorf("errors without texts: %v", err)
	}
}

func FuzzDecodeRows(f *testing.F) {
	rows, _ := someRows(3, 5)
	f.Add(rows.encode(nil), 5)
	f.Fuzz(func(t *testing.T, b []byte, count int) {
		got, err := decodeRows(b, count, []string{"a"})
		if err == nil && len(got) != count {
			t.Errorf("got %d rows, want %d", len(got), count)
		}
	})
}

// TestManyProblems: a connection on which every reply is wrong in its own way does
// not fill the memory with their texts.
func TestManyProblems(t *testing.T) {
	var r clientRows
	for i := range 10 * maxProblems {
		n := r.problem(string(rune('a' + i)))
		if n < 1 || int(n) > maxProblems {
			t.Fatalf("problem %d has number %d", i, n)
		}
	}
	if len(r.problems) != maxProblems {
		t.Errorf("%d texts are kept, want %d", len(r.problems), maxProblems)
	}
}
