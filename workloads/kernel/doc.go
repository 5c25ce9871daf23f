// Package kernel is the real work that bodies consist of: fib with a checkpoint
// at every call, spinning, hashing and a file to read.
//
// Each kernel looks at a [gil.Breaker] as often as an interpreter would look at
// its eval breaker. A backend without a lock gives a Breaker that nobody raises
// but to end the run, so that the same machine code runs under every backend.
package kernel
