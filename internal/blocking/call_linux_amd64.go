//go:build cgo && !race

package blocking

import (
	"runtime"
	_ "runtime/cgo" // a file in assembly is only linked with C where cgo is
	"unsafe"
)

//go:linkname procUnpin runtime.procUnpin
func procUnpin()

// Unpin lets a goroutine be stopped again that ccall.CallPinned has pinned.
func Unpin() { procUnpin() }

// Stack is what a C function runs on while its thread has no P: a goroutine cannot
// grow its own then.
type Stack struct{ room [16 << 10]byte }

// Call returns f(a, n, b), where f is a C function that blocks. It must not call
// back, and must get by with the stack, which is nobody else's meanwhile. The caller is
// pinned; as soon as it runs no more, it is not.
//
//go:nosplit
func (s *Stack) Call(f, a unsafe.Pointer, n int64, b *uint32) int32 {
	// The System V ABI wants the address before a call to be a multiple of 16.
	top := (uintptr(unsafe.Pointer(s)) + unsafe.Sizeof(s.room)) &^ 15
	entersyscallblock()
	procUnpin()
	ret := callOn(top, f, a, n, b)
	exitsyscall()
	runtime.KeepAlive(s)
	return ret
}

//go:noescape
func callOn(stack uintptr, f, a unsafe.Pointer, n int64, b *uint32) int32
