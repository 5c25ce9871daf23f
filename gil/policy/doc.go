// Package policy holds the rules by which interpreter locks decide, and nothing
// else: no clock, no goroutine, no I/O.
//
// # The contract
//
// A [Policy] is a state machine. Its driver, the real lock in package gil or the
// simulator, owns the clock and the threads. The driver calls Step with one
// [Input] at a time, under one short mutex; the order of those calls is the
// history of the lock. Step appends what is to be done to the caller's buffer:
//
//	input                  from                      what it may decide
//	Take                   a thread that wants it    Grant or Park
//	Woken, TimedOut        a parked thread           Grant or Park; nothing for a shaker
//	Release                the holder                Wake, Shake
//	Check                  the holder, after ticks   Ask
//	Exit                   the holder, for good      Wake
//	Timer                  the driver's clock        Ask, ArmTimer
//
// Every Take, Woken and TimedOut of a thread that wants the lock is answered by
// exactly one Grant or Park of that thread. A driver that is told to Ask a
// holder raises that thread's flag; at its next checkpoint the thread calls
// Release with [Asked] and then Take. After Release, a thread that was told to
// Shake stays parked until it is woken. Everything else may come with any
// decision: a Grant wakes a shaker, a Release wakes a waiter.
//
// A policy may also be [Quick]: then the driver may ask it for a short way when a
// thread takes or lets go of a lock that nobody else is concerned with.
//
// # Two things that differ between runtimes
//
// Whether a wake is sent under the mutex or after it, and what becomes of a
// signal whose wait timed out at the same moment, are [Traits] of the policy,
// for the drivers to obey.
//
// A policy whose WakeOrder is [HostOrder] says Wake([Anyone]) and learns from
// the next Woken who it was: the driver's own primitive chooses. It says so at
// each Release and each Exit, whether or not somebody waits, and never else; so
// a driver may send the signal as soon as it has the mutex.
//
// # Every order
//
// Package explore tries every order in which a few threads can use a policy. For
// that a policy has two methods more, Copy and Sketch.
package policy
