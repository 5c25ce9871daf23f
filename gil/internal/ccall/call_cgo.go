//go:build linux && cgo && (race || !amd64)

package ccall

// static int ccall(void *f, void *arg) { return ((int (*)(void *))f)(arg); }
import "C"

import "unsafe"

// Call returns f(arg).
func Call(f, arg unsafe.Pointer) int32 { return int32(C.ccall(f, arg)) }

// CallPinned is Call.
func CallPinned(f, arg unsafe.Pointer) int32 { return Call(f, arg) }
