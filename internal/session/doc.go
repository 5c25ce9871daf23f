// Package session plans the runs of one command and executes them.
//
// [NewPlan] decides what runs in which order: each group alone first, then the
// repetitions, interleaved, so that a host that changes with time treats all
// backends alike. [Run] executes a plan through the [Backend] interface, one
// run at a time, and hands each report on. [Status] sums up what happened in
// an exit status.
package session
