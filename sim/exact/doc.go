// Package exact has no code. Its tests hold the simulator against what is known
// without it: the formulas and identities of queueing theory, on fixed seeds, and
// with the tag host the kernel of the machine that they run on.
//
// The formulas are about a station: customers come at random, wait, are served and
// leave. [ossched] policies serve it here through [sim.Queue], by a driver of a
// page. That [machine] schedules as this driver does, to the nanosecond, is a test of
// its own; what [machine] adds to the policies, the lock, sleeping threads and
// sockets, is tested on models that a program can express.
//
// [machine]: https://pkg.go.dev/github.com/fibsim/fibsim/sim/machine
// [ossched]: https://pkg.go.dev/github.com/fibsim/fibsim/ossched
// [sim.Queue]: https://pkg.go.dev/github.com/fibsim/fibsim/sim#Queue
package exact
