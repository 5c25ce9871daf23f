// Package script runs workloads that a user writes down in a scenario: one
// function in the language that Starlark and Python have in common.
//
// [Compile] reports every mistake with its place. [Script.Run] interprets the
// function and calls back every so many steps, which is where an interpreter
// looks at its eval breaker; a step is one instruction of the bytecode, of which
// a call of fib takes a dozen. [Script.Steps] only counts them. A script has no
// input, no clock and no random numbers, so that it takes the same steps each
// time and under every backend.
package script
