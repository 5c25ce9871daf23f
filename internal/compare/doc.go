// Package compare says whether the figures of two result directories differ, and by
// how much.
//
// The statistical unit is the repetition: iterations of one run depend on each
// other, repetitions do not. Nothing is assumed of their distribution but that both
// sides have the same shape: the test is that of Mann and Whitney, the estimate that
// of Hodges and Lehmann, and the interval the set of shifts that the test does not
// refuse. All three depend on ranks alone, so that one slow repetition cannot
// make a difference, nor hide one.
package compare
