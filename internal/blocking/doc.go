// Package blocking calls the kernel and C where a thread is known to sleep.
//
// In an ordinary system call or cgo call a thread keeps its P. The Go runtime's
// monitor takes it away when the thread has slept for ten milliseconds, or when it
// has run nothing else for so long, and is then awake every 20 microseconds for a
// while, as it expects more of the kind. A few threads that wait for a lock in turns
// of 5 ms keep it so all the time: 6,000 wake-ups a second, on the CPU of the thread
// that computes or beside it, cost that thread a tenth of its speed on a virtual
// machine. Threads that wait for a pipe cost the same, each time that one has for longer
// than ten milliseconds. Here the thread gives up its P first. Nothing is left to be taken,
// and the monitor looks once in ten milliseconds.
//
// The two functions of the runtime that do it, entersyscallblock and exitsyscall,
// have promised to keep their names and types (go.dev/issue/67401). The race detector
// cannot follow them, and under it these are ordinary calls. Nanotime is a third function of the runtime with that promise.
package blocking
