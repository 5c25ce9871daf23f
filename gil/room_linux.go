package gil

import (
	"syscall"
	"unsafe"

	"github.com/fibsim/fibsim/gil/trace"
)

// populated returns memory whose pages are there already (mmap(2), MAP_POPULATE) and
// have been written to once: under a hypervisor that keeps page tables of its own, the
// first access to a page is as dear as its creation. The memory is outside the heap, so
// that the runtime does not give it back to the system.
func populated(events int) []trace.Kept {
	memory, err := syscall.Mmap(-1, 0, events*int(unsafe.Sizeof(trace.Kept{})),
		syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_POPULATE)
	if err != nil {
		return nil
	}
	for i := 0; i < len(memory); i += syscall.Getpagesize() {
		memory[i] = 0
	}
	return unsafe.Slice((*trace.Kept)(unsafe.Pointer(unsafe.SliceData(memory))), events)
}
