//go:build linux && cgo && (race || !amd64)

package blocking

// static int call(void *f, void *a, long n, void *b) {
// 	return ((int (*)(void *, long, void *))f)(a, n, b);
// }
import "C"

import "unsafe"

// Stack is what a C function runs on: a cgo call has one.
type Stack struct{}

// Call returns f(a, n, b), where f is a C function that blocks and does not call
// back.
func (*Stack) Call(f, a unsafe.Pointer, n int, b unsafe.Pointer) int32 {
	return int32(C.call(f, a, C.long(n), b))
}
