//go:build linux && cgo && (race || !(amd64 || arm64))

package ccall

// static void ccall(void *f, void *arg) { ((void (*)(void *))f)(arg); }
import "C"

import "unsafe"

// Call calls f(arg).
func Call(f, arg unsafe.Pointer) { C.ccall(f, arg) }
