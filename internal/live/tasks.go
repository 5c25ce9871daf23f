package live

import (
	"fmt"
	"slices"
	"sync"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

// Coroutines: tasks that take turns on one thread, that of the loop that runs them.
// To the lock there is only that thread. A task needs no stack of its own: where it
// is in its body says all that a generator would remember.
//
// The log and the lane know the thread, whose iterations are the pieces between two
// suspensions of a task. What the thread goes through in the pieces of a task's own
// iteration is that iteration's; the rest of it the task has waited.

// eventLoop is a loop and its tasks.
type eventLoop struct {
	kind   workloads.TaskKind
	pools  []int // that its tasks submit to
	host   loopHost
	lane   *trace.Lane
	now    func() int64
	epoch  int64 // on the clock of processes
	me     *waiter
	end    int64     // no iteration begins from then on
	values *valueLog // nil: nobody wants them

	live   int // tasks that have not ended
	pieces int64
	ready  deque[handle]
	timers timers
	armed  int64 // how many timers were ever set

	// Of an asyncio loop.
	selector selector
	mu       sync.Mutex
	inbox    []*coroutine // of other threads, under the mutex: what the tasks waited for has come
}

// loopHost is the thread of a loop: its worker, and how it waits.
type loopHost interface {
	worker
	// pause sleeps until then, and lets the lock go for it.
	pause(until int64)
	// poll lets the lock go and waits in select: for ns nanoseconds, or without end if
	// they are negative, or until it is woken, which it reports.
	poll(ns int64) (woken bool)
	// drain reads what woke the loop, and lets the lock go for that too.
	drain()
	// start submits work to a pool and goes on. When that is done, another thread calls
	// then, and wakes the loop.
	start(op *workloads.Op, s workloads.Stream, then func(*result))
}

// handle is something that a loop is to do.
type handle struct {
	kind handleKind
	task *coroutine
}

type handleKind uint8

const (
	stepTask    handleKind = iota // go on with the task
	resolveTask                   // end what the task waits for: it goes on in the next turn
	readWaker                     // read what woke the loop
)

// coroutine is a task: a worker of a group.
type coroutine struct {
	group  *workloads.TaskGroup
	id     int
	number int32 // in a log
	meter  *trace.Meter
	stream workloads.Stream
	gives  bool // its body lets others go on

	frames []frame // where it is: its body, and the loops that it is inside
	times  int     // left of the yields or the count that it is at; 0: at none
	open   bool    // inside an iteration
	pass   pass
	row    trace.Sample
	result *result // of what it has submitted, until it goes on
	since  int64   // when it could go on, if it can
	left   int64   // when the loop left it
	nap    int64   // that it asks for as it lets the others go on
}

// frame is a place in a body.
type frame struct {
	body []workloads.Op
	next int
	left int // passes of it, with this one
}

// suspension is why a loop leaves a task.
type suspension uint8

const (
	taskGives suspension = iota // others are to go on first
	taskWaits                   // something will make it ready
	taskEnds                    // it has ended
)

func newCoroutine(g *workloads.TaskGroup, id int, number int32, seed uint64, m *trace.Meter) *coroutine {
	return &coroutine{
		group: g, id: id, number: number, meter: m, stream: workloads.NewStream(seed, g.Name, id, "body"),
		gives: g.Kind.Yields(g.Body), frames: []frame{{body: g.Body}},
	}
}

// loopsOf returns the loops of a program, which have no threads yet, and the reports
// of all groups of tasks.
func loopsOf(p *workloads.Program, values *valueLog) (loops []*eventLoop, groups []trace.GroupReport) {
	byKind := map[workloads.TaskKind]*eventLoop{}
	number := int32(0)
	for i := range p.Tasks {
		g := &p.Tasks[i]
		l := byKind[g.Kind]
		if l == nil {
			l = &eventLoop{kind: g.Kind, end: p.End(), values: values}
			byKind[g.Kind] = l
			loops = append(loops, l)
		}
		l.pools = append(l.pools, poolsOf(g.Body)...)
		report := trace.GroupReport{Name: g.Name}
		for id := range g.Count {
			m := meterOf(p, g.Samples, g.Count)
			report.Workers = append(report.Workers, m)
			l.wake(newCoroutine(g, id, number, p.Seed, m), int64(g.Start))
			l.live++
			number++
		}
		groups = append(groups, report)
	}
	for _, l := range loops {
		slices.Sort(l.pools)
		l.pools = slices.Compact(l.pools)
	}
	return loops, groups
}

// tasksOf returns what the tasks of a program are called in a log, by number: those of
// its loops, and then those of a server's, one for each connection.
func tasksOf(p *workloads.Program) []trace.Thread {
	var names []trace.Thread
	for i := range p.Tasks {
		for id := range p.Tasks[i].Count {
			names = append(names, trace.Thread{Group: p.Tasks[i].Name, Worker: id})
		}
	}
	if p.Server == nil || !p.Server.Model.Looped() {
		return names
	}
	for i := range p.Clients {
		for range p.Clients[i].Count {
			names = append(names, trace.Thread{Group: serverGroup, Worker: len(names) - p.TaskCount() + 1})
		}
	}
	return names
}

// group is the name of the loop's thread in a log, which no group of a program can
// have.
func (l *eventLoop) group() string { return l.kind.String() + "-loop" }

// start is when the first of the tasks does.
func (l *eventLoop) start() int64 { return l.timers[0].at }

// run runs the loop until all its tasks have ended.
func (l *eventLoop) run() {
	if l.kind == workloads.AsyncioTask {
		l.runAsyncio()
	} else {
		l.runYield()
	}
}

// runYield is the article's run(): it takes the leftmost task, goes on with it, and
// appends it at the right. A task that starts later comes in at the right, too.
func (l *eventLoop) runYield() {
	for l.live > 0 {
		if len(l.timers) > 0 {
			l.due(stepTask)
		}
		if l.ready.len() == 0 {
			l.host.pause(l.timers[0].at)
			continue
		}
		l.step(l.ready.pop().task)
		l.host.jump()
	}
}

// step goes on with a task, and queues it if it is to go on at once.
func (l *eventLoop) step(t *coroutine) {
	l.me.group = t.group.Name
	at := l.now()
	l.beginPiece(t, t.since, at)
	t.nap = 0
	if r := t.result; r != nil {
		t.result = nil
		if begin, end := r.computed(l.epoch, t.left, at); begin < end {
			t.row.NoGIL += end - begin
			l.lane.ServeTask(t.number, begin, end, at)
		}
		t.pass.take(r)
		if r.problem == "" {
			t.stream = r.stream
		}
	}
	why := l.advance(t)
	t.left = l.now()
	l.endPiece(t, t.left)
	switch why {
	case taskGives:
		t.since = t.left
		l.ready.push(handle{stepTask, t})
	case taskWaits:
		if t.nap > 0 { // from when it lets the others go on
			l.wake(t, t.left+t.nap)
		}
	case taskEnds:
		l.live--
	}
}

// due queues a handle for each task whose timer has come.
func (l *eventLoop) due(kind handleKind) {
	for now := l.now(); len(l.timers) > 0 && l.timers[0].at <= now; {
		came := l.timers.pop()
		came.task.since = came.at
		l.ready.push(handle{kind, came.task})
	}
}

// wake sets the timer of a task.
func (l *eventLoop) wake(t *coroutine, at int64) {
	l.timers.push(timer{at, l.armed, t})
	l.armed++
}

// advance goes on with a task to its next suspension.
func (l *eventLoop) advance(t *coroutine) suspension {
	for {
		if !t.open {
			at := l.now()
			if n := t.group.Times; n > 0 && t.row.Seq >= int64(n) || at >= l.end {
				return taskEnds
			}
			l.begin(t, at)
		}
		f := &t.frames[len(t.frames)-1]
		switch {
		case t.pass.problem != nil:
			if l.finish(t) {
				return taskGives
			}
			l.host.jump()
		case f.next < len(f.body):
			if why, suspended := l.operate(t, f); suspended {
				return why
			}
		case len(t.frames) > 1:
			if f.left--; f.left > 0 {
				f.next = 0
			} else {
				t.frames = t.frames[:len(t.frames)-1]
			}
			l.host.jump()
		default:
			if l.finish(t) {
				return taskGives
			}
			l.host.jump()
		}
	}
}

// operate does the next operation of a task, or a part of one after which the task
// is suspended.
func (l *eventLoop) operate(t *coroutine, f *frame) (why suspension, suspended bool) {
	op := &f.body[f.next]
	asyncio := l.kind == workloads.AsyncioTask
	switch {
	case op.Kind == workloads.OpYield || op.Kind == workloads.OpCount:
		if t.times == 0 {
			t.times = op.N + 1
		}
		if t.times--; t.times == 0 {
			break
		}
		if op.Kind == workloads.OpCount {
			l.values.add(t, int64(t.times))
		}
		return taskGives, true
	case op.Kind == workloads.OpSleep && asyncio:
		f.next++
		ns := op.For.Draw(&t.stream)
		t.pass.planned += ns
		if ns <= 0 {
			return taskGives, true
		}
		t.nap = ns
		return taskWaits, true
	case op.Kind == workloads.OpSubmit && asyncio:
		f.next++
		l.host.start(op, t.stream, func(r *result) { l.deliver(t, r) })
		return taskWaits, true
	case op.Kind == workloads.OpLoop:
		f.next++
		if op.N > 0 {
			t.frames = append(t.frames, frame{body: op.Body, left: op.N})
		}
		return 0, false
	default:
		execute(l.host, op, &t.stream, &t.pass)
	}
	f.next++
	return 0, false
}

// begin begins an iteration, and with it a piece: what was before is not its.
func (l *eventLoop) begin(t *coroutine, at int64) {
	l.endPiece(t, at)
	t.row = trace.Sample{Seq: t.row.Seq, Intended: at, Start: at}
	t.open = true
	t.pass.begin()
	l.lane.BeginTask(t.number, t.row.Seq, at)
	l.beginPiece(t, at, at)
}

// finish ends an iteration, and reports whether others are to go on then: they are
// where a generator never yields.
func (l *eventLoop) finish(t *coroutine) bool {
	problem := t.pass.end(l.host)
	at := l.now()
	l.endPiece(t, at)
	t.row.End, t.row.Planned, t.row.Err = at, t.pass.planned, problem
	t.row.Blocked = t.row.Latency() - t.row.Run - t.row.WaitGIL - t.row.NoGIL
	t.meter.Add(&t.row)
	l.lane.EndTask(t.number, at, t.pass.planned, problem)
	t.row.Seq++
	t.open, t.times = false, 0
	t.frames = append(t.frames[:0], frame{body: t.group.Body})
	l.beginPiece(t, at, at)
	return !t.gives && l.kind == workloads.YieldTask
}

// beginPiece begins a piece of what the thread does for a task, which could go on since
// then.
func (l *eventLoop) beginPiece(t *coroutine, since, at int64) {
	l.lane.BeginPiece(t.number, l.pieces, since, at)
	l.pieces++
}

// endPiece adds what the thread has been through to the iteration of a task.
func (l *eventLoop) endPiece(t *coroutine, at int64) {
	l.lane.End(at, t.nap, "")
	s, r := l.lane.Sample(), &t.row
	r.Run += s.Run
	r.WaitGIL += s.WaitGIL
	r.NoGIL += s.NoGIL
	r.Counts.Add(s.Counts)
}

// timer is when a task starts, or has slept.
type timer struct {
	at    int64
	order int64 // of equal times, the one that was set first
	task  *coroutine
}

func (t timer) before(o timer) bool { return t.at < o.at || t.at == o.at && t.order < o.order }

// timers is a binary heap, the earliest first.
type timers []timer

func (ts *timers) push(t timer) {
	*ts = append(*ts, t)
	h := *ts
	i := len(h) - 1
	for ; i > 0 && t.before(h[(i-1)/2]); i = (i - 1) / 2 {
		h[i] = h[(i-1)/2]
	}
	h[i] = t
}

func (ts *timers) pop() timer {
	h := *ts
	first, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	*ts = h
	i := 0
	for child := 1; child < len(h); child = 2*i + 1 {
		if child+1 < len(h) && h[child+1].before(h[child]) {
			child++
		}
		if !h[child].before(last) {
			break
		}
		h[i] = h[child]
		i = child
	}
	if len(h) > 0 {
		h[i] = last
	}
	return first
}

// valueLog keeps what counts yield, of both loops. A nil one keeps nothing.
type valueLog struct {
	mu   sync.Mutex
	list []trace.Value
	cut  bool // there were more
}

// mostValues is how many values are kept: more than anybody reads.
const mostValues = 1 << 18

// newValueLog returns nil where nobody asks for the values.
func newValueLog(o session.Options) *valueLog {
	if !o.Values {
		return nil
	}
	return new(valueLog)
}

func (v *valueLog) add(t *coroutine, value int64) {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.list) == mostValues {
		v.cut = true
		return
	}
	v.list = append(v.list, trace.Value{Group: t.group.Name, Worker: t.id, Value: value})
}

// report puts the values into a report.
func (v *valueLog) report(r *trace.Report) {
	if v == nil {
		return
	}
	r.Values = v.list
	if v.cut {
		r.Warnings = append(r.Warnings, trace.Warning{
			Code:    "values-cut",
			Message: fmt.Sprintf("counts yielded so many values that only the first %d of them were kept", mostValues),
			Hint:    "show the values of a program with fewer, or a shorter one",
		})
	}
}
