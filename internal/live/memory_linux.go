package live

import (
	"bufio"
	"os"
	"strconv"
	"strings"
)

// resetPeakMemory makes the kernel forget how large this process has been. Where
// that is not allowed, the peak is that of the process so far.
func resetPeakMemory() {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// peakMemory returns the largest resident size of this process in bytes, 0 where
// the kernel does not say.
func peakMemory() int64 { return peakMemoryOf(os.Getpid()) }

// peakMemoryOf is peakMemory of another process, 0 where there is none.
func peakMemoryOf(pid int) int64 {
	f, err := os.Open("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if kib, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(kib, "kB")), 10, 64)
			return n << 10
		}
	}
	return 0
}
