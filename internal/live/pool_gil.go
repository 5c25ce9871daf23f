package live

import (
	"sync"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// gilPool is a pool of worker processes as the threads of one interpreter have it:
// concurrent.futures.ProcessPoolExecutor, CPython 3.11. Who submits a task wakes the
// manager thread, which moves it to the call queue; the feeder thread of that queue
// writes it to a worker process; the manager receives the result and wakes who waits
// for it. All of them need the interpreter's lock, and let it go around the same
// system calls as there (Lib/concurrent/futures/process.py, Lib/multiprocessing/queues.py
// and connection.py). The worker processes, each with a lock of its own, need it
// for nothing.
//
// The Python code between them costs calls of fib, see workloads.PoolCode. One
// deviation is intended: a dead worker is replaced, see crew.
type gilPool struct {
	crew *crew
	box  mailbox
	rt   *gil.Runtime

	library *kernel.Library
	feed    *gil.Semaphore // the call queue has become not empty

	// Under mu, which nobody holds for long: without an interpreter lock, threads do
	// all of this at once.
	mu      sync.Mutex
	users   int
	last    uint64
	ids     []uint64           // submitted and not yet in the call queue
	pending map[uint64]*future // submitted and not done
	calls   []*errand          // the call queue's buffer: not yet written by the feeder
	over    bool               // the feeder is to end
	spare   []*gil.Semaphore
}

// extraCalls is how many tasks beyond the number of workers the call queue holds,
// so that a worker that is done finds the next one (EXTRA_QUEUED_CALLS).
const extraCalls = 1

// future is a task that has been submitted.
type future struct {
	task
	// One of the two: the semaphore that is posted, and the function that is called in
	// the manager thread, when the task is done.
	done *gil.Semaphore
	then func(*gil.Thread, *result)

	result *result // under the pool's mutex until done
}

// newGILPool starts the two threads of a pool on rt, whose processes stand ready.
// They end when as many users as said here and by hold have called release, and all
// tasks are done.
func newGILPool(rt *gil.Runtime, c *crew, users int) (*gilPool, error) {
	p := &gilPool{crew: c, rt: rt, library: poolLibrary(), feed: rt.NewSemaphore(false), users: users, pending: map[uint64]*future{}}
	switch {
	case c.box != nil:
		p.box, c.box = c.box, nil
	case rt.Park() == gil.ParkGoroutine:
		p.box = newChannelMailbox()
	default:
		box, err := newPipeMailbox()
		if err != nil {
			return nil, err
		}
		p.box = box
	}
	c.deliver = p.box.post
	rt.Go(workerName(c.config.Name+".manager", 0), p.manage)
	rt.Go(workerName(c.config.Name+".feeder", 0), p.feeding)
	return p, nil
}

// hold says that n more threads are going to use the pool. It is for one that does,
// before those begin. Each calls release when it ends, however it does.
func (p *gilPool) hold(n int) {
	p.mu.Lock()
	p.users += n
	p.mu.Unlock()
}

func (p *gilPool) release() {
	p.mu.Lock()
	p.users--
	last := p.users == 0
	p.mu.Unlock()
	if last {
		p.box.wake()
	}
}

// close ends the worker processes. All threads of the runtime must have ended.
func (p *gilPool) close() {
	// Results that nobody wants any more must not fill the mailbox.
	over, drained := make(chan struct{}), make(chan struct{})
	stopped := func() bool {
		select {
		case <-over:
			return true
		default:
			return false
		}
	}
	go func() {
		defer close(drained)
		for !stopped() {
			if p.box.wait(stopped) {
				p.box.discard()
			} else if p.box.woken() {
				p.box.readWake()
			}
		}
	}()
	p.crew.close()
	close(over)
	p.box.wake()
	<-drained
	p.box.close()
}

// do submits a task and waits for its result with the lock released:
// submit(…).result().
func (p *gilPool) do(t *gil.Thread, body []workloads.Op, s *workloads.Stream) *result {
	f := &future{task: task{body: body, stream: *s}, done: p.semaphore()}
	p.submit(t, f)
	p.code(t, workloads.PoolResult)
	lane := t.Lane()
	f.done.Acquire(t, nil, func() { p.charge(f, lane) })
	p.code(t, workloads.PoolWaiter)
	p.mu.Lock()
	p.spare = append(p.spare, f.done)
	p.mu.Unlock()
	if f.result.problem == "" {
		*s = f.result.stream
	}
	return f.result
}

// code executes Python code of the executor.
func (p *gilPool) code(t *gil.Thread, part workloads.PoolCode) {
	pad := p.crew.config.Worker.Pad.Pad()
	p.library.Run(t, int(part), &pad)
}

// poolLibrary is the Python code of a pool.
func poolLibrary() *kernel.Library {
	var calls []int
	for c := range workloads.PoolCodes {
		calls = append(calls, c.Calls())
	}
	return kernel.NewLibrary(calls...)
}

// charge gives the time for which a worker process computed for a thread to its
// nogil time, so that the demand of an iteration is what was computed for it,
// wherever. The thread waits still, and has not seen the result yet.
func (p *gilPool) charge(f *future, l *trace.Lane) {
	p.mu.Lock()
	r := f.result
	p.mu.Unlock()
	if r != nil {
		chargeWork(r, l, p.rt.Epoch(), p.rt.Now())
	}
}

// start submits a task and calls then, in the manager thread, when it is done.
func (p *gilPool) start(t *gil.Thread, body []workloads.Op, s workloads.Stream, then func(*gil.Thread, *result)) {
	p.submit(t, &future{task: task{body: body, stream: s}, then: then})
}

// submit is ProcessPoolExecutor.submit.
func (p *gilPool) submit(t *gil.Thread, f *future) {
	p.code(t, workloads.PoolSubmit)
	p.mu.Lock()
	p.last++
	f.id = p.last
	p.pending[f.id] = f
	p.ids = append(p.ids, f.id)
	p.mu.Unlock()
	t.Blocking(p.box.wake)
}

// semaphore returns a semaphore that is taken.
func (p *gilPool) semaphore() *gil.Semaphore {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.spare); n > 0 {
		s := p.spare[n-1]
		p.spare = p.spare[:n-1]
		return s
	}
	return p.rt.NewSemaphore(false)
}

// manage is the manager thread: _ExecutorManagerThread.run.
func (p *gilPool) manage(t *gil.Thread) {
	for {
		p.fill(t)
		if p.finished() {
			return
		}
		posted := false
		p.code(t, workloads.PoolWait)
		t.Blocking(func() { posted = p.box.wait(p.rt.Aborting) })
		var r *result
		if posted {
			r = p.receive(t)
			p.code(t, workloads.PoolReceive)
		}
		p.code(t, workloads.PoolPoll)
		p.clear(t)
		if r != nil {
			p.code(t, workloads.PoolFulfil)
			p.fulfil(t, r)
		}
	}
}

// fill moves tasks to the call queue until that is full: add_call_item_to_queue.
func (p *gilPool) fill(t *gil.Thread) {
	for {
		p.mu.Lock()
		full := p.prefetched() >= p.crew.config.Workers+extraCalls
		if full || len(p.ids) == 0 {
			p.mu.Unlock()
			return
		}
		id := p.ids[0]
		p.ids = p.ids[1:]
		p.calls = append(p.calls, &errand{id: id, message: p.pending[id].task.encode()})
		p.mu.Unlock()
		p.code(t, workloads.PoolEnqueue)
		p.feed.Post()
	}
}

// prefetched returns how many tasks are in the call queue. The caller has p.mu. What
// the feeder is writing is in calls still, and may be with the processes already.
func (p *gilPool) prefetched() int {
	var writing *errand
	if len(p.calls) > 0 {
		writing = p.calls[0]
	}
	return len(p.calls) + p.crew.unfetched(writing)
}

// receive is result_reader.recv: two reads.
func (p *gilPool) receive(t *gil.Thread) *result {
	n, err := 0, error(nil)
	var message []byte
	t.Blocking(func() { n, err = p.box.length() })
	if err == nil {
		t.Blocking(func() { message, err = p.box.body(n) })
	}
	if err == nil {
		var r *result
		if r, err = decodeResult(message); err == nil {
			return r
		}
	}
	// The workers are this program, and write each result in one piece.
	panic("live: a pool's own result cannot be read: " + err.Error())
}

// clear takes all wake-ups: _ThreadWakeup.clear.
func (p *gilPool) clear(t *gil.Thread) {
	for {
		woken := false
		t.Blocking(func() { woken = p.box.woken() })
		if !woken {
			return
		}
		t.Blocking(p.box.readWake)
	}
}

// fulfil tells who waits for a task: process_result_item. A task may have two
// results, where its worker died just after the first: that one counts.
func (p *gilPool) fulfil(t *gil.Thread, r *result) {
	p.crew.seen(r)
	p.mu.Lock()
	f := p.pending[r.id]
	delete(p.pending, r.id)
	if f != nil {
		f.result = r
	}
	p.mu.Unlock()
	switch {
	case f == nil:
	case f.then != nil:
		f.then(t, r)
	default:
		f.done.Post()
	}
}

// finished ends the feeder and reports true when the pool has no users and no tasks
// any more.
func (p *gilPool) finished() bool {
	p.mu.Lock()
	p.over = p.users == 0 && len(p.pending) == 0
	over := p.over
	p.mu.Unlock()
	if over {
		p.feed.Post()
	}
	return over
}

// feeding is the feeder thread of the call queue: Queue._feed.
func (p *gilPool) feeding(t *gil.Thread) {
	for {
		p.mu.Lock()
		var e *errand
		if len(p.calls) > 0 {
			e = p.calls[0]
		}
		over := p.over
		p.mu.Unlock()
		switch {
		case e != nil:
			p.code(t, workloads.PoolPickle)
			t.Blocking(func() {
				p.crew.put(e)
				p.mu.Lock()
				p.calls = p.calls[1:]
				p.mu.Unlock()
			})
		case over:
			return
		default:
			p.feed.Acquire(t, nil, nil)
			p.code(t, workloads.PoolFeeder)
		}
	}
}
