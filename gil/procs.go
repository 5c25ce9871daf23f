package gil

import (
	"runtime"
	"sync"
)

// GOMAXPROCS must never become a second lock: whenever the interpreter lock lets
// a thread run, Go's scheduler must have a P for it. Threads that wait in the
// kernel hold none, so CPUs, plus the threads that compute without the lock, plus
// a few for those on their way in and out of system calls, and for the doorstop, are
// enough.

const (
	spareProcs = 5
	mostProcs  = 256
)

// procs counts the runtimes that are open, and those whose threads wait in the kernel,
// and what to undo when the last one is closed.
var procs struct {
	sync.Mutex
	open     int
	before   int
	onThread int
	unstop   func() // removes the doorstop
}

func raiseProcs(unlocked int, onThread bool) {
	procs.Lock()
	defer procs.Unlock()
	if procs.open == 0 {
		procs.before = runtime.GOMAXPROCS(0)
	}
	procs.open++
	if want := min(mostProcs, runtime.NumCPU()+unlocked+spareProcs); want > runtime.GOMAXPROCS(0) {
		runtime.GOMAXPROCS(want)
	}
	if !onThread {
		return
	}
	if procs.onThread++; procs.onThread == 1 {
		procs.unstop = doorstop()
	}
}

func restoreProcs(onThread bool) {
	procs.Lock()
	defer procs.Unlock()
	if onThread {
		if procs.onThread--; procs.onThread == 0 {
			procs.unstop()
		}
	}
	if procs.open--; procs.open == 0 {
		runtime.GOMAXPROCS(procs.before)
	}
}
