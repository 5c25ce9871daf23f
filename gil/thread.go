package gil

import (
	"math"
	"runtime"
	"time"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// Thread is a thread of a Runtime. Its methods are for the function that it
// runs, except for the readers of what it recorded, once it has ended.
type Thread struct {
	breaker Breaker // first: a checkpoint loads it
	rt      *Runtime
	id      policy.Thread
	name    string
	holds   bool
	steps   bool // is inside the policy
	seat    seat
	lane    *trace.Lane
	wakes   []*seat      // to be woken once the mutex is free
	asks    *Breaker     // to be raised before the mutex is free; nil: none
	awaits  policy.Input // its wait for the lock, as the policy is told of its end

	// Makes it 256 bytes where there is cgo, and the allocator gives an object of that size
	// cache lines of its own: a thread that waits must not take from one that runs the
	// line of its breaker.
	_ [64]byte
}

// Name returns the name that the thread was started with.
func (t *Thread) Name() string { return t.name }

// Runtime returns the runtime that the thread belongs to.
func (t *Thread) Runtime() *Runtime { return t.rt }

// Lane returns the thread's recorder.
func (t *Thread) Lane() *trace.Lane { return t.lane }

// Now returns the time since time 0 in nanoseconds.
func (t *Thread) Now() int64 { return t.rt.Now() }

// PerfCounter is Now as a thread has it that asks CPython's time.perf_counter. Where the lock
// waits as CPython's does, through the C library, this goes through it as well: what a
// program calls there between two releases decides races for the lock, since it keeps the
// linker's tables at hand for the release. With an interval of 20 ms, a thread that sleeps 1 ms at a
// time next to two that call fib(20) waited 72.8 ms in the mean where these looked at
// the clock before and after each call, as programs that measure do, and 56.5 ms where they
// did not (CPython 3.11, 20 runs of 2 s each in turn; AMD EPYC, Linux 6.18, glibc 2.36, November
// 2026). The body of a thread is to be timed with it.
func (t *Thread) PerfCounter() int64 {
	if host := t.rt.host; host != nil {
		return host.lookAtClock() - t.rt.epoch
	}
	return t.Now()
}

// Breaker returns the flag that Checkpoint looks at, for kernels that look
// themselves.
func (t *Thread) Breaker() *Breaker { return &t.breaker }

// Checkpoint is where running code looks whether it has to let go: CPython's
// eval breaker. When the lock was asked for, it returns once the thread has it
// again. Where the lock counts ticks, Tick does this instead.
func (t *Thread) Checkpoint() { t.breaker.Check() }

// Tick counts n ticks and lets go of the lock when the check interval is over and
// somebody else wants it. Where the lock does not count ticks it does nothing.
func (t *Thread) Tick(n int) {
	if t.rt.traits.Ticks == 0 {
		return
	}
	if t.rt.countdown -= n; t.rt.countdown < 0 {
		t.checkTicks()
	}
}

// Blocking lets the lock go, calls f, and takes it back: what a runtime does
// around a call that may block on I/O.
func (t *Thread) Blocking(f func()) { t.without(trace.IO, f) }

// NoGIL is Blocking for code that computes without the lock.
func (t *Thread) NoGIL(f func()) { t.without(trace.NoGIL, f) }

// Sleep lets the lock go for ns nanoseconds. Zero and less is Yield.
func (t *Thread) Sleep(ns int64) {
	if ns <= 0 {
		t.Yield()
		return
	}
	t.without(trace.Sleep, func() {
		now := Monotonic()
		until := now + ns
		if until < now { // longer than the clock goes
			until = math.MaxInt64
		}
		t.SleepUntil(until)
	})
}

// Yield is sleep(0): a system call without the lock.
func (t *Thread) Yield() {
	t.without(trace.Sleep, func() {
		if t.rt.parker.onThread() {
			yieldThread()
		} else {
			runtime.Gosched()
		}
	})
}

// SleepUntil sleeps, without touching the lock, until the clock of Monotonic
// shows that time, or the runtime aborts.
func (t *Thread) SleepUntil(at int64) {
	if t.rt.parker.onThread() {
		sleepThread(at, t.rt.Aborting)
	} else {
		sleepGoroutine(at, t.rt.Aborting)
	}
}

// sleepSlice bounds how long a sleeper does not notice an abort.
const sleepSlice = int64(100 * time.Millisecond)

func sleepGoroutine(until int64, stop func() bool) {
	for !stop() {
		left := until - Monotonic()
		if left <= 0 {
			return
		}
		time.Sleep(time.Duration(min(left, sleepSlice)))
	}
}

func (t *Thread) without(s trace.State, f func()) {
	t.release(policy.Blocking, s)
	f()
	t.take()
}

// Go starts another thread as CPython does: it lets go of the lock and waits
// until the new thread has had it for the first time. Next to a CPU-bound thread
// that takes one or two switch intervals, seldom three.
func (t *Thread) Go(name string, f func(*Thread)) *Thread {
	child := t.rt.newThread(name)
	started := make(chan struct{})
	go child.main(f, started)
	t.Blocking(func() { <-started })
	return child
}

// interrupted is the slow way of a checkpoint, when what is urgent is done.
func (t *Thread) interrupted(locked bool) {
	if !locked {
		t.rt.lockToRelease()
	}
	if t.rt.aborting.Load() {
		t.rt.parker.unlock()
		panic(ErrAborted)
	}
	t.giveWay()
}

// checkTicks is the end of a countdown, which starts anew for whoever runs next.
func (t *Thread) checkTicks() {
	if t.rt.aborting.Load() {
		panic(ErrAborted)
	}
	// It starts one above the interval: the check comes below zero. What a block of
	// ticks went too far is taken off.
	t.rt.countdown = max(0, t.rt.countdown+t.rt.traits.Ticks+1)
	if t.rt.waiters.Load() > 0 {
		t.check(t.rt.traits.Ticks)
		return
	}
	// Nobody sees the lock go and come back. What is left of it is what it costs,
	// for a free semaphore too: two atomic operations.
	t.rt.parker.lock()
	t.rt.parker.unlock()
}
