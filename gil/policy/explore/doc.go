// Package explore tries every order in which a few threads can use a lock policy.
//
// A policy decides what happens when; the rest of the world decides when things
// happen. [Run] puts a policy between two to four threads, each with a [Role], and
// lets the world do whatever it can: any thread goes next, a thread that was woken
// gets to the lock before or after others, a wait times out just before or just
// after the signal that would have ended it, the host wakes whom it likes where the
// policy leaves that to it. States are visited breadth first, each once: two
// histories that lead to the same state of the lock, of the threads and of what
// the checker remembers have the same future.
//
// Every step lies on a history that is held against the invariants of package
// trace. Beside them it is an error when the lock is free, a thread sleeps for it
// and nobody is on the way to take it (a lost wake-up), when a shake has nothing
// left that could end it, and when a policy panics or answers a thread other than
// once.
//
// # Time
//
// Time is a count of grains, a fraction of an interval, and passes only by a step
// of its own. A wait ends at its deadline exactly; how long the thread takes from
// there to the lock is open, and so is everything else that a thread does.
//
// # Waiting without end
//
// A waiter is passed over when another thread is granted the lock while it waits.
// Whether that can go on without end is asked in a prompt world, in which time
// does not pass while a thread could go on: whoever was woken gets to the lock
// within the grain. So a schedule that starves a waiter is a circle in which time
// passes and the waiter is given its turn to run each time, and loses nevertheless.
// A host that simply does not run it would starve it under any lock.
//
// The same is asked once more of an orderly world, in which nobody barges: a thread
// that was woken for the lock is always there first. What starves a waiter even so
// is the order of the wakes.
package explore
