// Package scenarios reads the questions that fibsim answers: YAML files that say
// which threads and clients run, under which lock, and what is claimed about
// the outcome.
//
// [Find] takes the name of a built-in scenario or a path, [Load] a path. Both
// check the whole file before they return and report every mistake at once, as
// [Errors], each with its position, its key by group name, what was found and
// what would be right. A file that cannot be read at all is a [ReadError].
//
// The result is a [Scenario]: for each variant one [workloads.Program] with
// nothing left open, and the claims, compiled. [Override] changes a file from
// the command line by the same paths that a variant uses.
//
// The keys of the format are one table (keys.go). The loader, the JSON Schema
// and the lists in messages are all made from it.
package scenarios
