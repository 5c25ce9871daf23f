//go:build !linux

package live

func resetPeakMemory() {}

// peakMemory returns 0: this system is not asked.
func peakMemory() int64 { return 0 }
