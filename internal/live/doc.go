// Package live runs programs in real time: the gil and native backends, the
// servers and the client processes.
//
// Both backends take a body apart in the same place, [runBody], and differ in the
// [worker] that does each step. The worker of gil is a thread that must hold the
// interpreter lock; that of native is a plain goroutine on Go's scheduler, with
// nothing of the emulation in its way.
package live
