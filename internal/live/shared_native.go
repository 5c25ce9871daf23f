package live

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// nativeShared is what the bodies of a program without an interpreter share: Go's
// own mutexes and channels.
type nativeShared struct {
	*material
	locks  []nativeLock
	queues []nativeQueue
	pools  []*nativePool
	waits  *waits
}

func newNativeShared(r *nativeRun, p *workloads.Program, m *material, crews crews) *nativeShared {
	s := &nativeShared{material: m, waits: newWaits(p, r.now, r.aborted.Load, r.abort)}
	s.locks = make([]nativeLock, len(p.Locks))
	for i, l := range p.Locks {
		s.locks[i].what = toTake(l.Name)
	}
	s.queues = make([]nativeQueue, len(p.Queues))
	for i, q := range p.Queues {
		s.queues[i].init(q)
	}
	for _, c := range crews {
		s.pools = append(s.pools, newNativePool(c))
	}
	return s
}

// end wakes who waits for a lock, when the run is aborted.
func (s *nativeShared) end() {
	for i := range s.locks {
		s.locks[i].release()
	}
}

// nativeLock is a sync.Mutex. Nothing can end a wait for one but its release, so an
// abort releases it, and each that gets it then passes it on.
type nativeLock struct {
	mu   sync.Mutex
	held atomic.Bool // by a worker that will release it
	what string
}

// Free reports whether nobody has the lock.
func (l *nativeLock) Free() bool { return !l.held.Load() }

// release lets the lock go, unless an abort has.
func (l *nativeLock) release() {
	if l.held.CompareAndSwap(true, false) {
		l.mu.Unlock()
	}
}

func (w *goroutine) lock(ref int) {
	l := &w.shared.locks[ref]
	if !l.mu.TryLock() {
		w.lane.To(trace.IO, w.now())
		w.shared.waits.enter(&w.me, l.what, l)
		l.mu.Lock()
		w.shared.waits.leave(&w.me)
		w.lane.To(trace.Run, w.now())
	}
	l.held.Store(true)
	if w.aborted.Load() {
		l.release()
		panic(gil.ErrAborted)
	}
}

func (w *goroutine) unlock(ref int) { w.shared.locks[ref].release() }

// nativeQueue is a channel. An item weighs nothing, so a queue without a limit is a
// channel with room for more than will ever be sent.
type nativeQueue struct {
	items chan struct{}
	size  int64

	// Counted by who has sent or received, once it waits no more: what a channel hands
	// to somebody who still waits shows as the difference.
	sent, received    atomic.Int64
	toSend, toReceive string
}

func (q *nativeQueue) init(w workloads.Queue) {
	q.size = int64(w.Size)
	if w.Size == 0 {
		q.size = math.MaxInt
	}
	q.items = make(chan struct{}, q.size)
	q.toSend, q.toReceive = toSend(w.Name), toReceive(w.Name)
}

// nativeRoom and nativeItems are a queue for who waits to send, and to receive.
type (
	nativeRoom  nativeQueue
	nativeItems nativeQueue
)

// Free reports whether the queue has room, or has given it to a sender already.
func (q *nativeRoom) Free() bool { return q.sent.Load()-q.received.Load() < q.size }

// Free reports whether the queue has an item, or has given it to a receiver already.
func (q *nativeItems) Free() bool { return q.sent.Load() > q.received.Load() }

func (w *goroutine) send(ref int) {
	q := &w.shared.queues[ref]
	select {
	case q.items <- struct{}{}:
	default:
		w.waiting(q.toSend, (*nativeRoom)(q), func() bool {
			select {
			case q.items <- struct{}{}:
				return true
			case <-w.stopped:
				return false
			}
		})
	}
	q.sent.Add(1)
	w.breaker.Check()
}

func (w *goroutine) recv(ref int) {
	q := &w.shared.queues[ref]
	select {
	case <-q.items:
	default:
		w.waiting(q.toReceive, (*nativeItems)(q), func() bool {
			select {
			case <-q.items:
				return true
			case <-w.stopped:
				return false
			}
		})
	}
	q.received.Add(1)
	w.breaker.Check()
}

// waiting does what blocks, which returns false when the run was aborted meanwhile.
func (w *goroutine) waiting(what string, source freeable, block func() bool) {
	w.lane.To(trace.IO, w.now())
	w.shared.waits.enter(&w.me, what, source)
	got := block()
	w.shared.waits.leave(&w.me)
	w.lane.To(trace.Run, w.now())
	if !got {
		panic(gil.ErrAborted)
	}
}
