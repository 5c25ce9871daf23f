// Package machine predicts what a program does: it runs a workloads.Program in
// virtual time on a modelled host.
package machine
