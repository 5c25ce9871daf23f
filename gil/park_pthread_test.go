//go:build linux && cgo

package gil

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// The mutex that is taken by glibc's protocol excludes, and nobody who sleeps on it is
// forgotten: the threads end. The same holds where the protocol is not known.
func TestMutexExcludes(t *testing.T) {
	for _, known := range []bool{true, false} {
		p := osParker(ParkPthread).(*pthreadParker)
		if p.l.word == nil {
			t.Fatal("the word of the mutex was not recognized: is this not glibc?")
		}
		if !known {
			p.l.word = nil
		}
		const threads, times = 4, 20000
		n := 0
		var all sync.WaitGroup
		for i := range threads {
			all.Go(func() {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				for range times {
					if i%2 == 0 {
						p.lock()
					} else {
						p.lockAndWakeAny()
					}
					n++
					if n%64 == 0 {
						yieldThread() // with the mutex: the others come to sleep on it
					}
					p.unlock()
				}
			})
		}
		all.Wait()
		if n != threads*times {
			t.Errorf("known %t: %d times under the mutex, want %d", known, n, threads*times)
		}
		p.destroy()
	}
}

// A waiter asks again after each switch interval of a holder that does not look
// (cpython-3: take_gil waits anew after SET_GIL_DROP_REQUEST), more often than C has room to
// note, and each time stands in the log as if the thread had done it itself.
func TestWaitsAreRenewed(t *testing.T) {
	const interval, asked = 2 * time.Millisecond, 20
	lock, err := policy.New("cpython-3", map[string]any{"switch_interval": interval})
	if err != nil {
		t.Fatal(err)
	}
	rt, err := New(lock, Options{Park: ParkPthread, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	holder := rt.Go("holder", func(t *Thread) {
		t.rt.Go("waiter", func(*Thread) {})
		for n := 0; n < asked; {
			if t.breaker.raised.Swap(0) != 0 {
				n++
			}
		}
		t.breaker.Raise() // the last one was taken down
		t.Checkpoint()
	})
	if err := rt.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	log := rt.Log(make([]trace.Thread, 2))
	if found := trace.Check(log, log.Rules); len(found) > 0 {
		t.Errorf("%d invariants are broken: %v", len(found), found[0])
	}
	var requests, timeouts int
	var since int64
	for _, e := range log.Events {
		if e.Thread == int32(holder.id) {
			continue
		}
		switch e.Kind {
		case trace.Wait:
			since = e.Time
		case trace.TimedOut:
			timeouts++
			if waited := time.Duration(e.Time - since); waited < interval {
				t.Errorf("a wait timed out after %v, want at least %v", waited, interval)
			}
		case trace.Request:
			requests++
		}
	}
	if requests < asked || timeouts < requests {
		t.Errorf("%d requests and %d time-outs, want at least %d", requests, timeouts, asked)
	}
}

// A thread has its cache lines to itself: its size is one of the allocator's that are
// multiples of 64 bytes, and 64 bytes, or two lines at a time, are what processors share.
func TestThreadHasItsLines(t *testing.T) {
	if size := unsafe.Sizeof(Thread{}); unsafe.Sizeof(uintptr(0)) == 8 && size != 256 {
		t.Errorf("a Thread takes %d bytes, want 256: see its padding", size)
	}
}
