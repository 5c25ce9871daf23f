//go:build linux && cgo

package cpair

// #cgo CFLAGS: -O2
// #cgo LDFLAGS: -pthread
// #include "cpair.h"
import "C"

// Available reports whether this build has the pair.
const Available = true

// Run makes n pairs in one C loop, each a release and a take, and with stamps a
// reading of the monotonic clock in either, as the recorders of package gil need it.
func Run(n int, stamps bool) {
	if stamps {
		C.cpair_run_stamped(C.long(n))
	} else {
		C.cpair_run(C.long(n))
	}
}
