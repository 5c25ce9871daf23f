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

// CallPinned is Call, and pins the goroutine before anybody could stop it after f. Nothing
// is done for that before f.
//
//go:noescape
func CallPinned(f, arg unsafe.Pointer) int32

//go:linkname procPin runtime.procPin
func procPin() int

// pin is the address of procPin, which has promised to keep its name and type
// (go.dev/issue/67401).
//
//lint:ignore U1000 CallPinned calls it
var pin = func() uintptr {
	f := procPin
	return **(**uintptr)(unsafe.Pointer(&f))
}()
