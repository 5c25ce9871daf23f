package gil_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/internal/locktest"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// same compares two meters of one worker in all that they report.
func same(t *testing.T, got, want *trace.Meter) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the meters differ: %+v and %+v", got, want)
	}
}

// brisk are the locks to run on real threads, with short intervals so that much
// happens in little time.
var brisk = map[string]func(t *testing.T) policy.Policy{
	"fifo": func(t *testing.T) policy.Policy {
		return open(t, "cpython-3", map[string]any{"wake_order": "fifo", "switch_interval": 200 * time.Microsecond})
	},
	"glibc": func(t *testing.T) policy.Policy {
		return open(t, "cpython-3", map[string]any{"wake_order": "glibc-2.36", "switch_interval": 200 * time.Microsecond})
	},
	"ticks": func(t *testing.T) policy.Policy {
		return open(t, "cpython-2", map[string]any{"check_interval": 50})
	},
	"handoff": func(*testing.T) policy.Policy {
		return locktest.NewHandoff(int64(100*time.Microsecond), int64(300*time.Microsecond))
	},
	"none": func(t *testing.T) policy.Policy { return open(t, "none", nil) },
}

// On real threads, in each way to park, threads that compute, block, yield, run
// without the lock and start others never break an invariant, and what only the
// holder may touch stays whole.
func TestStress(t *testing.T) {
	for _, park := range gil.Parks() {
		for name, lock := range brisk {
			if name == "handoff" && park == gil.ParkGoroutine && testing.Short() {
				continue
			}
			t.Run(fmt.Sprintf("%s/%s", park, name), func(t *testing.T) { stress(t, park, lock(t)) })
		}
	}
}

func stress(t *testing.T, park gil.Park, lock policy.Policy) {
	before := runtime.GOMAXPROCS(0)
	rt, err := gil.New(lock, gil.Options{Park: park, Keep: true, Unlocked: 2})
	if err != nil {
		t.Fatal(err)
	}
	if rt.Park() != park {
		t.Errorf("parks by %s", rt.Park())
	}
	free := lock.Traits().None
	end := int64(100 * time.Millisecond)
	counter, atomics := 0, atomic.Int64{} // the first belongs to whoever has the lock
	count := func() {
		if !free {
			counter++
		}
		atomics.Add(1)
	}
	busy := func(t *gil.Thread, n int) {
		for range n {
			count()
			t.Checkpoint()
			t.Tick(1)
		}
	}
	bodies := []func(*gil.Thread){
		func(t *gil.Thread) { busy(t, 3000) },
		func(t *gil.Thread) { busy(t, 100); t.Sleep(50_000) },
		func(t *gil.Thread) { busy(t, 100); t.Yield() },
		func(t *gil.Thread) { busy(t, 10); t.Blocking(func() {}) },
		func(t *gil.Thread) { t.NoGIL(func() { time.Sleep(30 * time.Microsecond) }); busy(t, 100) },
		func(t *gil.Thread) {
			t.Go("child", func(t *gil.Thread) { busy(t, 10) })
			t.Sleep(int64(2 * time.Millisecond))
		},
	}
	for i, body := range bodies {
		rt.Go(fmt.Sprint("t", i), func(t *gil.Thread) {
			// On a host that is busy, 100 ms may be next to nothing.
			for seq := int64(0); seq < 25 || t.Now() < end; seq++ {
				t.Lane().Begin(seq, t.Now(), t.Now())
				body(t)
				t.Lane().End(t.Now(), 0, "")
			}
		})
	}
	if err := rt.Wait(context.Background()); err != nil {
		t.Error(err)
	}
	verify(t, rt)
	if int64(counter) != atomics.Load() && !free {
		t.Errorf("%d counted under the lock, want %d", counter, atomics.Load())
	}
	if s := rt.Stats(); !free && (s.Takes < 100 || s.Switches == 0) {
		t.Errorf("too little happened: %+v", s)
	}
	rt.Close()
	if got := runtime.GOMAXPROCS(0); got != before {
		t.Errorf("GOMAXPROCS is %d, and was %d", got, before)
	}
}

// verify holds the log of a runtime against the invariants, and its fold against
// the meters.
func verify(t *testing.T, rt *gil.Runtime) {
	t.Helper()
	log := logOf(rt)
	if found := trace.Check(log, log.Rules); found != nil {
		t.Error(errors.Join(found...))
	}
	shakes := map[int32]int{}
	for _, e := range log.Events {
		switch e.Kind {
		case trace.Shake:
			shakes[e.Thread]++
		case trace.Shaken:
			shakes[e.Thread]--
		}
	}
	for thread, n := range shakes {
		if n != 0 {
			t.Errorf("%d shakes of thread %d have no end", n, thread)
		}
	}
	fold := log.Fold(func(int) *trace.Meter { return trace.NewMeter(trace.Window{End: 1<<63 - 1}, 0, 0) })
	for i, m := range fold {
		same(t, m, rt.Threads()[i].Lane().Meter())
	}
}

// An abort in the middle of it all leaves no thread behind and a sound log.
func TestStressAborted(t *testing.T) {
	for _, park := range gil.Parks() {
		for name, lock := range brisk {
			t.Run(fmt.Sprintf("%s/%s", park, name), func(t *testing.T) {
				rt, err := gil.New(lock(t), gil.Options{Park: park, Keep: true})
				if err != nil {
					t.Fatal(err)
				}
				defer rt.Close()
				for range 3 {
					rt.Go("hog", func(t *gil.Thread) {
						for {
							t.Checkpoint()
							t.Tick(1)
						}
					})
					rt.Go("starter", func(t *gil.Thread) {
						for {
							t.Go("child", func(t *gil.Thread) { t.Sleep(100_000) })
							t.Sleep(200_000)
						}
					})
				}
				ctx, cancel := context.WithTimeout(context.Background(), 15*time.Millisecond)
				defer cancel()
				if err := rt.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Wait returns %v", err)
				}
				verify(t, rt)
			})
		}
	}
}

// GOMAXPROCS covers the CPUs, those who compute without the lock and a few, while
// a runtime is open, and is what it was when the last one is closed.
func TestGOMAXPROCS(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	openOne := func(unlocked int) *gil.Runtime {
		rt, err := gil.New(fifo(t), gil.Options{Unlocked: unlocked})
		if err != nil {
			t.Fatal(err)
		}
		return rt
	}
	a := openOne(0)
	if got := runtime.GOMAXPROCS(0); got <= runtime.NumCPU() {
		t.Errorf("%d with a runtime open", got)
	}
	b := openOne(100)
	wide := runtime.GOMAXPROCS(0)
	if wide < min(256, runtime.NumCPU()+100) {
		t.Errorf("%d with 100 threads without the lock", wide)
	}
	a.Close()
	if got := runtime.GOMAXPROCS(0); got != wide {
		t.Errorf("%d while one is open still, was %d", got, wide)
	}
	c := openOne(1_000_000)
	if got := runtime.GOMAXPROCS(0); got > max(256, before) {
		t.Errorf("%d is beyond all bounds", got)
	}
	b.Close()
	c.Close()
	if got := runtime.GOMAXPROCS(0); got != before {
		t.Errorf("%d at the end, was %d", got, before)
	}
}

// A way to park that this build lacks is an error that says what it has.
func TestUnknownPark(t *testing.T) {
	if _, err := gil.New(fifo(t), gil.Options{Park: "spin"}); err == nil || err.Error() != fmt.Sprintf("park: spin is not in this build for this system; use auto, or one of %v", gil.Parks()) {
		t.Errorf("got %v", err)
	}
	if ps := gil.Parks(); ps[len(ps)-1] != gil.ParkGoroutine {
		t.Errorf("ways to park: %v, want goroutine among them", ps)
	}
}

// A policy that leaves it to the host whom a signal reaches needs a way to park that
// does so.
func TestHostOrderNeedsPthread(t *testing.T) {
	for _, park := range gil.Parks() {
		rt, err := gil.New(policy.WithHostOrder(fifo(t)), gil.Options{Park: park})
		if (err == nil) != (park == gil.ParkPthread) {
			t.Errorf("%s: %v", park, err)
		}
		if err == nil {
			rt.Close()
		}
	}
}

// The collector stops all goroutines. Neither the thread that has the mutex nor
// those that want it may keep it from that, nor it them.
func TestCollectorBesideTheLock(t *testing.T) {
	for _, park := range gil.Parks() {
		t.Run(string(park), func(t *testing.T) {
			lock := open(t, "cpython-3", map[string]any{"switch_interval": 20 * time.Microsecond})
			rt, err := gil.New(lock, gil.Options{Park: park, Keep: true})
			if err != nil {
				t.Fatal(err)
			}
			defer rt.Close()
			end := int64(60 * time.Millisecond) // dozens of collections
			for range 4 {
				rt.Go("t", func(t *gil.Thread) {
					for t.Now() < end {
						t.Blocking(func() {})
						t.Checkpoint()
					}
				})
			}
			for rt.Now() < end {
				runtime.GC()
			}
			if err := rt.Wait(context.Background()); err != nil {
				t.Error(err)
			}
			verify(t, rt)
		})
	}
}

// The rules that a log is checked by are those of the lock that was run.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		lock policy.Policy
		want trace.Rules
	}{
		{fifo(t), trace.Rules{Lock: true, WakeOrder: "fifo", Interval: interval, Shakes: true}},
		{open(t, "cpython-3", nil), trace.Rules{Lock: true, WakeOrder: "glibc-2.36", Interval: interval, Shakes: true}},
		{open(t, "cpython-2", nil), trace.Rules{Lock: true, WakeOrder: "fifo", Countdown: true}},
		{open(t, "none", nil), trace.Rules{}},
	} {
		rt, err := gil.New(c.lock, gil.Options{Park: gil.ParkGoroutine})
		if err != nil {
			t.Fatal(err)
		}
		if got := rt.Rules(); got != c.want || rt.Log(nil).Rules != c.want {
			t.Errorf("rules %+v, want %+v", got, c.want)
		}
		rt.Close()
	}
	if gil.Parks()[0] != gil.ParkPthread {
		return
	}
	rt, err := gil.New(fifo(t), gil.Options{Park: gil.ParkPthread})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	if got := rt.Rules().WakeOrder; got != "host" {
		t.Errorf("the C library wakes whom it likes, and the rules say %s", got)
	}
}
