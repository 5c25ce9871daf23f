//go:build !linux

package live

func exactTimers() (restore func()) { return func() {} }

// sharedClock says that gil.Monotonic begins anew in each process.
const sharedClock = false

// ownEpoch returns time 0 on the clock of gil.Monotonic in this process, which
// begins with the process: what two processes share is the time of day.
func ownEpoch(_, wall int64) int64 { return wall - clockWall(0) }
