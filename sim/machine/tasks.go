package machine

import (
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/sim"
	"github.com/fibsim/fibsim/workloads"
)

// Coroutines: tasks that take turns on one thread, which the loop that runs them
// has to itself. To the lock and the CPUs there is only that thread.
//
// The thread is at home in the loop's own code, a single operation that chooses who
// is next. It enters a task by taking over where that is in its body, its strand,
// and leaves it by putting the strand back. What the thread goes through from the
// one to the other, as its lane sees it, is part of the task's iteration; the rest
// of an iteration is time for which the task is blocked.

// eventLoop is a loop that runs tasks.
type eventLoop struct {
	style   loopStyle
	thread  int32
	home    strand
	tasks   []task
	current int32 // the task that the thread is in; -1: none
	live    int   // tasks that have not ended
	pieces  int64 // of time that the thread has spent in tasks
	ready   fifo[handle]

	timers *sim.Timers // by task: when it starts, or has slept

	// Of an asyncio loop.
	batch   int // handles that are left of this turn
	signals int // bytes that other threads have written to wake the loop

	// Of the server's loop: tasks that wait for a socket, in the order in which they
	// came.
	receivers, senders []int32
}

// loopStyle says by which rules a loop chooses.
type loopStyle uint8

const (
	yieldLoop   loopStyle = iota // a deque of generators
	asyncioLoop                  // ready handles, timers and a selector
	talkLoop                     // the server's: coroutines.go
)

// loopNames are what the threads of the loops are called in a log. No group of a
// program can have such a name.
var loopNames = [...]string{"yield-loop", "asyncio-loop"}

// task is a coroutine.
type task struct {
	strand
	worker int32
	number int32 // among the tasks of a log; -1: nobody asks about it
	meter  *trace.Meter
	start  int64        // when it comes to the loop
	since  int64        // when it could go on, if it can
	left   int64        // when the loop left it
	row    trace.Sample // what its iteration has come to so far
}

// handle is something that a loop is to do.
type handle struct {
	kind handleKind
	task int32
}

type handleKind uint8

const (
	step    handleKind = iota // go on with the task
	resolve                   // end what the task waits for: it goes on in the next turn
	drain                     // read what others have written to wake the loop
)

// homeCode is the code of a loop's thread.
var homeCode = []op{{kind: opTurn}}

// loadTasks makes a thread for each kind of tasks that there is.
func (m *machine) loadTasks() error {
	var loops [len(loopNames)]*eventLoop
	for i := range m.program.Tasks {
		w := &m.program.Tasks[i]
		style := yieldLoop
		if w.Kind == workloads.AsyncioTask {
			style = asyncioLoop
		}
		if loops[style] == nil {
			loops[style] = m.newLoop(style)
		}
		if err := m.loadTaskGroup(loops[style], w); err != nil {
			return err
		}
	}
	for _, l := range loops {
		if l != nil {
			m.startLoop(l)
		}
	}
	return nil
}

// newLoop makes a loop and its thread.
func (m *machine) newLoop(style loopStyle) *eventLoop {
	l := &eventLoop{style: style, current: -1}
	l.home = strand{group: &group{name: loopNames[style], code: homeCode, counts: true}, conn: -1, job: -1}
	t := m.thread(m.locks[0], l.home.group, 0, unseen())
	t.strand, t.loop = l.home, l
	l.thread = t.id
	m.alive++
	return l
}

func (m *machine) loadTaskGroup(l *eventLoop, w *workloads.TaskGroup) error {
	g := &group{name: w.Name, times: int64(w.Times), counts: true, yields: w.Kind.Yields(w.Body)}
	inside := ofYield
	if l.style == asyncioLoop {
		inside = ofAsyncio
	}
	if err := m.compile(g, w.Body, inside); err != nil {
		return err
	}
	report := trace.GroupReport{Name: w.Name, Workers: make([]*trace.Meter, 0, w.Count)}
	for id := range w.Count {
		meter := m.meter(w.Samples, w.Count)
		report.Workers = append(report.Workers, meter)
		k := task{worker: int32(id), number: m.numberTask(w.Name, id), meter: meter, start: int64(w.Start)}
		k.strand = m.strand(g)
		k.body = workloads.NewStream(m.program.Seed, w.Name, id, "body")
		l.tasks = append(l.tasks, k)
	}
	m.groups = append(m.groups, report)
	return nil
}

// numberTask returns the number of the next task in a log.
func (m *machine) numberTask(group string, worker int) int32 {
	if m.config.Keep {
		m.tasks = append(m.tasks, trace.Thread{Group: group, Worker: worker})
	}
	m.numbered++
	return m.numbered - 1
}

// startLoop lets the thread of a loop sleep until the first task comes, and the
// others come at their times.
func (m *machine) startLoop(l *eventLoop) {
	l.live = len(l.tasks)
	l.timers = sim.NewTimers(len(l.tasks))
	first := sim.Never
	for i := range l.tasks {
		l.timers.Set(i, l.tasks[i].start)
		first = min(first, l.tasks[i].start)
	}
	t := &m.threads[l.thread]
	if !t.sched.goes {
		first += m.costs.TimerSlack.Draw(&t.chance)
	}
	m.startTimer(t, first)
}

// turn is what the thread of a loop does between two tasks.
func (m *machine) turn(t *thread) bool {
	t.pc = 0
	switch {
	case t.loop.live == 0:
		return m.exits(t)
	case t.loop.style == asyncioLoop:
		return m.asyncioTurn(t)
	case t.loop.style == talkLoop:
		return m.talkTurn(t)
	}
	return m.yieldTurn(t)
}

// yieldTurn takes the leftmost task: the article's run(). A task that starts later
// comes in at the right.
func (m *machine) yieldTurn(t *thread) bool {
	l := t.loop
	l.due(m.now, step)
	if l.ready.len() == 0 {
		_, next := l.timers.First()
		t.nap = next - m.now
		return m.releases(t, trace.Sleep, doze)
	}
	t.carry += m.costs.YieldStep
	m.enters(t, l.ready.pop().task)
	return true
}

// due queues a handle for each task whose timer has come.
func (l *eventLoop) due(now int64, kind handleKind) {
	for {
		k, at := l.timers.First()
		if at > now {
			return
		}
		l.timers.Clear(k)
		l.tasks[k].since = at
		l.ready.push(handle{kind, int32(k)})
	}
}

// enters lets the thread of a loop go on with a task.
func (m *machine) enters(t *thread, k int32) {
	l := t.loop
	l.current, t.strand = k, l.tasks[k].strand
	m.beginPiece(t, &l.tasks[k], l.tasks[k].since)
}

// beginPiece begins a piece of what the thread of a loop does for a task, which could go
// on since then.
func (m *machine) beginPiece(t *thread, k *task, since int64) {
	t.lane.BeginPiece(k.number, t.loop.pieces, since, m.now)
	t.loop.pieces++
}

// suspends takes the thread of a loop out of its task. There is a look at the
// breaker, since the loop jumps back.
func (m *machine) suspends(t *thread) bool { return m.suspendsFor(t, 0) }

// suspendsFor is suspends for a task that sleeps so long.
func (m *machine) suspendsFor(t *thread, ns int64) bool {
	l := t.loop
	k := &l.tasks[l.current]
	m.piece(t, k, ns)
	k.left = m.now
	k.strand, t.strand, l.current = t.strand, l.home, -1
	m.jump(t)
	return true
}

// piece adds what the thread has been through since it went on with a task, or since
// the last piece, to the iteration of the task. The task goes on, or sleeps so long.
func (m *machine) piece(t *thread, k *task, sleeps int64) {
	t.lane.End(m.now, sleeps, "")
	s, r := t.lane.Sample(), &k.row
	r.Run += s.Run
	r.WaitGIL += s.WaitGIL
	r.NoGIL += s.NoGIL
	r.Blocked += s.Blocked
	r.Ready += s.Ready
	r.Counts.Add(s.Counts)
}

// served adds what a process has computed for the task that a thread is in, since the
// loop had left that.
func (m *machine) served(t *thread, j *job) {
	k := &t.loop.tasks[j.task]
	begin := max(j.begun, k.left)
	if begin >= j.ended {
		return
	}
	k.row.NoGIL += j.ended - begin
	if k.number >= 0 {
		t.lane.ServeTask(k.number, begin, j.ended, m.now)
	}
}

// taskBegins begins an iteration of the task that a thread is in.
func (m *machine) taskBegins(t *thread) {
	l := t.loop
	k := &l.tasks[l.current]
	m.piece(t, k, 0)
	k.row = trace.Sample{Seq: t.seq, Intended: m.now, Start: m.now}
	if k.number >= 0 {
		t.lane.BeginTask(k.number, t.seq, m.now)
	}
	m.beginPiece(t, k, m.now)
}

// taskEnds ends it.
func (m *machine) taskEnds(t *thread) {
	l := t.loop
	k := &l.tasks[l.current]
	m.piece(t, k, 0)
	if k.number >= 0 {
		t.lane.EndTask(k.number, m.now, t.planned, "")
	}
	r := &k.row
	r.End, r.Planned = m.now, t.planned
	r.Blocked = r.Latency() - r.Run - r.WaitGIL - r.NoGIL - r.Ready
	k.meter.Add(r)
	m.beginPiece(t, k, m.now)
}

// returns ends a task: it has done all its iterations, or begins none any more.
func (m *machine) returns(t *thread) bool {
	t.loop.live--
	return m.suspends(t)
}

// gives lets the other tasks go on first. The operation begins anew after that, so
// often as rep says.
func (m *machine) gives(t *thread) bool {
	l := t.loop
	l.tasks[l.current].since = m.now
	l.ready.push(handle{step, l.current})
	t.pc--
	return m.suspends(t)
}

// pauses is a yield, of which there may be several; a count yields a value each time.
func (m *machine) pauses(t *thread, o *op) bool {
	if t.rep == 0 {
		t.rep = int32(o.n) + 1
	}
	if t.rep--; t.rep == 0 {
		return true
	}
	if o.kind == opCount && m.config.Values {
		k := &t.loop.tasks[t.loop.current]
		m.values = append(m.values, trace.Value{Group: t.group.name, Worker: int(k.worker), Value: int64(t.rep)})
	}
	return m.gives(t)
}
