package machine

import (
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// Pools of worker processes, as concurrent.futures.ProcessPoolExecutor has them
// (CPython 3.11, Lib/concurrent/futures/process.py, Lib/multiprocessing/queues.py and
// connection.py). Who submits a job writes a byte to wake the manager, a thread of the
// program's process. It moves jobs to the call queue, which holds one more than there
// are workers; the feeder, another such thread, pickles them and writes them to a
// pipe. A worker, a process with a lock of its own, does one and writes the result to
// a pipe, where the manager reads it and lets go on who waits. So a job needs the
// program's lock for each of these threads, beside the calls around which they let
// it go.
//
// A native program needs none of that: a goroutine writes to the process, and waits.

// pool is a pool.
type pool struct {
	name            string
	workers         int
	code            *group // of the workers: what they do all alike, then the bodies of all jobs
	manager, feeder int32  // threads; of no meaning in a native program

	pending fifo[int32] // jobs: submitted
	calls   fifo[int32] // in the call queue, and not written yet
	written fifo[int32] // in the pipe: no worker has time
	results fifo[int32] // in the other pipe
	idle    fifo[int32] // workers, the longest first
	wakeups int         // bytes that the manager has not read
	waiter  int32       // thread of the loop that the manager wakes just now
}

// job is a body on its way to a worker and back.
type job struct {
	pool    *pool
	entry   int32 // where its body begins
	thread  int32 // that has submitted it
	task    int32 // of the thread's loop, which goes on with others meanwhile; -1: the thread waits
	running bool
	begun   int64 // when its body did
	ended   int64
	done    bool
	body    workloads.Stream // the random durations go with the job, and come back
	planned int64
}

// extraCalls is how many jobs beyond the workers the call queue holds
// (EXTRA_QUEUED_CALLS).
const extraCalls = 1

// The operations of a pool's threads.
const (
	poolAssign opKind = 128 + iota // the manager: is there room in the call queue?
	poolEnqueue
	poolWait
	poolSelect
	poolHeader // reads the length of a result
	poolResult
	poolReceive
	poolPoll // looks for bytes that woke it
	poolPolled
	poolDrain
	poolFulfil
	poolSettle
	poolFeed // the feeder: is there something in the call queue?
	poolFeeder
	poolPickle
	poolWrite
	poolFetch // a worker waits for a job
	poolUnpickle
	poolEnter
	poolSendBack
	poolDeliver
	poolAgain
)

// The codes of a pool's threads. N is where they go on if there is nothing to do.
var (
	managerCode = []op{
		{kind: poolAssign, n: 2}, {kind: poolEnqueue}, {kind: poolWait}, {kind: poolSelect}, {kind: poolHeader, n: 7}, {kind: poolResult}, {kind: poolReceive},
		{kind: poolPoll}, {kind: poolPolled}, {kind: poolDrain, n: 7}, {kind: poolFulfil, n: 12}, {kind: poolSettle}, {kind: poolAgain},
	}
	feederCode = []op{{kind: poolFeed, n: 2}, {kind: poolFeeder}, {kind: poolPickle}, {kind: poolWrite}, {kind: poolAgain}}
	workerCode = []op{{kind: poolFetch}, {kind: poolUnpickle}, {kind: poolEnter}, {kind: poolSendBack}, {kind: poolDeliver}, {kind: poolAgain}}
)

// workerBack is where a worker goes on after a job.
const workerBack = 3

// newPool returns a pool whose workers have no jobs to do yet.
func newPool(name string, workers int) pool {
	return pool{name: name, workers: workers, code: &group{name: name + ".worker", code: append([]op(nil), workerCode...), process: true}}
}

// job compiles a body for the workers of a pool and returns where it begins.
func (m *machine) job(p *pool, body []workloads.Op) (entry int32, err error) {
	entry = int32(len(p.code.code))
	if err := m.compileOps(p.code, body, ofWorker, 0); err != nil {
		return 0, err
	}
	p.code.code = append(p.code.code, op{kind: opReturn})
	return entry, nil
}

// submitCode submits a job and waits for it.
func submitCode(ref, entry int32) []op {
	return []op{{kind: opSubmit}, {kind: opSubmitted, ref: ref, n: int64(entry)}, {kind: opResult}, {kind: opAwait}, {kind: opResumed}}
}

// loadPools makes the processes of each pool and the threads that serve it.
func (m *machine) loadPools() error {
	for i := range m.pools {
		p := &m.pools[i]
		if !m.config.Native {
			p.manager = m.helper(p, "manager", managerCode)
			p.feeder = m.helper(p, "feeder", feederCode)
		}
		for id := range p.workers {
			l, err := m.addLock()
			if err != nil {
				return err
			}
			t := m.thread(l, p.code, id, nil)
			t.pool, t.process = p, -l.number
			m.startTimer(t, 0)
		}
	}
	return nil
}

func (m *machine) helper(p *pool, name string, code []op) int32 {
	t := m.thread(m.locks[0], &group{name: p.name + "." + name, code: code}, 0, unseen())
	t.pool = p
	m.startTimer(t, 0)
	return t.id
}

// interprets lets a thread execute Python code that a native program has not got.
func (m *machine) interprets(t *thread, part workloads.PoolCode) bool {
	if !m.config.Native {
		calls := int64(part.Calls())
		m.compute(t, work{kind: fib, total: fibTime(calls, m.pace), calls: calls})
	}
	return true
}

// submits begins a part of a submit.
func (m *machine) submits(t *thread, o *op) bool {
	switch o.kind {
	case opSubmit:
		if t.conn >= 0 {
			t.carry += m.costs.Request
		}
		return m.interprets(t, workloads.PoolSubmit)
	case opSubmitted:
		return m.submitted(t, &m.pools[o.ref], int32(o.n))
	case opResult:
		return m.interprets(t, workloads.PoolResult)
	case opAwait:
		if m.jobs[t.job].task >= 0 {
			return m.suspends(t)
		}
		if !m.jobs[t.job].done {
			t.pc--
			return m.releases(t, trace.IO, parking)
		}
		return true
	case opResumed:
		j := &m.jobs[t.job]
		if t.body = j.body; j.task >= 0 {
			m.served(t, j)
		}
		t.planned += j.planned
		m.spare = append(m.spare, t.job)
		t.job, t.notified = -1, false
		return m.interprets(t, workloads.PoolWaiter)
	}
	return m.ends(t)
}

// submitted gives a job to the manager, which it wakes. A native program gives it to a
// worker.
func (m *machine) submitted(t *thread, p *pool, entry int32) bool {
	j := job{pool: p, entry: entry, thread: t.id, task: -1, body: t.body}
	if l := t.loop; l != nil && l.style != yieldLoop {
		j.task = l.current
	}
	if n := len(m.spare); n > 0 {
		t.job, m.spare = m.spare[n-1], m.spare[:n-1]
		m.jobs[t.job] = j
	} else {
		t.job = int32(len(m.jobs))
		m.jobs = append(m.jobs, j)
	}
	if m.config.Native {
		t.carry += m.costs.PipeWrite
		m.hands(p, t.job, t)
		return true
	}
	p.pending.push(t.job)
	return m.releases(t, trace.IO, waking)
}

// hands writes a job to the pipe, where the worker that has waited longest finds it.
func (m *machine) hands(p *pool, id int32, by *thread) {
	if p.idle.len() == 0 {
		p.written.push(id)
		return
	}
	w := &m.threads[p.idle.pop()]
	w.job = id
	m.wake(w, by)
}

// ends is the end of a job's body: the worker sends the result back.
func (m *machine) ends(t *thread) bool {
	j := &m.jobs[t.job]
	j.body, j.planned, j.running, j.ended = t.body, t.planned, false, m.now
	if s := &m.threads[j.thread]; j.task < 0 && s.phase == parking && s.lane.State() == trace.NoGIL {
		s.lane.To(trace.IO, m.now)
	}
	t.pc = workerBack
	return true
}

// showJob shows a thread that waits for a worker as one that computes without the
// lock, so that what a pool does for an iteration is part of its demand.
func (m *machine) showJob(t *thread) {
	if t.job >= 0 && m.jobs[t.job].running && t.lane.State() == trace.IO {
		t.lane.To(trace.NoGIL, m.now)
	}
}

// room reports whether the manager can move a job to the call queue.
func (p *pool) room() bool {
	return p.pending.len() > 0 && p.calls.len()+p.written.len() < p.workers+extraCalls
}

// actsInPool begins an operation of one of a pool's threads.
func (m *machine) actsInPool(t *thread, o *op) bool {
	p := t.pool
	switch o.kind {
	case poolAssign:
		if p.room() {
			return m.interprets(t, workloads.PoolEnqueue)
		}
		t.pc = int32(o.n)
	case poolEnqueue:
		p.calls.push(p.pending.pop())
		m.notify(&m.threads[p.feeder], t)
		t.pc = 0
	case poolWait:
		return m.interprets(t, workloads.PoolWait)
	case poolSelect:
		t.nap = -1
		return m.releases(t, trace.IO, selecting)
	case poolHeader:
		if p.results.len() > 0 {
			return m.releases(t, trace.IO, piping)
		}
		t.pc = int32(o.n)
	case poolResult:
		return m.releases(t, trace.IO, piping)
	case poolReceive:
		t.job = p.results.pop()
		return m.interprets(t, workloads.PoolReceive)
	case poolPoll:
		return m.interprets(t, workloads.PoolPoll)
	case poolPolled:
		t.nap = 0
		return m.releases(t, trace.IO, selecting)
	case poolDrain:
		if p.wakeups > 0 {
			p.wakeups--
			t.pc = int32(o.n)
			return m.releases(t, trace.IO, piping)
		}
	case poolFulfil:
		if t.job >= 0 {
			return m.interprets(t, workloads.PoolFulfil)
		}
		t.pc = int32(o.n)
	case poolSettle:
		return m.settles(t)
	default:
		return m.feedsOrWorks(t, o)
	}
	return true
}

// feedsOrWorks begins an operation of a pool's feeder or of a worker.
func (m *machine) feedsOrWorks(t *thread, o *op) bool {
	p := t.pool
	switch o.kind {
	case poolFeed:
		if p.calls.len() == 0 {
			return m.releases(t, trace.IO, parking)
		}
		t.pc = int32(o.n)
	case poolFeeder:
		t.pc = 0
		return m.interprets(t, workloads.PoolFeeder)
	case poolPickle:
		return m.interprets(t, workloads.PoolPickle)
	case poolWrite:
		return m.releases(t, trace.IO, feeding)
	case poolFetch:
		return m.releases(t, trace.IO, fetching)
	case poolUnpickle:
		return m.interprets(t, workloads.PoolUnpickle)
	case poolEnter:
		j := &m.jobs[t.job]
		t.body, t.planned, t.pc, j.running, j.begun = j.body, 0, j.entry, true, m.now
		if s := &m.threads[j.thread]; j.task < 0 && s.phase == parking && !s.on && !s.queued {
			m.showJob(s)
		}
	case poolSendBack:
		return m.interprets(t, workloads.PoolSendBack)
	case poolDeliver:
		return m.releases(t, trace.IO, delivering)
	case poolAgain:
		t.pc = 0
		m.jump(t)
	}
	return true
}

// goesOnInPool does what has to do with pipes, without the lock.
func (m *machine) goesOnInPool(t *thread) bool {
	p := t.pool
	switch t.phase {
	case waking:
		t.left, t.phase = m.costs.PipeWrite, woke
		return true
	case woke:
		p = m.jobs[t.job].pool
		p.wakeups++
		m.poke(&m.threads[p.manager], t)
	case piping:
		t.left = m.costs.PipeRead
	case feeding:
		t.left, t.phase = m.costs.PipeWrite, fed
		return true
	case fed:
		m.hands(p, p.calls.pop(), t)
	case fetching:
		if t.job < 0 && p.written.len() > 0 {
			t.job = p.written.pop()
		}
		if t.job < 0 {
			p.idle.push(t.id)
			return m.block(t)
		}
		t.left = 2 * m.costs.PipeRead // the length, and the rest
	case delivering:
		t.left, t.phase = m.costs.PipeWrite, delivered
		return true
	case delivered:
		m.delivers(t)
	case signalling:
		t.left, t.phase = m.costs.Send, signalled
		return true
	case signalled:
		m.signals(t, p.waiter)
		t.job = -1
	}
	t.phase, t.then = take, fetch
	return true
}

// delivers brings a result to the manager; without one, to who waits for it.
func (m *machine) delivers(t *thread) {
	j := &m.jobs[t.job]
	switch {
	case !m.config.Native:
		t.pool.results.push(t.job)
		m.poke(&m.threads[t.pool.manager], t)
	case j.task >= 0:
		m.resolves(j)
		m.signals(t, j.thread)
	default:
		j.done = true
		m.notify(&m.threads[j.thread], t)
	}
	t.job = -1
}

// settles tells who waits for a job that it is done.
func (m *machine) settles(t *thread) bool {
	j := &m.jobs[t.job]
	j.done = true
	if j.task < 0 {
		m.notify(&m.threads[j.thread], t)
		t.job = -1
		return true
	}
	m.resolves(j)
	t.pool.waiter = j.thread
	return m.releases(t, trace.IO, signalling)
}

// resolves queues what lets a task go on that waits for a job.
func (m *machine) resolves(j *job) {
	l := m.threads[j.thread].loop
	l.tasks[j.task].since = m.now
	kind := resolve
	if l.style == talkLoop {
		kind = step
	}
	l.ready.push(handle{kind, j.task})
}

// signals writes the byte that wakes a loop.
func (m *machine) signals(t *thread, waiter int32) {
	w := &m.threads[waiter]
	w.loop.signals++
	m.poke(w, t)
}
