// Package cpair times the release and the take of an uncontended lock like CPython
// 3's in C, for benchmarks to print beside ours. Test files cannot use cgo, hence
// a package.
package cpair
