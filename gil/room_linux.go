package gil

import (
	"syscall"
	"unsafe"

	"github.com/fibsim/fibsim/gil/trace"
)

// populated returns memory whose pages are there already (mmap(2), MAP_POPULATE). It
// is outside the heap, so that the runtime does not give it back to the system.
func populated(events int) []trace.Kept {
	memory, err := syscall.Mmap(-1, 0, events*int(unsafe.Sizeof(trace.Kept{})),
		syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_POPULATE)
	if err != nil {
		return nil
	}
	return unsafe.Slice((*trace.Kept)(unsafe.Pointer(unsafe.SliceData(memory))), events)
}
