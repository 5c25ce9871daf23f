// Package timeline turns a log into what is drawn of it: for each thread the
// spans that it spent in one state, who held the lock and when, how the lock
// went from one thread to the next, and how many waited.
//
// It is the one place where states become spans. Terminal, trace files, pages
// and states.csv all show what [Of] returns, so that they cannot differ.
//
// All times are int64 nanoseconds since time 0 of the run.
package timeline
