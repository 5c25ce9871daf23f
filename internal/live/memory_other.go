//go:build !linux

package live

func resetPeakMemory() {}

// peakMemory and peakMemoryOf return 0: this system is not asked.
func peakMemory() int64      { return 0 }
func peakMemoryOf(int) int64 { return 0 }
