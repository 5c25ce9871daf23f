//go:build linux && cgo

package gil

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// The mutex excludes, and stops of the world do not end in a deadlock with threads that wait
// for it while they run: who has it goes on.
func TestMutexExcludes(t *testing.T) {
	p := osParker(ParkPthread).(*pthreadParker)
	defer p.destroy()
	var stopped atomic.Bool
	stops := make(chan int)
	go func() {
		var stats runtime.MemStats
		n := 0
		for ; !stopped.Load(); n++ {
			runtime.ReadMemStats(&stats) // stops the world
		}
		stops <- n
	}()
	const threads = 3
	n, taken := 0, make([]int, threads)
	end := Monotonic() + int64(200*time.Millisecond)
	var all sync.WaitGroup
	for i := range threads {
		all.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for Monotonic() < end {
				if i == 0 {
					p.lockAndWakeAny()
				} else {
					p.lock()
				}
				for until := Monotonic() + 20_000; Monotonic() < until; { // the others come to sleep on it
				}
				n++
				taken[i]++
				p.unlock()
			}
		})
	}
	all.Wait()
	stopped.Store(true)
	t.Logf("%d stops of the world", <-stops)
	for _, k := range taken {
		n -= k
	}
	if n != 0 {
		t.Errorf("%d times under the mutex are missing", -n)
	}
}

// All functions of a lock are called once when it is made, which leaves nothing behind: nobody has the
// lock or had it, nobody waits, and there is nothing to tell the policy.
func TestNewLockIsUntouched(t *testing.T) {
	p := osParker(ParkPthread).(*pthreadParker)
	defer p.destroy()
	if l := p.l; l.breaker != nil || l.shaker != nil || l.switches != 0 || ^l.last != 0 || *p.noted() != 0 {
		t.Errorf("breaker %p, shaker %p, %d switches, last %d, %d notes; want nil, nil, 0, none and 0", l.breaker, l.shaker, l.switches, int32(l.last), *p.noted())
	}
	p.lock() // is free
	p.unlock()
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
	// The holder may miss some, when its CPU is taken away.
	if requests < asked || requests > 4*asked || timeouts < requests {
		t.Errorf("%d requests and %d time-outs, want about %d", requests, timeouts, asked)
	}
}

// faint is a lock that does not promise what its driver would rely on.
type faint struct {
	policy.Policy
	traits policy.Traits
}

func (f faint) Traits() policy.Traits { return f.traits }

// Where the host chooses, C decides before the policy does, so it has to know what.
func TestAheadIsNeeded(t *testing.T) {
	lock, err := policy.New("cpython-3", nil)
	if err != nil {
		t.Fatal(err)
	}
	lock = policy.WithHostOrder(lock)
	for name, spoil := range map[string]func(*policy.Traits){
		"nothing":  func(*policy.Traits) {},
		"ahead":    func(tr *policy.Traits) { tr.Ahead = false },
		"interval": func(tr *policy.Traits) { tr.Interval = 0 },
	} {
		f := faint{lock, lock.Traits()}
		spoil(&f.traits)
		rt, err := New(f, Options{Park: ParkPthread})
		if (err == nil) != (name == "nothing") {
			t.Errorf("without %s: error %v", name, err)
		}
		if err == nil {
			rt.Close()
		}
	}
}

// A thread has its cache lines to itself: its size is one of the allocator's that are
// multiples of 64 bytes, and 64 bytes, or two lines at a time, are what processors share.
func TestThreadHasItsLines(t *testing.T) {
	if size := unsafe.Sizeof(Thread{}); unsafe.Sizeof(uintptr(0)) == 8 && size != 256 {
		t.Errorf("a Thread takes %d bytes, want 256: see its padding", size)
	}
}
