//go:build linux && cgo && (race || !amd64)

package blocking

// #include <stdint.h>
//
// static int call(void *f, void *a, int64_t n, uint32_t *b) {
// 	return ((int (*)(void *, int64_t, uint32_t *))f)(a, n, b);
// }
import "C"

import "unsafe"

// Unpin does nothing: nobody is pinned here.
func Unpin() {}

// Stack is what a C function runs on: a cgo call has one.
type Stack struct{}

// Call returns f(a, n, b), where f is a C function that blocks and does not call
// back.
func (*Stack) Call(f, a unsafe.Pointer, n int64, b *uint32) int32 {
	return int32(C.call(f, a, C.int64_t(n), (*C.uint32_t)(b)))
}
