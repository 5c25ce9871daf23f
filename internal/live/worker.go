package live

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// thread is a worker that holds the interpreter lock.
type thread struct {
	t     *gil.Thread
	pad   kernel.Pad
	spins kernel.Spinner
	ticks bool // the lock counts ticks

	library *kernel.Library // of a pool's worker process; nil elsewhere

	shared *gilShared // what bodies use; nil for a thread that does none
	me     waiter
	turn   *gil.Semaphore // what it waits for in a condition; nil until it has to
}

func newThread(t *gil.Thread, tools tools) *thread {
	return &thread{t: t, pad: tools.pad, spins: tools.spins, ticks: t.Runtime().Ticks() > 0}
}

func (w *thread) fib(n int) uint64 {
	if w.ticks {
		return kernel.FibTicks(w.t, n, &w.pad)
	}
	return kernel.Fib(w.t.Breaker(), n, &w.pad)
}

// code executes Python code of a pool in a worker process.
func (w *thread) code(part workloads.PoolCode) { w.library.Run(w.t, int(part), &w.pad) }

func (w *thread) spin(ns int64) {
	if w.ticks {
		w.spins.Spin(ns, func() { w.t.Tick(kernel.SpinTicks) })
	} else {
		w.spins.Spin(ns, w.t.Checkpoint)
	}
}

func (w *thread) sleep(ns int64) { w.t.Sleep(ns) }
func (w *thread) yield()         { w.t.Yield() }

func (w *thread) nogilSpin(ns int64) {
	w.t.NoGIL(func() { w.spins.Spin(ns, w.released) })
}

func (w *thread) nogilHash(n int64) {
	w.t.NoGIL(func() { kernel.Hash(n, w.released) })
}

// hold does not look whether somebody asked for the lock, as C code that keeps
// it. The interpreter looks when the call has returned.
func (w *thread) hold(ns int64) {
	w.spins.Spin(ns, w.released)
	w.jump()
}

func (w *thread) read(n int64) error { return w.shared.file.Read(n, w.t.Blocking) }

// script interprets a function. Its steps are the ticks of a lock that counts them.
func (w *thread) script(source string) error {
	return w.shared.scripts[source].Run(scriptEvery, func(steps uint64) error {
		if w.ticks {
			w.t.Tick(int(steps))
		} else {
			w.t.Checkpoint()
		}
		return nil
	})
}

func (w *thread) jump() {
	if w.ticks {
		w.t.Tick(1)
	} else {
		w.t.Checkpoint()
	}
}

// released is where code that does not look at the lock notices an abort: the
// panic unwinds it, and the thread ends.
func (w *thread) released() {
	if w.t.Runtime().Aborting() {
		panic(gil.ErrAborted)
	}
}

// goroutine is a worker on Go's own scheduler. It has no lock; its breaker is
// raised only to end the run.
type goroutine struct {
	lane    *trace.Lane
	breaker *gil.Breaker
	stopped <-chan struct{} // closed by an abort
	aborted *atomic.Bool    // set before
	now     func() int64
	pad     kernel.Pad
	spins   kernel.Spinner

	shared *nativeShared
	me     waiter
}

func (w *goroutine) fib(n int) uint64 { return kernel.Fib(w.breaker, n, &w.pad) }
func (w *goroutine) spin(ns int64)    { w.spins.Spin(ns, w.breaker.Check) }
func (w *goroutine) hold(ns int64)    { w.spins.Spin(ns, w.breaker.Check) }

func (w *goroutine) jump() { w.breaker.Check() }

func (w *goroutine) sleep(ns int64) {
	w.lane.To(trace.Sleep, w.now())
	if ns < longSleep {
		time.Sleep(time.Duration(ns))
	} else {
		w.sleepLong(time.Duration(ns))
	}
	w.lane.To(trace.Run, w.now())
	w.breaker.Check()
}

// longSleep is a sleep that an abort must be able to end.
const longSleep = int64(100 * time.Millisecond)

func (w *goroutine) sleepLong(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.stopped:
	}
}

func (w *goroutine) yield() {
	runtime.Gosched()
	w.breaker.Check()
}

func (w *goroutine) nogilSpin(ns int64) {
	w.unlocked(func() { w.spins.Spin(ns, w.breaker.Check) })
}

func (w *goroutine) nogilHash(n int64) {
	w.unlocked(func() { kernel.Hash(n, w.breaker.Check) })
}

func (w *goroutine) read(n int64) error {
	return w.shared.file.Read(n, func(read func()) {
		w.lane.To(trace.IO, w.now())
		read()
		w.lane.To(trace.Run, w.now())
		w.breaker.Check()
	})
}

func (w *goroutine) script(source string) error {
	return w.shared.scripts[source].Run(scriptEvery, func(uint64) error {
		w.breaker.Check()
		return nil
	})
}

// unlocked marks what would run without the lock, so that demand means the same
// in both backends.
func (w *goroutine) unlocked(f func()) {
	w.lane.To(trace.NoGIL, w.now())
	f()
	w.lane.To(trace.Run, w.now())
}
