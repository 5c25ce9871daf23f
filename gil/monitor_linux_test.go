//go:build linux && !race

package gil_test

import (
	"context"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil"
)

// Threads that wait for the lock leave Go's monitor asleep: it takes a P from a thread
// that has kept it in a system call for ten milliseconds, and looks every 20
// microseconds for a while after (runtime/proc.go: sysmon, retake). Where waiting
// threads kept their P's there were 28 context switches for each turn of the lock;
// CPython has 4.
func TestWaitersKeepTheMonitorAsleep(t *testing.T) {
	inTheKernel(t, func(t *testing.T, rt *gil.Runtime) {
		if rt.Park() == gil.ParkPthread && runtime.GOARCH != "amd64" {
			t.Skip("a thread in a cgo call keeps its P")
		}
		end := rt.Now() + int64(500*time.Millisecond)
		before := switches(t)
		for range 3 {
			rt.Go("hog", func(th *gil.Thread) {
				for th.Now() < end {
					th.Checkpoint()
				}
			})
		}
		if err := rt.Wait(context.Background()); err != nil {
			t.Fatal(err)
		}
		turns := rt.Stats().Forced
		if turns < 20 {
			t.Skipf("only %d turns: the host is too busy", turns)
		}
		if n := switches(t) - before; n > 14*turns {
			t.Errorf("%d context switches for %d turns of the lock", n, turns)
		}
	})
}

// inTheKernel runs a test on a runtime in each way to park in which threads wait there.
func inTheKernel(t *testing.T, f func(*testing.T, *gil.Runtime)) {
	for _, park := range gil.Parks() {
		if park == gil.ParkGoroutine {
			continue
		}
		t.Run(string(park), func(t *testing.T) {
			rt, err := gil.New(open(t, "cpython-3", nil), gil.Options{Park: park})
			if err != nil {
				t.Fatal(err)
			}
			defer rt.Close()
			f(t, rt)
		})
	}
}

// switches returns how often threads of the process have gone to sleep.
func switches(t *testing.T) int64 {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		t.Fatal(err)
	}
	return int64(use.Nvcsw)
}
