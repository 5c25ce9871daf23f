package calibrate

import (
	"context"
	"syscall"
	"time"
	"unsafe"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
)

// lockWaits returns the CPU time of a wait for the lock that times out, in ns: of a number of
// threads, while the one that has the lock sleeps. The waits of one thread wake its CPU each time; those
// of many hardly do.
func lockWaits(ctx context.Context, waiters int) (float64, error) {
	const (
		interval = time.Millisecond
		length   = 40 * time.Millisecond
	)
	rt, err := runtimeOf(interval, gil.Options{Keep: true})
	if err != nil {
		return 0, err
	}
	defer rt.Close()
	var begin, end, spent int64
	rt.Go("holder", func(*gil.Thread) {
		for range waiters {
			rt.Go("waiter", func(*gil.Thread) {})
		}
		time.Sleep(length / 2) // by then all of them wait
		begin, spent = rt.Now(), cpuTime()
		time.Sleep(length)
		end, spent = rt.Now(), cpuTime()-spent
	})
	if err := rt.Wait(ctx); err != nil {
		return 0, err
	}
	waits := 0
	for _, e := range rt.Log(make([]trace.Thread, len(rt.Threads()))).Events {
		if e.Kind == trace.TimedOut && e.Time >= begin && e.Time < end {
			waits++
		}
	}
	return float64(spent) / float64(max(1, waits)), nil
}

// cpuTime returns the CPU time of this process in ns.
func cpuTime() int64 {
	const clockProcess = 2
	var ts syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockProcess, uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano()
}
