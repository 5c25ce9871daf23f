// Package tracefile writes what happened in runs as a file for a trace viewer: in
// Perfetto's own format, or in the JSON that Chrome's tracing reads. Both come from
// the same walk over a timeline.
//
// Each run is a root of its own, and all begin at time 0, so that backends lie below
// each other. Below a root stand who held the lock, how many waited, a lane for each
// thread with arrows where the lock went from one to another, one for each task of an
// event loop, and the iterations or requests of each worker.
//
// A file grows run by run, in whole records. It is bounded: a run that has more to
// show than there is room for is cut at a time, and both the file and the caller are
// told what is left out.
package tracefile
