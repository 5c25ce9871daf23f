// Package locktest drives lock policies in virtual time, for tests.
//
// [Run] is a driver that is as plain as can be: one list of threads, each with
// the time of what it does next, and a random choice where several are due at
// once. It reports as the real lock does, so that trace.Check can judge it.
//
// Two policies come with it. [Timed] is the lock of CPython 3 written a second
// time, with slices that are searched from end to end, to compare the real one
// with; it can be given [Bug]s, for the checker to find. [Handoff] is a lock that
// designates its next holder, as Ruby 3.3 does, and lives on a periodic timer: it
// shows that the contract of package policy carries such a lock.
package locktest
