package gil_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// CPython acquire_timed: a lock that is free is taken without letting go of the
// interpreter's.
func TestFreeSemaphoreKeepsTheLock(t *testing.T) {
	log := bubble(t, fifo(t), func(rt *gil.Runtime) {
		s := rt.NewSemaphore(true)
		rt.Go("alone", func(t *gil.Thread) {
			for range 3 {
				s.Acquire(t, nil, nil)
				s.Post()
			}
		})
	})
	if got := kindsOf(log); !slices.Equal(got, []trace.Kind{trace.Take, trace.Release}) {
		t.Errorf("the lock reports %v", got)
	}
}

// The convoy of a program's lock: its holder lets go of the interpreter's lock for a
// call of 1 ms, and then has to wait for it next to the threads that compute. So long
// the program's lock is held, and so long waits who wants it.
//
// Next to one, that is a whole switch interval more; next to several, which of them
// comes first is a race, even in virtual time.
func TestLockConvoy(t *testing.T) {
	const step = 100 * time.Microsecond
	for hogs, want := range []int64{1 * ms, 6 * ms, 5 * ms} {
		var held []int64
		bubble(t, fifo(t), func(rt *gil.Runtime) {
			s := rt.NewSemaphore(true)
			for range hogs {
				rt.Go("hog", func(t *gil.Thread) { work(t, 400*time.Millisecond, step) })
				synctest.Wait()
			}
			rt.Go("holder", func(t *gil.Thread) {
				for range 5 {
					s.Acquire(t, nil, nil)
					before := t.Now()
					t.Sleep(ms)
					held = append(held, t.Now()-before)
					s.Post()
				}
			})
		})
		for _, d := range held {
			if d < want || hogs < 2 && d > want+int64(step) {
				t.Errorf("%d hogs: the lock was held for %v, want %v or a step more", hogs, time.Duration(d), time.Duration(want))
			}
		}
		if len(held) != 5 {
			t.Errorf("%d hogs: held %d times", hogs, len(held))
		}
	}
}

// A Post hands the semaphore to nobody: who posts it may have it again before the
// thread that was woken for it gets there, which then waits again.
func TestSemaphoreBarges(t *testing.T) {
	var order []string
	waits := 0
	bubble(t, open(t, "none", nil), func(rt *gil.Runtime) {
		s := rt.NewSemaphore(true)
		rt.Go("first", func(t *gil.Thread) {
			s.Acquire(t, nil, nil)
			time.Sleep(time.Millisecond) // the other one waits
			s.Post()
			if !s.Try() { // the woken one has not run: nothing here blocks
				order = append(order, "lost the race")
				return
			}
			order = append(order, "first")
			time.Sleep(time.Millisecond)
			s.Post()
		})
		synctest.Wait()
		rt.Go("second", func(t *gil.Thread) {
			s.Acquire(t, func() { waits++ }, nil)
			order = append(order, "second")
		})
	})
	// On two CPUs the woken goroutine may win; then there is nothing to see.
	if order[0] == "first" && (waits != 2 || !slices.Equal(order, []string{"first", "second"})) {
		t.Errorf("%d waits, order %v", waits, order)
	}
}

// However threads park, with and without an interpreter lock, a semaphore keeps them
// apart, and none is forgotten.
func TestSemaphoreExcludes(t *testing.T) {
	for _, park := range gil.Parks() {
		for _, lock := range []string{"cpython-3", "none"} {
			t.Run(fmt.Sprintf("%s-%s", park, lock), func(t *testing.T) {
				rt := started(t, park, open(t, lock, nil))
				s, inside, sum := rt.NewSemaphore(true), 0, 0
				for range 4 {
					rt.Go("one", func(t *gil.Thread) {
						for i := range 500 {
							s.Acquire(t, nil, nil)
							if inside++; inside != 1 {
								panic("two inside")
							}
							if sum++; i%50 == 0 {
								t.Yield() // others come to wait
							}
							inside--
							s.Post()
						}
					})
				}
				if err := rt.Wait(context.Background()); err != nil {
					t.Fatal(err)
				}
				if sum != 2000 || !s.Free() {
					t.Errorf("%d times inside, want 2000; free at the end: %t", sum, s.Free())
				}
			})
		}
	}
}

// An abort wakes who waits for a semaphore, and whoever comes later does not wait.
func TestAbortWakesSemaphore(t *testing.T) {
	for _, park := range gil.Parks() {
		t.Run(string(park), func(t *testing.T) {
			rt := started(t, park, fifo(t))
			s, waiting := rt.NewSemaphore(false), make(chan struct{}, 3)
			for range 3 {
				rt.Go("one", func(t *gil.Thread) {
					s.Acquire(t, func() { waiting <- struct{}{} }, nil)
					panic("had what nobody gave")
				})
			}
			for range 3 {
				<-waiting
			}
			rt.Abort()
			rt.Go("late", func(t *gil.Thread) { s.Acquire(t, nil, nil) })
			if err := rt.Wait(context.Background()); !errors.Is(err, gil.ErrAborted) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// started returns a runtime that is closed at the end of the test.
func started(t *testing.T, park gil.Park, lock policy.Policy) *gil.Runtime {
	t.Helper()
	rt, err := gil.New(lock, gil.Options{Park: park})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rt.Close)
	return rt
}

func BenchmarkSemaphore(b *testing.B) {
	for _, park := range gil.Parks() {
		b.Run(string(park), func(b *testing.B) {
			lock, err := policy.New("cpython-3", nil)
			if err != nil {
				b.Fatal(err)
			}
			rt, err := gil.New(lock, gil.Options{Park: park})
			if err != nil {
				b.Fatal(err)
			}
			defer rt.Close()
			s := rt.NewSemaphore(true)
			rt.Go("one", func(t *gil.Thread) {
				for range b.N {
					s.Acquire(t, nil, nil)
					s.Post()
				}
			})
			if err := rt.Wait(context.Background()); err != nil {
				b.Fatal(err)
			}
		})
	}
}
