// Package ossched has the scheduling policies of operating systems and of Go's
// runtime, as state machines for a simulator to drive.
//
// It is a leaf without clock, goroutine or I/O: a policy is told what happens and
// when, and answers who runs. Integers decide, so that the same calls have the
// same answers on every machine. Each policy has a file of its own, which opens
// with how it works and where its rules come from.
//
// The kernels' policies, eevdf and cfs, have a queue for each CPU and look at the
// clock in ticks; the textbook ones share a queue among all CPUs and see the exact
// time; go has Ps for CPUs and goroutines for tasks.
package ossched
