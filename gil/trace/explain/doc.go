// Package explain says of single iterations where their time went and who caused
// it, from nothing but the [trace.Log] of a run.
//
// [New] reads a log once. [History.Parts] then takes one iteration apart: its parts
// are the time that its thread ran, slept or computed without the lock, and the
// causes of its waiting. They add up to the latency exactly, as each nanosecond
// belongs to one part.
//
// A thread that waits goes through one wait after the other until it has the lock.
// What a wait was spent on follows from how it ended, from who had the lock
// meanwhile, and from whom the releases woke:
//
//   - Up to the first change of hands a wait that timed out is an [Interval] against
//     the holder; one that ended by a wake was [Held]. After a request of its own, it
//     is [Notice] until that holder lets go.
//   - From the first change of hands on, others were served: in their turn ([Queue])
//     where they had asked before, out of turn ([PassedOver]) where not.
//   - From the wake that was sent to the thread on, it is [WakeUp] if the thread then
//     found the lock free, and [LostRace] if another had taken it.
//
// The time in which the lock is free belongs to whoever takes it next.
//
// A request is told from when its client sent it. As long as its thread waits for something to receive that is the
// network's time; but where the thread waits for the lock, after a send or in the midst of recv, that is the cause.
//
// A task of an event loop is taken apart along the thread of the loop. What that goes
// through in the pieces of the iteration is as above. In between the task first waits for
// something of its own, a sleep or a future; from when it could go on, it is [Behind] the
// task that the thread is in, or waits for the [Loop]. But where the thread itself waits,
// for the lock or for a CPU, that is the cause, whatever task it is in.
package explain
