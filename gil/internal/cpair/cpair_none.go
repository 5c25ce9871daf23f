//go:build !linux || !cgo

package cpair

// Available reports whether this build has the pair. It needs Linux and cgo.
const Available = false

// Run panics: there is no C in this build.
func Run(int, bool) { panic("cpair: this build has no cgo for Linux") }
