//go:build linux && !race

package gil_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil"
)

// While a runtime is open whose threads wait in the kernel, Go's monitor does not go to
// sleep, and so has not to be woken by a thread that comes back and computes, upon which it
// looks every 20 microseconds for a while: dozens of context switches of its own each time.
// What is left is one look in 10 ms, and the doorstop that it interrupts.
func TestMonitorIsNotWokenByEachThread(t *testing.T) {
	inTheKernel(t, func(t *testing.T, rt *gil.Runtime) {
		const times = 50
		time.Sleep(20 * time.Millisecond) // the monitor has slowed down
		before, begin := switches(t), time.Now()
		rt.Go("worker", func(th *gil.Thread) {
			for range times {
				th.Sleep(int64(5 * time.Millisecond))
				for end := th.Now() + int64(3*time.Millisecond); th.Now() < end; {
					th.Checkpoint()
				}
			}
		})
		if err := rt.Wait(context.Background()); err != nil {
			t.Fatal(err)
		}
		looks := int64(time.Since(begin) / (10 * time.Millisecond))
		n := switches(t) - before
		t.Logf("%d context switches for %d times and %d looks of the monitor", n, times, looks)
		if n > 3*times+5*looks {
			t.Error("too many")
		}
	})
}

// The goroutine that keeps the monitor awake lets itself be stopped for the garbage
// collector, and ends with the last runtime.
func TestDoorstopIsNoObstacle(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		rt, err := gil.New(open(t, "cpython-3", nil), gil.Options{})
		if err != nil {
			t.Fatal(err)
		}
		runtime.GC()
		rt.Close()
	}
	for i := 0; runtime.NumGoroutine() > before; i++ {
		if i == 100 {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
