package gil

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// ErrAborted is what Wait returns after Abort.
var ErrAborted = errors.New("gil: aborted")

// Options says how a Runtime runs. The zero value is a sensible one.
type Options struct {
	Park   Park
	Epoch  int64        // time 0 of the recorders, on the clock of Monotonic; 0: now
	Window trace.Window // for the meters; the zero Window is open
	Keep   bool         // keep all events, for Log
	Room   *Room        // where they go; nil: the heap
	// Forget gives back all that a thread has when it ends, so that a runtime may have any
	// number of threads one after the other. Stats counts them all the same, Threads leaves
	// them out, and a new thread takes the number of an old one. Not together with Keep.
	Forget bool
	// Unlocked is how many threads may compute without the lock at one time. The
	// runtime raises GOMAXPROCS so that they, and whoever has the lock, all run.
	Unlocked int
	// Off leaves the meters out. Only the test of what they cost wants that.
	Off bool
}

// Runtime is one interpreter: a lock and the threads that share it.
type Runtime struct {
	policy   policy.Policy
	quick    policy.Quick // the policy, where it has a short way; otherwise nil
	traits   policy.Traits
	parker   parker
	park     Park
	epoch    int64
	window   trace.Window
	keep     bool
	room     *Room
	forget   bool
	off      bool
	free     bool       // no lock at all
	host     hostParker // the parker where it chooses who wakes; otherwise nil
	noted    *uint32    // its count of notes, for a look without a call; nil where there is none
	aborting atomic.Bool

	// What a waiter writes below must not take from the holder, on another CPU, the
	// cache lines above, which are on its way to the mutex.
	_ [128]byte

	// Under the parker's mutex.
	seq       int64
	decisions []policy.Decision
	holder    int32 // thread that took the lock last; -1: nobody yet

	// waiters is how many threads wait for the lock; written under the mutex.
	waiters atomic.Int32
	timer   *time.Timer
	clerk   *Thread // records what a timer does

	// countdown is how many ticks are left before the next check. The holder of
	// the lock alone touches it.
	countdown int

	mu      sync.Mutex // never taken under the parker's
	threads []*Thread  // by number; nil: forgotten. Grows under both mutexes
	vacant  []policy.Thread
	gone    Stats // of threads that are forgotten
	closed  bool

	semaphores []*Semaphore // to be ended by an abort

	running sync.WaitGroup
	failure any // the first panic of a thread that is not an abort
}

// New returns a runtime whose lock follows p. It fails when this build cannot
// park in the way that is asked for, or p not be followed so. The policy must not block.
func New(p policy.Policy, o Options) (*Runtime, error) {
	if o.Keep && o.Forget {
		return nil, errors.New("gil: the events of threads that are forgotten cannot be kept; leave out Keep, or Forget")
	}
	pk, name, err := newParker(o.Park)
	if err != nil {
		return nil, err
	}
	switch {
	case name == ParkPthread:
		p = policy.WithHostOrder(p)
	case p.Traits().WakeOrder == policy.HostOrder:
		return nil, fmt.Errorf("park: %s cannot leave it to the host whom a signal reaches, as this policy does; use %s", name, ParkPthread)
	}
	if tr := p.Traits(); tr.WakeOrder == policy.HostOrder && (!tr.Ahead || tr.Interval <= 0) {
		pk.destroy()
		return nil, errors.New("gil: a policy that leaves it to the host whom a signal reaches needs the traits Ahead and Interval")
	}
	rt := &Runtime{
		policy: p, traits: p.Traits(), parker: pk, park: name,
		epoch: o.Epoch, window: o.Window, keep: o.Keep, room: o.Room, forget: o.Forget, off: o.Off,
		decisions: make([]policy.Decision, 0, 8), holder: -1,
	}
	rt.quick, _ = p.(policy.Quick)
	rt.free = rt.traits.None
	if rt.traits.WakeOrder == policy.HostOrder {
		rt.host = pk.(hostParker)
		rt.noted = rt.host.noted()
	}
	rt.countdown = rt.traits.Ticks
	raiseProcs(o.Unlocked, pk.onThread())
	if rt.epoch == 0 {
		rt.epoch = Monotonic()
	}
	if rt.window == (trace.Window{}) {
		rt.window.End = 1<<63 - 1
	}
	rt.clerk = &Thread{rt: rt, id: policy.Nobody, lane: trace.NewLane(-1, nil, o.Keep)}
	return rt, nil
}

// Park returns the way in which threads wait.
func (rt *Runtime) Park() Park { return rt.park }

// Traits returns what the policy says of itself.
func (rt *Runtime) Traits() policy.Traits { return rt.traits }

// Keeps reports whether all events are kept, for Log.
func (rt *Runtime) Keeps() bool { return rt.keep }

// Room returns where they are kept; nil: on the heap.
func (rt *Runtime) Room() *Room { return rt.room }

// Ticks returns how many ticks a thread runs between two checks; 0 when its lock
// does not count ticks.
func (rt *Runtime) Ticks() int { return rt.traits.Ticks }

// Now returns the time since time 0 in nanoseconds.
func (rt *Runtime) Now() int64 { return Monotonic() - rt.epoch }

// Epoch returns time 0 on the clock of Monotonic.
func (rt *Runtime) Epoch() int64 { return rt.epoch }

// Go starts a thread that runs f, and returns without waiting for it. The first
// act of the thread is to take the lock; when f returns it lets go and ends. The
// caller is no thread of the runtime; a thread starts another by Thread.Go.
func (rt *Runtime) Go(name string, f func(*Thread)) *Thread {
	t := rt.newThread(name)
	go t.main(f, nil)
	return t
}

func (rt *Runtime) newThread(name string) *Thread {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	t := &Thread{rt: rt, name: name}
	t.breaker.broken, t.seat.breaker = t.interrupted, &t.breaker
	if rt.host != nil {
		t.breaker.urgent = rt.host.urgent()
	}
	rt.parker.open(&t.seat)
	rt.locked(func() { rt.number(t) })
	t.seat.number = uint32(t.id)
	var meter *trace.Meter
	if !rt.off {
		meter = trace.NewMeter(rt.window, 0, 0)
	}
	t.lane = trace.NewLane(int32(t.id), meter, rt.keep)
	if rt.room != nil {
		t.lane.KeepIn(rt.room)
	}
	rt.running.Add(1)
	if rt.aborting.Load() {
		t.breaker.Raise()
	}
	return t
}

// number gives a new thread its number: one that is vacant, or the next. A lock tells
// threads apart by their numbers, so the one of the thread that took it last has to wait.
// One that took it by a note that is not told yet lives, and its number is not vacant.
// Both mutexes are held.
func (rt *Runtime) number(t *Thread) {
	for i, id := range slices.Backward(rt.vacant) { // the second one will do at the latest
		if int32(id) != rt.holder {
			rt.vacant = slices.Delete(rt.vacant, i, i+1)
			t.id = id
			rt.threads[id] = t
			return
		}
	}
	t.id = policy.Thread(len(rt.threads))
	rt.threads = append(rt.threads, t)
}

// retire gives back what a thread that has ended needs no more. Somebody may still be
// about to wake it, without need, which takes its seat and no stack.
func (rt *Runtime) retire(t *Thread) {
	t.seat.host = hostSeat{}
	if !rt.forget {
		return
	}
	rt.mu.Lock()
	defer rt.mu.Unlock()
	rt.gone.add(t.lane)
	// The parker's mutex is not needed: under it, others look only for threads that wait
	// for the lock or have it.
	rt.threads[t.id] = nil
	rt.vacant = append(rt.vacant, t.id)
}

// locked calls f under the parker's mutex, on behalf of no thread. The mutex of
// the C library wants to be let go by the OS thread that took it.
func (rt *Runtime) locked(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	rt.parker.lock()
	defer rt.parker.unlock()
	f()
}

// Abort makes every thread end as soon as it can: at its next checkpoint, or when
// it wakes; nobody waits for a Semaphore any more. Threads inside Blocking end when
// the blocking call returns.
func (rt *Runtime) Abort() {
	rt.aborting.Store(true)
	rt.mu.Lock()
	defer rt.mu.Unlock()
	for _, t := range rt.threads {
		if t != nil {
			t.breaker.Raise()
		}
	}
	for _, s := range rt.semaphores {
		s.s.end()
	}
}

// Aborting reports whether Abort was called.
func (rt *Runtime) Aborting() bool { return rt.aborting.Load() }

// Wait returns when all threads have ended. When ctx ends first, it aborts them
// and still waits. A panic of a thread comes back as an error.
func (rt *Runtime) Wait(ctx context.Context) error {
	stop := context.AfterFunc(ctx, rt.Abort)
	rt.running.Wait()
	stop()
	rt.mu.Lock()
	defer rt.mu.Unlock()
	switch {
	case rt.failure != nil:
		return fmt.Errorf("gil: a thread panicked: %v", rt.failure)
	case !rt.aborting.Load():
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return ErrAborted
}

// Close gives back what the runtime holds of the system. All threads must have
// ended. It also sets GOMAXPROCS back.
func (rt *Runtime) Close() {
	rt.mu.Lock()
	rt.closed = true
	rt.mu.Unlock()
	if rt.timer != nil {
		rt.timer.Stop()
	}
	restoreProcs(rt.parker.onThread())
	rt.parker.destroy()
}

// Threads returns all threads in the order in which they were made; with Options.Forget
// those that have not ended, in no order that means anything.
func (rt *Runtime) Threads() []*Thread {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(rt.threads), func(t *Thread) bool { return t == nil })
}

// Stats is what the lock did in all, since the runtime was made.
type Stats struct {
	Takes int64
	trace.Counts
}

// Stats adds up what the threads saw of the lock. All threads must have ended.
func (rt *Runtime) Stats() Stats {
	threads := rt.Threads()
	rt.mu.Lock()
	s := rt.gone
	rt.mu.Unlock()
	for _, t := range threads {
		s.add(t.lane)
	}
	return s
}

// add adds what a thread saw.
func (s *Stats) add(l *trace.Lane) {
	takes, counts := l.Totals()
	s.Takes += takes
	s.Counts.Add(counts)
}

// main is the life of a thread on its goroutine. It closes started, if there is
// one, when the thread has the lock for the first time, or ends without it.
func (t *Thread) main(f func(*Thread), started chan struct{}) {
	rt := t.rt
	defer rt.running.Done()
	if rt.parker.onThread() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	defer func() {
		r := recover()
		if t.steps {
			panic(r) // the policy's, with the mutex taken: nobody could go on. Who is pinned is not asked
		}
		if r != nil && r != any(ErrAborted) {
			rt.fail(r)
		}
		t.exit()
		rt.retire(t)
		if started != nil {
			close(started)
		}
	}()
	t.take()
	if started != nil {
		close(started)
		started = nil
	}
	f(t)
}

// fail keeps the first panic and ends the other threads.
func (rt *Runtime) fail(r any) {
	rt.mu.Lock()
	if rt.failure == nil {
		rt.failure = r
	}
	rt.mu.Unlock()
	rt.Abort()
}
