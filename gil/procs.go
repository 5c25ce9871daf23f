package gil

import (
	"runtime"
	"sync"
)

// GOMAXPROCS must never become a second lock: whenever the interpreter lock lets
// a thread run, Go's scheduler must have a P for it. Threads that wait in the
// kernel hold none, so CPUs, plus the threads that compute without the lock, plus
// a few for those on their way in and out of system calls, are enough.

const (
	spareProcs = 4
	mostProcs  = 256
)

// procs counts the runtimes that are open, and what to go back to when the last
// one is closed.
var procs struct {
	sync.Mutex
	open   int
	before int
}

func raiseProcs(unlocked int) {
	procs.Lock()
	defer procs.Unlock()
	if procs.open == 0 {
		procs.before = runtime.GOMAXPROCS(0)
	}
	procs.open++
	if want := min(mostProcs, runtime.NumCPU()+unlocked+spareProcs); want > runtime.GOMAXPROCS(0) {
		runtime.GOMAXPROCS(want)
	}
}

func restoreProcs() {
	procs.Lock()
	defer procs.Unlock()
	if procs.open--; procs.open == 0 {
		runtime.GOMAXPROCS(procs.before)
	}
}
