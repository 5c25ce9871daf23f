package others

import (
	"os"
	"runtime"
	"testing"
	"time"
)

// What this process computes is not what others do.
func TestOthers(t *testing.T) {
	from, known := Read()
	if known != (runtime.GOOS == "linux") {
		t.Fatalf("known: %t", known)
	}
	if _, err := os.Stat("/proc/stat"); err != nil {
		return
	}
	to := from
	for begin := time.Now(); to.Own-from.Own < 20*time.Millisecond && time.Since(begin) < 10*time.Second; {
		to, _ = Read()
	}
	if own := to.Own - from.Own; own < 20*time.Millisecond || to.All < from.All {
		t.Errorf("from %+v to %+v", from, to)
	}
}
