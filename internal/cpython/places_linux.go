package cpython

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// places returns CPUs on which to measure, few of many: each may have a neighbour of its
// own that slows it.
func places() []int {
	var all unix.CPUSet
	if unix.SchedGetaffinity(0, &all) != nil {
		return []int{0}
	}
	var cpus []int
	for cpu := 0; len(cpus) < min(4, all.Count()); cpu++ {
		if all.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus
}

// together keeps the calling goroutine and the only thread of a process on one CPU, so
// that what slows one of them slows the other, until apart is called in that goroutine.
func together(pid, cpu int) (apart func()) {
	runtime.LockOSThread()
	var before, only unix.CPUSet
	only.Set(cpu)
	if unix.SchedGetaffinity(0, &before) != nil || unix.SchedSetaffinity(0, &only) != nil {
		return runtime.UnlockOSThread
	}
	unix.SchedSetaffinity(pid, &only) // it ends soon
	return func() {
		// A thread that cannot leave the CPU ends with its goroutine.
		if unix.SchedSetaffinity(0, &before) == nil {
			runtime.UnlockOSThread()
		}
	}
}
