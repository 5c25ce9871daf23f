// Package report makes pages of results: one file each, with all that it needs in
// it, so that it opens without a network and years later.
//
// What a page draws with stands in assets: small scripts, each for one thing, and
// uPlot for lines. They are the parts that other pages of fibsim take from here, too:
// [Style] and [Script].
package report
