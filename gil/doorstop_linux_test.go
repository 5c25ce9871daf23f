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
// sleep, and so has not to be woken by each thread that comes back, after which it looks
// every 20 microseconds for a while: 60 context switches of its own for each. What is left
// is one look in 10 ms, and the doorstop that it interrupts.
func TestMonitorIsNotWokenByEachThread(t *testing.T) {
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
			const naps = 100
			time.Sleep(20 * time.Millisecond) // the monitor has slowed down
			before, begin := switches(t), time.Now()
			rt.Go("sleeper", func(th *gil.Thread) {
				for range naps {
					th.Sleep(int64(5 * time.Millisecond))
				}
			})
			if err := rt.Wait(context.Background()); err != nil {
				t.Fatal(err)
			}
			looks := int64(time.Since(begin) / (10 * time.Millisecond))
			if n := switches(t) - before; n > 5*naps+8*looks {
				t.Errorf("%d context switches for %d naps and %d looks of the monitor", n, naps, looks)
			}
		})
	}
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
