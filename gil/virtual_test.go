package gil_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/internal/locktest"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// These tests run in virtual time: a goroutine waits on channels and timers only,
// and time goes on when all of them wait. Nothing is measured, so figures are
// exact. Work is a sleep that keeps the lock, as computing does, and then a look
// at the request.

// bubble runs f in virtual time on a runtime of that lock, waits for its threads,
// and holds its log against the invariants.
func bubble(t *testing.T, lock policy.Policy, f func(rt *gil.Runtime)) *trace.Log {
	t.Helper()
	var log *trace.Log
	synctest.Test(t, func(t *testing.T) {
		rt, err := gil.New(lock, gil.Options{Park: gil.ParkGoroutine, Keep: true})
		if err != nil {
			t.Fatal(err)
		}
		defer rt.Close()
		f(rt)
		if err := rt.Wait(t.Context()); err != nil && !errors.Is(err, gil.ErrAborted) {
			t.Fatal(err)
		}
		log = logOf(rt)
		for _, err := range trace.Check(log, log.Rules) {
			t.Error(err)
		}
	})
	return log
}

func logOf(rt *gil.Runtime) *trace.Log {
	var names []trace.Thread
	for _, t := range rt.Threads() {
		names = append(names, trace.Thread{Group: t.Name()})
	}
	return rt.Log(names)
}

func fifo(t *testing.T) policy.Policy {
	return open(t, "cpython-3", map[string]any{"wake_order": "fifo"})
}

// work computes for d, looking at the request every step.
func work(t *gil.Thread, d, step time.Duration) {
	for end := t.Now() + int64(d); t.Now() < end; {
		time.Sleep(step)
		t.Checkpoint()
	}
}

const ms = int64(time.Millisecond)

// CPython take_gil: next to one thread that computes, whoever wants the lock waits
// one switch interval, and then until the holder's next checkpoint.
func TestPollerWaitsOneInterval(t *testing.T) {
	var waits []int64
	bubble(t, fifo(t), func(rt *gil.Runtime) {
		rt.Go("hog", func(t *gil.Thread) { work(t, 100*time.Millisecond, 100*time.Microsecond) })
		synctest.Wait()
		rt.Go("poll", func(t *gil.Thread) {
			for range 5 {
				before := t.Now()
				t.Sleep(ms)
				waits = append(waits, t.Now()-before-ms)
			}
		})
	})
	// The poller comes at a multiple of the hog's step; its time-out and the
	// checkpoint are at the same moment, and either may come first.
	for _, w := range waits {
		if w != interval && w != interval+100_000 {
			t.Errorf("a wait of %v, want 5 ms or one step more", time.Duration(w))
		}
	}
	if len(waits) != 5 {
		t.Fatalf("%d waits", len(waits))
	}
}

// The same off the beat: the request is seen at the first checkpoint after it.
func TestRequestIsSeenAtCheckpoint(t *testing.T) {
	var wait int64
	bubble(t, fifo(t), func(rt *gil.Runtime) {
		rt.Go("hog", func(t *gil.Thread) { work(t, 30*time.Millisecond, 3*time.Millisecond) })
		time.Sleep(time.Millisecond)
		rt.Go("late", func(t *gil.Thread) { wait = t.Now() - ms })
	})
	// It asks at 6 ms and a moment, or at 6 ms sharp: then the checkpoint at that
	// moment may be too early.
	if wait != 5*ms && wait != 8*ms {
		t.Errorf("waited for %v, want 5 or 8 ms", time.Duration(wait))
	}
}

// A lone thread is never asked to let go, however long it computes.
func TestNoWaiterNoSwitch(t *testing.T) {
	log := bubble(t, fifo(t), func(rt *gil.Runtime) {
		rt.Go("hog", func(t *gil.Thread) { work(t, time.Second, time.Millisecond) })
	})
	if got := kindsOf(log); !slices.Equal(got, []trace.Kind{trace.Take, trace.Release}) {
		t.Errorf("the lock reports %v", got)
	}
}

func kindsOf(log *trace.Log) []trace.Kind {
	var out []trace.Kind
	for i := range log.Events {
		if k := log.Events[i].Kind; k.OfLock() {
			out = append(out, k)
		}
	}
	return out
}

// Threads that all compute take turns of one interval each, in a fixed order. Who
// asks queues anew behind the third: so the turns go 0, 2, 1, as they do in CPython
// 3.8 to 3.13 with a condition variable that serves in order.
func TestRoundRobin(t *testing.T) {
	log := bubble(t, fifo(t), func(rt *gil.Runtime) {
		for _, name := range []string{"a", "b", "c"} {
			rt.Go(name, func(t *gil.Thread) { work(t, 200*time.Millisecond, 70*time.Microsecond) })
			time.Sleep(300 * time.Microsecond) // they come one after the other
		}
	})
	var order []int32
	var last int64
	for i := range log.Events {
		if e := &log.Events[i]; e.Kind == trace.Take && len(order) < 12 {
			if turn := e.Time - last; len(order) > 1 && (turn < interval || turn > interval+140_000) {
				t.Errorf("a turn of %v, want one interval and up to two steps", time.Duration(turn))
			}
			order, last = append(order, e.Thread), e.Time
		}
	}
	if want := []int32{0, 2, 1, 0, 2, 1, 0, 2, 1, 0, 2, 1}; !slices.Equal(order, want) {
		t.Errorf("turns %v, want %v", order, want)
	}
}

// CPython drop_gil: a thread that blocks while it is asked to let go shakes hands
// before its call begins.
func TestVoluntaryReleaseShakes(t *testing.T) {
	log := bubble(t, fifo(t), func(rt *gil.Runtime) {
		rt.Go("busy", func(t *gil.Thread) {
			time.Sleep(7 * time.Millisecond) // a long call that does not look
			t.Sleep(ms)
		})
		synctest.Wait()
		rt.Go("waiter", func(*gil.Thread) {})
	})
	want := []trace.Kind{
		trace.Take, trace.Ask, trace.Wait, trace.TimedOut, trace.Request, trace.Wait,
		trace.Release, trace.Handoff, trace.Shake, // busy, at 7 ms
		trace.Woken, trace.Take, trace.Handoff,
	}
	got := kindsOf(log)
	if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
		t.Errorf("the lock reports %v, want it to begin with %v", got, want)
	}
	if !slices.Contains(got, trace.Shaken) {
		t.Error("the shake does not end")
	}
}

// Thread.start waits for the child to have had the lock, which takes no time
// without competition. Next to a thread that computes it takes one interval for the
// child at most, and two for the parent: the other thread may take the lock in the
// parent's wait, and a wait in which that happens ends without a request.
func TestStartHandshake(t *testing.T) {
	start := func(t *testing.T, hog bool) (cost int64) {
		ran := false
		bubble(t, fifo(t), func(rt *gil.Runtime) {
			rt.Go("parent", func(t *gil.Thread) {
				t.Sleep(ms) // the hog is at work from now on
				before := t.Now()
				started := false
				t.Go("child", func(*gil.Thread) { started = true })
				cost, ran = t.Now()-before, started
			})
			if hog {
				rt.Go("hog", func(t *gil.Thread) { work(t, 100*time.Millisecond, 100*time.Microsecond) })
			}
		})
		if !ran {
			t.Error("the parent went on before its child had had the lock")
		}
		return cost
	}
	if cost := start(t, false); cost != 0 {
		t.Errorf("alone a start takes %v", time.Duration(cost))
	}
	if cost := start(t, true); cost > 3*interval+ms {
		t.Errorf("next to a hog a start takes %v, want three intervals at most", time.Duration(cost))
	}
}

// Another thread that computes keeps its lock while code runs without the lock, and
// threads without the lock do not wait for it.
func TestNoGILRunsBeside(t *testing.T) {
	var took int64
	bubble(t, fifo(t), func(rt *gil.Runtime) {
		rt.Go("hog", func(t *gil.Thread) { work(t, 50*time.Millisecond, 100*time.Microsecond) })
		synctest.Wait()
		rt.Go("hash", func(t *gil.Thread) {
			t.NoGIL(func() {
				before := t.Now()
				time.Sleep(20 * time.Millisecond)
				took = t.Now() - before
			})
		})
	})
	if took != 20*ms {
		t.Errorf("20 ms without the lock took %v", time.Duration(took))
	}
}

// Abort ends threads wherever they are: computing, waiting, sleeping, waiting for
// a child to start. Nobody is left behind, or the bubble would be deadlocked.
func TestAbort(t *testing.T) {
	for _, name := range []string{"cpython-3", "cpython-2", "none"} {
		t.Run(name, func(t *testing.T) {
			lock := open(t, name, nil)
			ended := 0
			log := bubble(t, lock, func(rt *gil.Runtime) {
				rt.Go("hog", func(t *gil.Thread) {
					defer func() { ended++ }()
					for {
						time.Sleep(100 * time.Microsecond)
						t.Checkpoint()
						t.Tick(10)
					}
				})
				synctest.Wait()
				rt.Go("sleeper", func(t *gil.Thread) { t.Sleep(int64(time.Hour)) })
				rt.Go("parent", func(t *gil.Thread) {
					t.Go("child", func(t *gil.Thread) { t.Sleep(int64(time.Hour)) })
					t.Sleep(int64(time.Hour))
				})
				time.Sleep(7 * time.Millisecond) // the parent may wait for its child now
				rt.Abort()
				if err := rt.Wait(context.Background()); !errors.Is(err, gil.ErrAborted) {
					t.Errorf("Wait returns %v", err)
				}
				if !rt.Aborting() || ended != 1 {
					t.Errorf("aborting: %t, threads that unwound: %d", rt.Aborting(), ended)
				}
			})
			if last := log.Events[len(log.Events)-1]; last.Time > int64(200*time.Millisecond) {
				t.Errorf("the last thread ended at %v", time.Duration(last.Time))
			}
		})
	}
}

// At whatever moment an abort comes, all threads end, and the log is sound.
func TestAbortAtAnyMoment(t *testing.T) {
	for at := time.Duration(0); at < 16*time.Millisecond; at += 170 * time.Microsecond {
		bubble(t, fifo(t), func(rt *gil.Runtime) {
			rt.Go("hog", func(t *gil.Thread) { work(t, time.Hour, 100*time.Microsecond) })
			rt.Go("parent", func(t *gil.Thread) {
				for {
					t.Go("child", func(t *gil.Thread) { t.Sleep(ms) })
				}
			})
			rt.Go("poll", func(t *gil.Thread) {
				for {
					t.Sleep(ms)
					t.Yield()
				}
			})
			time.Sleep(at)
			rt.Abort()
		})
	}
}

// The end of the context aborts the threads, and Wait says whose fault it was.
func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := gil.New(fifo(t), gil.Options{Park: gil.ParkGoroutine})
		if err != nil {
			t.Fatal(err)
		}
		defer rt.Close()
		rt.Go("hog", func(t *gil.Thread) { work(t, time.Hour, time.Millisecond) })
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if err := rt.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Wait returns %v", err)
		}
		if rt.Now() > 22*ms {
			t.Errorf("it took until %v", time.Duration(rt.Now()))
		}
	})
}

// A panic of a thread ends the others and comes back as an error, wherever the
// thread was, and never as a lock that nobody can have.
func TestPanicComesBack(t *testing.T) {
	for name, f := range map[string]func(*gil.Thread){
		"with the lock":    func(*gil.Thread) { panic("out of cheese") },
		"without the lock": func(t *gil.Thread) { t.Blocking(func() { panic("out of cheese") }) },
		"in a child": func(t *gil.Thread) {
			t.Go("child", func(*gil.Thread) { panic("out of cheese") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rt, err := gil.New(fifo(t), gil.Options{Park: gil.ParkGoroutine})
				if err != nil {
					t.Fatal(err)
				}
				defer rt.Close()
				rt.Go("hog", func(t *gil.Thread) { work(t, time.Hour, time.Millisecond) })
				rt.Go("faulty", f)
				rt.Go("idle", func(t *gil.Thread) { t.Sleep(int64(time.Hour)) })
				if err := rt.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), "out of cheese") {
					t.Errorf("Wait returns %v", err)
				}
			})
		})
	}
}

// The tick lock: a thread lets go at the end of a countdown, whether or not time
// has passed, and only if somebody waits.
func TestTicks(t *testing.T) {
	log := bubble(t, open(t, "cpython-2", map[string]any{"check_interval": 10}), func(rt *gil.Runtime) {
		if rt.Ticks() != 10 {
			t.Errorf("%d ticks", rt.Ticks())
		}
		for _, name := range []string{"a", "b"} {
			rt.Go(name, func(t *gil.Thread) {
				for range 200 {
					time.Sleep(time.Millisecond)
					t.Tick(1)
				}
			})
			synctest.Wait()
		}
	})
	forced := 0
	for i := range log.Events {
		if e := &log.Events[i]; e.Kind == trace.Forced {
			// Eleven ticks pass from one check to the next: the count goes below zero.
			if forced++; e.Time%(11*ms) != 0 {
				t.Errorf("let go at %v", time.Duration(e.Time))
			}
		}
	}
	if forced == 0 {
		t.Error("nobody let go")
	}
}

// A lock that designates its next holder and lives on a timer, as Ruby 3.3, runs
// on the same driver: nobody overtakes, and turns last a quantum.
func TestHandoffLock(t *testing.T) {
	log := bubble(t, locktest.NewHandoff(10*ms, 100*ms), func(rt *gil.Runtime) {
		for _, name := range []string{"a", "b"} {
			rt.Go(name, func(t *gil.Thread) { work(t, time.Second, time.Millisecond) })
			synctest.Wait()
		}
		rt.Go("poll", func(t *gil.Thread) {
			for range 3 {
				t.Sleep(ms)
			}
		})
	})
	asked := 0
	var taken int64
	for i := range log.Events {
		switch e := &log.Events[i]; e.Kind {
		case trace.Take:
			taken = e.Time
			if e.Arg != 0 {
				t.Errorf("%d overtakes at %v", e.Thread, time.Duration(e.Time))
			}
		case trace.Request:
			if asked++; e.Time-taken < 90*ms || e.Time-taken > 110*ms || e.Thread != -1 {
				t.Errorf("asked by %d after a turn of %v, want the timer after ten ticks", e.Thread, time.Duration(e.Time-taken))
			}
		}
	}
	if asked < 10 {
		t.Errorf("the timer asked %d times", asked)
	}
}

// Without a lock threads run side by side, and the lanes say so.
func TestNone(t *testing.T) {
	log := bubble(t, open(t, "none", nil), func(rt *gil.Runtime) {
		for range 3 {
			rt.Go("hog", func(t *gil.Thread) { work(t, 50*time.Millisecond, time.Millisecond) })
		}
	})
	for i := range log.Events {
		if e := &log.Events[i]; e.Time > 50*ms || e.Kind.OfLock() {
			t.Errorf("%s at %v", e.Kind, time.Duration(e.Time))
		}
	}
}

// The meters that ran along, the statistics and the fold of the log agree.
func TestFoldOfARun(t *testing.T) {
	window := trace.Window{Start: 20 * ms, End: 90 * ms}
	meter := func(int) *trace.Meter { return trace.NewMeter(window, 0, 0) }
	synctest.Test(t, func(t *testing.T) {
		rt, err := gil.New(fifo(t), gil.Options{Park: gil.ParkGoroutine, Keep: true, Window: window})
		if err != nil {
			t.Fatal(err)
		}
		defer rt.Close()
		for i := range 4 {
			rt.Go("w", func(t *gil.Thread) {
				for seq := int64(0); t.Now() < 100*ms; seq++ {
					t.Lane().Begin(seq, t.Now(), t.Now())
					t.Sleep(int64(i) * ms)
					work(t, time.Duration(3-i)*4*time.Millisecond, 100*time.Microsecond)
					t.Lane().End(t.Now(), int64(i)*ms, "")
				}
			})
		}
		if err := rt.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		log, takes := logOf(rt), int64(0)
		for i, m := range log.Fold(meter) {
			same(t, m, rt.Threads()[i].Lane().Meter())
		}
		for i := range log.Events {
			if log.Events[i].Kind == trace.Take {
				takes++
			}
		}
		if s := rt.Stats(); s.Takes != takes || s.Forced == 0 || s.Switches == 0 {
			t.Errorf("statistics %+v, and the log has %d takes", s, takes)
		}
	})
}
