//go:build !linux

package gil

// doorstop is for threads that wait in the kernel, which there are only on Linux.
func doorstop() (remove func()) { return func() {} }
