// Package validate says how far backends are from a reference that ran the same
// scenario: ratios of rate and percentiles with their intervals, the distance of
// the latency distributions, and what a closed form gives.
//
// The statistical unit is the repetition: iterations of one run depend on each
// other, repetitions do not. The reference is also held against itself, its odd
// repetitions against its even ones: what is no further away than that cannot be
// told from it.
package validate
