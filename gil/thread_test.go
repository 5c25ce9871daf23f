package gil

import (
	"testing"
	"unsafe"
)

// A thread has its cache lines to itself: its size is one of the allocator's that are
// multiples of 64 bytes, and 64 bytes, or two lines at a time, are what processors share.
func TestThreadHasItsLines(t *testing.T) {
	if size := unsafe.Sizeof(Thread{}); unsafe.Sizeof(uintptr(0)) == 8 && size != 256 {
		t.Errorf("a Thread takes %d bytes, want 256: see its padding", size)
	}
}
