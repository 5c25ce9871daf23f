package cpython

import (
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// The epoch that the clients get is a reading of CLOCK_MONOTONIC, which all
// processes of the host share, and lies ahead.
func TestEpochIsOfTheSharedClock(t *testing.T) {
	twoInterpreters(t, func(t *testing.T, b *Backend) {
		c := &testClients{}
		b.Clients = c.start
		before := monotonic()
		run(t, b, serving(50*time.Millisecond))
		if c.epoch < before || c.epoch > monotonic() {
			t.Errorf("the epoch is %d, the clock showed %d before the run and %d after it", c.epoch, before, monotonic())
		}
	})
}

func monotonic() int64 {
	var ts syscall.Timespec
	const clockMonotonic = 1
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano()
}
