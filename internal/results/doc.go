// Package results turns what the backends report into figures and files.
//
// A [Writer] is opened before the first run, so that a bad path fails at once.
// It is given each run as it ends: its iterations go to samples.csv, the fold
// of each group to summary.csv. When all is done, or interrupted, Finish closes
// the files and returns the [Set]: the same figures, with what follows from all
// runs together, namely the favor-CPU-bound index, the verdicts on the claims,
// and the warnings.
//
// Open reads what a Writer has written: the same Set, and from the files, on
// demand, iterations and timelines.
//
// Every figure is computed here once, for all backends. The statistical unit is
// the repetition: iterations of one run are correlated, and nothing here treats
// them as independent, except the intervals of percentiles, which say so.
package results
