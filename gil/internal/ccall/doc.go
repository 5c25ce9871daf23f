// Package ccall calls short C functions without what a cgo call does besides:
// telling Go's scheduler that the thread is away.
//
// The function must not call back, and must get by with 8 KiB of stack. Meanwhile
// the thread counts as running Go code, so that a stop of the world waits for it:
// it must return soon, and must not wait for another thread of the program but
// for one that is in C, or pinned. Who is pinned goes on where others would be stopped;
// he must not block, and his panic ends the program.
//
// Where this cannot be done, on other processors and under the race detector,
// which learns the order of memory accesses from cgo calls, these are cgo calls:
// nobody waits while he counts as running, and nobody is pinned.
package ccall
