package live

import (
	"sync"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// The scheduler of David Beazley's talk (concurrencylive/aserver.py), which the article
// ends with: one thread; a deque of tasks that can run; and select, without a time-out,
// only when none can. A task yields before each call on a socket, even one that would
// not block, and is then parked until select has reported that socket. So a request
// costs three turns of the loop, and a reply that takes a second to compute holds up
// everybody. With a pool behind it, a task yields a future instead of computing; who
// fulfils that writes a byte into a pair of sockets, for which a task of its own waits,
// so that select returns.
//
// Two things differ. Select takes 1024 sockets at most, so that this calls poll. And
// sockets do not block, so that a client which takes nothing cannot hold up the loop:
// its task yields again.

// socketLoop is the loop and its tasks.
type socketLoop struct {
	*premises
	attendant *attendant
	poller    *poller      // closed when all is settled
	outside   func(func()) // calls with the lock let go
	stopped   func() bool  // the run is being aborted
	epoch     int64        // on the clock of processes
	compute   func(c *serverConnection) compute
	// Submit starts a task of a pool, and calls then when it is done, in whatever
	// thread, which may wake the loop by the function that it is given; nil: the loop
	// computes.
	submit func(n int, then func(r *result, wake func()))

	tasks    int   // that have not ended, but for the one that is woken
	number   int32 // of the next connection's task in a log
	receive  []*socketTask
	transmit []*socketTask

	mu    sync.Mutex    // others than the loop append to ready
	ready []*socketTask // the next is the first
}

// socketTask is a generator of the talk. Where it is says all that it would remember.
type socketTask struct {
	connection *serverConnection // nil: accepts, or reads what wakes the loop
	number     int32             // in a log
	at         taskStep
	open       bool         // inside a request
	seq        int64        // of that request
	since      int64        // when the task could go on, if it can
	left       int64        // when the loop left it, inside a request
	row        trace.Sample // of that request
	result     *result
	lastMove   int64 // when the connection last did something
	paused     int64 // until then who accepts does not try again
}

type taskStep uint8

const (
	stepAccept taskStep = iota
	stepWoken
	stepRecv
	stepAnswer // the future is done
	stepSend
)

// run runs the tasks until the server is shut and the last has ended. Who fulfils
// futures has then ended, too, or an abort is on its way.
func (l *socketLoop) run() {
	l.tasks = 1
	l.receive = append(l.receive, &socketTask{at: stepAccept}, &socketTask{at: stepWoken})
	for l.tasks > 0 && !l.stopped() {
		t := l.next()
		if t == nil {
			l.wait()
			continue
		}
		l.step(t)
	}
}

// next takes the task that has been able to run for the longest time; nil: none can.
func (l *socketLoop) next() *socketTask {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ready) == 0 {
		return nil
	}
	t := l.ready[0]
	l.ready[0] = nil
	l.ready = l.ready[1:]
	return t
}

// wait calls select and makes ready whose sockets are: readers first, in the order in
// which they began to wait.
func (l *socketLoop) wait() {
	l.poller.reset(l.limits.Idle)
	for _, t := range l.receive {
		if left := t.paused - l.attendant.now(); t.paused > 0 && left > 0 {
			l.poller.skip(time.Duration(left))
		} else {
			l.poller.add(l.descriptor(t), false)
		}
	}
	for _, t := range l.transmit {
		l.poller.add(l.descriptor(t), true)
	}
	l.outside(l.poller.wait)
	now := l.attendant.now()
	i := 0
	keep := func(waiting []*socketTask) []*socketTask {
		left := waiting[:0]
		for _, t := range waiting {
			switch {
			case l.poller.ready(i):
				l.mu.Lock()
				l.ready = append(l.ready, t)
				l.mu.Unlock()
			case l.idle(t, now):
				l.end(t)
			default:
				left = append(left, t)
			}
			i++
		}
		clear(waiting[len(left):])
		return left
	}
	l.receive = keep(l.receive)
	l.transmit = keep(l.transmit)
}

// idle reports whether a connection has been silent for longer than it may.
func (l *socketLoop) idle(t *socketTask, now int64) bool {
	return t.connection != nil && l.limits.Idle > 0 && now-t.lastMove > int64(l.limits.Idle)
}

func (l *socketLoop) descriptor(t *socketTask) int {
	switch {
	case t.connection != nil:
		return t.connection.stream.(polledStream).descriptor()
	case t.at == stepWoken:
		return l.poller.waker()
	}
	return l.listener.(polled).descriptor()
}

// step goes on with a task until it yields.
func (l *socketLoop) step(t *socketTask) {
	c := t.connection
	switch t.at {
	case stepAccept:
		l.accept(t)
	case stepWoken:
		l.outside(l.poller.drain)
		l.receive = append(l.receive, t)
	case stepRecv:
		l.outside(func() { l.recv(t) })
		l.proceed(t)
	case stepAnswer:
		at := l.resume(t)
		c.reply = appendValue(c.reply[:0], t.result.value, t.result.problem)
		c.problem = t.result.problem
		if begin, end := t.result.computed(l.epoch, t.left, at); begin < end {
			t.row.NoGIL += end - begin
			l.attendant.lane.ServeTask(t.number, begin, end, at)
		}
		t.at = stepSend
		l.yieldSend(t)
	case stepSend:
		l.resume(t)
		l.outside(func() { l.send(t) })
		l.proceed(t)
	}
}

// accept takes one connection and starts its task.
func (l *socketLoop) accept(t *socketTask) {
	var c *serverConnection
	var over bool
	l.outside(func() {
		stream, err := l.listener.accept()
		switch {
		case err == errWouldBlock:
		case err != nil && l.endures(err):
			t.paused = l.attendant.now() + int64(starvedPause)
		case err != nil:
			l.fail(err)
			over = true
		default:
			c, over = l.admit(stream)
		}
	})
	if over {
		l.tasks--
		return
	}
	if c != nil {
		l.tasks++
		l.receive = append(l.receive, &socketTask{connection: c, number: l.number, at: stepRecv, lastMove: l.attendant.now()})
		l.number++
	}
	l.receive = append(l.receive, t)
}

// recv receives what there is.
func (l *socketLoop) recv(t *socketTask) {
	c := t.connection
	n, err := c.stream.recv(c.received[:])
	at := l.attendant.now()
	if err == errWouldBlock {
		return
	}
	t.lastMove = at
	if err != nil {
		c.over = true
		return
	}
	c.framer.add(c.received[:n])
	if c.framer.ready() {
		l.begin(t, at)
	}
}

// begin begins the row of a request.
func (l *socketLoop) begin(t *socketTask, at int64) {
	t.open, t.row = true, trace.Sample{Intended: at, Start: at}
	l.attendant.lane.BeginTask(t.number, t.seq, at)
	t.seq++
	l.attendant.beginPiece(t.number, at, at)
}

// resume begins a piece of a request's iteration: what the thread goes through in it
// is the request's. It returns when that was.
func (l *socketLoop) resume(t *socketTask) (at int64) {
	at = l.attendant.now()
	if t.open {
		l.attendant.beginPiece(t.number, t.since, at)
	}
	return at
}

// suspend ends the piece.
func (l *socketLoop) suspend(t *socketTask, at int64) {
	t.left = at
	s := l.attendant.end(at, "")
	t.row.Run += s.Run
	t.row.WaitGIL += s.WaitGIL
	t.row.NoGIL += s.NoGIL
	t.row.Blocked += s.Blocked
	t.row.Counts.Add(s.Counts)
}

// proceed goes on after recv or send: with the next request, or to wait for one.
func (l *socketLoop) proceed(t *socketTask) {
	c := t.connection
	switch {
	case c.over:
		l.end(t)
	case t.at == stepSend && len(c.reply) > 0: // it could not be sent in full
		l.yieldSend(t)
	case !c.framer.ready():
		t.at = stepRecv
		l.receive = append(l.receive, t)
	case l.submit != nil:
		l.future(t)
	default:
		c.answer(l.compute(c))
		t.at = stepSend
		l.yieldSend(t)
	}
}

// yieldSend parks a task until its socket takes something.
func (l *socketLoop) yieldSend(t *socketTask) {
	t.lastMove = l.attendant.now()
	t.since = t.lastMove // a socket seldom takes nothing
	l.suspend(t, t.lastMove)
	l.transmit = append(l.transmit, t)
}

// future has a pool compute, and parks the task until it has.
func (l *socketLoop) future(t *socketTask) {
	c := t.connection
	n, problem := parseRequest(c.framer.take(), l.limits.maxFib())
	if problem != "" {
		c.reply, c.problem = appendProblem(c.reply[:0], problem), problem
		t.at = stepSend
		l.yieldSend(t)
		return
	}
	t.at = stepAnswer
	l.submit(n, func(r *result, wake func()) {
		l.mu.Lock()
		t.result = r
		if l.attendant.lane.Keeps() {
			t.since = l.attendant.now()
		}
		l.ready = append(l.ready, t)
		l.mu.Unlock()
		wake()
	})
	l.suspend(t, l.attendant.now())
}

// send sends what the socket takes. The row of the request ends with the last of it.
func (l *socketLoop) send(t *socketTask) {
	c := t.connection
	n, err := c.stream.(polledStream).sendSome(c.reply)
	at := l.attendant.now()
	c.reply = c.reply[n:]
	if n > 0 {
		t.lastMove = at
	}
	if err != nil && err != errWouldBlock {
		c.over, c.problem = true, "the client is gone"
	}
	if len(c.reply) > 0 && !c.over {
		return
	}
	c.reply = c.reply[:0]
	l.suspend(t, at)
	t.row.End, t.row.Err = at, c.problem
	l.attendant.lane.EndTask(t.number, at, 0, c.problem)
	t.row.Blocked = max(0, t.row.Latency()-t.row.Run-t.row.WaitGIL-t.row.NoGIL)
	t.open = false
	c.count(&t.row)
	if !c.over && c.framer.ready() {
		l.begin(t, at)
	}
}

// end ends a task and its connection.
func (l *socketLoop) end(t *socketTask) {
	l.tasks--
	l.release(t.connection)
}

// newLoop makes a loop whose thread is yet to run it.
func (s *premises) newLoop(a *attendant, epoch int64, stopped func() bool) (*socketLoop, error) {
	poller, err := newPoller(stopped)
	if err != nil {
		return nil, err // the first thing that happens, so that nobody is connected yet
	}
	s.poller = poller
	first := int32(s.plan.program.TaskCount())
	return &socketLoop{premises: s, attendant: a, number: first, poller: poller, stopped: stopped, epoch: epoch}, nil
}

// loop is the thread of the coroutines.
func (s *gilServer) loop(t *gil.Thread) {
	if s.pool != nil {
		defer s.pool.release()
	}
	l, err := s.newLoop(s.attendant(t), s.rt.Epoch(), s.rt.Aborting)
	if err != nil {
		s.fail(err)
		return
	}
	l.outside = t.Blocking
	l.compute = func(c *serverConnection) compute { return s.compute(t, c) }
	if s.pool != nil {
		l.submit = func(n int, then func(*result, func())) {
			s.pool.start(t, fibTask(n), workloads.Stream{}, func(manager *gil.Thread, r *result) {
				then(r, func() { manager.Blocking(l.poller.wake) })
			})
		}
	}
	l.run()
}

// loop is the same on a goroutine.
func (s *nativeServer) loop(w *goroutine) {
	l, err := s.newLoop(s.attendant(w), s.run.epoch, s.run.aborted.Load)
	if err != nil {
		s.fail(err)
		return
	}
	l.outside = func(f func()) {
		w.lane.To(trace.IO, w.now())
		f()
		w.lane.To(trace.Run, w.now())
	}
	l.compute = func(c *serverConnection) compute { return s.compute(w, c) }
	if s.pool != nil {
		l.submit = func(n int, then func(*result, func())) {
			s.pool.start(fibTask(n), workloads.Stream{}, func(r *result) { then(r, l.poller.wake) })
		}
	}
	l.run()
}
