package trace

import (
	"testing"
	"unsafe"
)

// A million workers of a simulation, with few rows each, must fit into memory: a
// meter is small until it has much to keep (the figures of 64-bit systems).
func TestMetersAreSmall(t *testing.T) {
	if size := unsafe.Sizeof(Meter{}); size > 1024 {
		t.Errorf("an empty meter takes %d bytes", size)
	}
	m := NewMeter(Window{End: 1e9}, 0, 0)
	m.Add(&Sample{Start: 1, End: 2})
	if n := cap(m.keep.chunks[0]); n > 4 {
		t.Errorf("the first row reserves %d", n)
	}
	for i := range int64(1000) {
		m.Add(&Sample{Seq: i, Start: i, End: i + 1})
	}
	n := 0
	m.Rows(func(*Sample) { n++ })
	if n != 1001 {
		t.Errorf("%d rows are kept of 1001", n)
	}
}
