// Package trace is the vocabulary of what happened in a run, the same for every
// backend, measured or predicted.
//
// A thread is in one [State] at a time. The interpreter lock reports [Event]s,
// numbered under the lock's own mutex, so that their order never depends on
// comparing the clocks of two CPUs.
//
// Two recorders take the reports. The [Meter] is always on: each thread folds
// its own states into [Sample]s and totals, with no shared write, so that it
// cannot disturb what it measures. The [Log] keeps the events, for timelines
// and for [Check], which holds the named invariants against them. Folding a Log
// gives the Meter's figures exactly.
//
// All times are int64 nanoseconds since time 0 of the run, the start of its
// warm-up.
package trace
