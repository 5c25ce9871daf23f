package live

import "syscall"

const prSetTimerSlack = 29

// exactTimers makes the sleeps of this OS thread end when they should, not up to
// the 50 µs later that the kernel otherwise takes to save wake-ups. The function
// that it returns sets that back.
func exactTimers() (restore func()) {
	// A kernel that refuses leaves the generator later than it could be, which its
	// lag then shows.
	_, _, _ = syscall.Syscall(syscall.SYS_PRCTL, prSetTimerSlack, 1, 0)
	return func() { _, _, _ = syscall.Syscall(syscall.SYS_PRCTL, prSetTimerSlack, 0, 0) }
}

// sharedClock says that gil.Monotonic shows the same in all processes of the host.
const sharedClock = true

// ownEpoch returns time 0 on the clock of gil.Monotonic in this process. All
// processes share that clock.
func ownEpoch(epoch, _ int64) int64 { return epoch }
