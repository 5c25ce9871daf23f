// Package calibrate measures what the operations of this host cost that the
// simulator charges for: system calls, context switches, wake-ups, sleeps, a
// round trip over loopback, the lock itself and the kernels of bodies.
//
// Every figure is taken on OS threads of its own, which are bound to a CPU where
// it matters and end with the measurement. What disturbs a measurement only adds
// to it, and comes in bursts: so a cost is the median of many short rounds, and
// each quantile of a spread is the median of that quantile over some rounds. Where others
// use the CPUs for longer, what they disturb is measured once more.
//
// What needs system calls of Linux, or a second CPU, is left out elsewhere;
// [Measured] says so, and defaults stay in its place.
package calibrate
