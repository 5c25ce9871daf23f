//go:build linux && cgo && !race && amd64

package ccall

import (
	_ "runtime/cgo" // a file in assembly is only linked with C where cgo is
	"unsafe"
)

// Call returns f(arg).
//
//go:noescape
func Call(f, arg unsafe.Pointer) int32
