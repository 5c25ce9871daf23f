package gil

import "time"

var processStart = time.Now()

// Monotonic returns the system's monotonic clock in nanoseconds: on Linux
// CLOCK_MONOTONIC, which all processes of a host share; elsewhere a clock of
// this process alone.
//
// It asks Go's own reading of the clock, which is cheaper than a system call and
// stands still in a synctest bubble, and adds what separates the two zeros.
func Monotonic() int64 { return int64(time.Since(processStart)) + clockOffset }

// SleepUntil blocks the calling OS thread until the clock of Monotonic shows at,
// or, within a tenth of a second, until stop returns true. It takes no part in any
// lock.
func SleepUntil(at int64, stop func() bool) { sleepThread(at, stop) }
