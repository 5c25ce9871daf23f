// Package machine predicts what a program does: it runs a workloads.Program in
// virtual time on a modelled host, and reports what the measured backends do.
//
//	     Program                   Config: CPUs, HZ, scheduler, Costs
//	        │                                    │
//	        ▼                                    ▼
//	threads, clients ──── acts ────►  machine ◄──── events of sim.Queue
//	(state machines)                  │      │
//	                      one input   ▼      ▼   who runs where
//	                      gil/policy.Policy  ossched.Policy
//	                                  │
//	                                  ▼
//	                     trace.Lane: states, samples, a Log
//
// # How it works
//
// A thread is a state machine. On a CPU it acts, which takes no time, and then
// computes: one event, at the end of it. As long as nobody disturbs, computing of any
// length is one event; where a thread looks whether it has to let go of the lock
// is worked out when somebody asks (work.go).
//
// The lock is the very policy that package gil drives, with the same inputs in the
// same order and the same events recorded (lock.go). There is one for each interpreter:
// that of the program's process, those of worker processes (pool.go), of the processes
// of a prefork server and of a server's interpreters (server.go). Who gets the lock when two
// come for it is decided by when they come: a call without the lock takes its time,
// a woken thread needs the time of a wake-up and a CPU.
//
// CPUs are driven by a policy of ossched (sched.go). A thread that becomes runnable is
// placed and queued at once; an idle CPU comes to life for it after a wake-up, a busy
// one learns of it if the policy says so (wake.go). Goroutines run on Ps under Go's
// own scheduler, and each P is a thread of the kernel that has to have a CPU
// (goroutines.go). Clients are threads of the kernel on the same CPUs.
//
// Tasks share the thread of their event loop, which puts on and takes off the place
// where each of them is (tasks.go, asyncio.go, coroutines.go). Locks and queues of the
// program put threads to sleep beside the interpreter's lock (shared.go); threads that
// wait for each other for ever end a run that is to go on until all is done.
//
// Everything that happens has its place in one order, and every cost that is
// drawn comes from a stream of the thread that it belongs to. So a run is a function
// of the program, the Config and the costs, to the last bit and on every machine.
//
// # What is not modelled
//
//   - The lock's inner mutex, but while somebody wakes another under it, or asks for the lock
//     who has had it long ago: who comes then has to wait (lock.go,
//     settle.go). What it costs else is in ReleaseTake and Noticed. A thread that ends lets
//     the lock go without it.
//   - How long a wake-up is on its way to another CPU: three in four find the thread of that CPU asleep that is
//     about to be, whatever the two calls take (wake.go), and one that pays a debt there is queued where it was.
//   - That a sleeper whose signal another took goes to the end of those that sleep: it has
//     a CPU for a while, and keeps its place (lock.go).
//   - Caches, hyper-threads and clock rates: a thread computes as fast whoever runs
//     beside it, but for CacheRefill after a change of CPU, SwitchProcess and what a
//     message costs beyond its calls (Message).
//   - Interrupts and ticks take no time, but for that of a timer on a CPU that computes (TimerBusy); other programs do not exist,
//     but those to which a host gives a CPU that sleeps (stall.go); when it takes one that
//     computes is in Wobble on the average only. A timer that is set
//     later, and ends earlier, than others of its CPU does not end them, too (alarm.go).
//   - That the CPU time of coming to life is a thread's, unless a timer wakes it (alarm.go).
//   - Timers of clients depend neither on how long they were set for nor on whether their CPU
//     computes (client.go).
//   - Threads of a group are there at their start, each late by its timer. Connections
//     are made before time 0 and accepted from then on.
//   - The pickup of work by Go's spinning threads, which look for it some
//     microseconds before they sleep, garbage collection, and a P's hand-off in system
//     calls, none of which blocks here.
//   - What Go's runtime does in client processes that have little to do: its monitor
//     looks for work all the time, and with many processes that adds up.
//   - A client's socket never blocks when it sends, and no packet is lost.
//   - The mutex of a queue of the program: put and get happen at once. Nobody spins for
//     a lock of the program before he sleeps, and Go's rule for who has starved is none.
//   - Worker processes stand ready at time 0, do not die, and do not collide at the
//     locks of their pipes: who has waited longest gets the next job. A pipe is never
//     full. In a native run, the processes of a pool or of a prefork server
//     are threads of the kernel without a runtime of Go.
//   - select takes as long for many sockets as for few.
//   - A file is in the kernel's memory, a script as long as its steps.
//   - How much memory anything takes.
package machine
