// Package race tells tests whether the race detector is on. It makes computing ten
// times as slow and finds nothing where one goroutine computes: there a test
// is left to the run without it, or repeats itself less often.
package race
