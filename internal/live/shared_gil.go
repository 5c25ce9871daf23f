package live

import (
	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/workloads"
)

// gilShared is what the bodies of an interpreter share.
type gilShared struct {
	*material
	locks  []gilLock
	queues []gilQueue
	pools  []*gilPool
	waits  *waits

	selectors []selector // of event loops
}

// close gives back what belongs to the run alone, and may be called again. All
// threads must have ended.
func (s *gilShared) close() {
	for _, p := range s.pools {
		p.close()
	}
	for _, p := range s.selectors {
		p.close()
	}
	s.pools, s.selectors = nil, nil
}

func newGILShared(rt *gil.Runtime, p *workloads.Program, m *material) *gilShared {
	s := &gilShared{material: m, waits: newWaits(p, rt.Now, rt.Aborting, rt.Abort)}
	for _, l := range p.Locks {
		s.locks = append(s.locks, gilLock{rt.NewSemaphore(true), toTake(l.Name)})
	}
	for _, q := range p.Queues {
		s.queues = append(s.queues, gilQueue{
			size: q.Size, mutex: gilLock{rt.NewSemaphore(true), toTake("of queue " + q.Name)},
			toSend: toSend(q.Name), toReceive: toReceive(q.Name),
		})
	}
	return s
}

// gilLock is threading.Lock.
type gilLock struct {
	*gil.Semaphore
	what string
}

// gilQueue is queue.Queue (Lib/queue.py): a lock and two condition variables, all of
// the program. What its methods call is written in Python, so that the interpreter
// looks at its eval breaker while they have the lock.
type gilQueue struct {
	size  int // 0: no limit
	mutex gilLock

	// Under the mutex.
	items    int
	notFull  condition
	notEmpty condition

	toSend, toReceive string
}

// condition is threading.Condition (Lib/threading.py): for each that waits, a lock
// that is let go to wake it. The one that has waited longest is the first to be.
type condition struct{ waiters deque[*gil.Semaphore] }

// notify wakes one of those who wait.
func (c *condition) notify() {
	if c.waiters.len() > 0 {
		c.waiters.pop().Post()
	}
}

func (w *thread) lock(ref int) {
	l := &w.shared.locks[ref]
	w.acquire(l.Semaphore, l.what)
}

func (w *thread) unlock(ref int) { w.shared.locks[ref].Post() }

// send is Queue.put.
func (w *thread) send(ref int) {
	q := &w.shared.queues[ref]
	w.jump()
	w.acquire(q.mutex.Semaphore, q.mutex.what)
	for q.size > 0 && q.items >= q.size {
		w.wait(q, &q.notFull, q.toSend)
	}
	w.jump()
	q.items++
	q.notEmpty.notify()
	q.mutex.Post()
}

// recv is Queue.get.
func (w *thread) recv(ref int) {
	q := &w.shared.queues[ref]
	w.jump()
	w.acquire(q.mutex.Semaphore, q.mutex.what)
	for q.items == 0 {
		w.wait(q, &q.notEmpty, q.toReceive)
	}
	w.jump()
	q.items--
	q.notFull.notify()
	q.mutex.Post()
}

// wait is Condition.wait: it lets the queue's lock go, waits for its turn, and takes
// the lock back, for which it competes with all others.
func (w *thread) wait(q *gilQueue, c *condition, what string) {
	if w.turn == nil {
		w.turn = w.t.Runtime().NewSemaphore(false)
	}
	c.waiters.push(w.turn)
	q.mutex.Post()
	w.acquire(w.turn, what)
	w.acquire(q.mutex.Semaphore, q.mutex.what)
}

func (w *thread) acquire(s *gil.Semaphore, what string) {
	if waits := w.shared.waits; waits == nil {
		s.Acquire(w.t, nil, nil)
	} else {
		s.Acquire(w.t, func() { waits.enter(&w.me, what, s) }, func() { waits.leave(&w.me) })
	}
}
