// Package advise ranks the ways in which a server can be built by what is predicted of
// its clients under each, and says in one sentence why the figures of a way are what
// they are.
//
// The first is the one in which the shortest requests wait least: by the 99th
// percentile of their response times, to two digits, then by replies per second, then
// by memory.
package advise
