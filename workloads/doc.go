// Package workloads says what the threads, servers and clients of a run do, as
// data.
//
// A [Program] is a scenario with nothing left open: names checked, defaults
// filled in, one variant chosen. Every backend runs the same Program: the
// emulator on real threads, Go's scheduler on goroutines, a real interpreter,
// and the simulator in virtual time. So this package knows no backend, no
// clock and no file format.
//
// What has to agree between backends to the last bit lives here too: the
// random durations of a worker come from a [Stream] that depends on the seed,
// the group's name and the worker's number alone.
package workloads
