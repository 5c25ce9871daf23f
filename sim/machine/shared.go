package machine

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// What threads of a program share beside the interpreter's lock: locks and queues
// of the program.
//
// A lock is threading.Lock. Who wants it tries at once; only where that fails it lets
// the interpreter's lock go and sleeps. It has the lock of the program before it
// comes for the interpreter's again, so others may have to wait for both
// (CPython 3.11, Modules/_threadmodule.c, acquire_timed). Letting go wakes the thread
// that has slept longest, and hands nothing over: who tries first gets the lock.
//
// A queue is queue.Queue. Who finds it full, or empty, waits in line on a condition
// of its own and looks again when it has been notified (CPython 3.11, Lib/queue.py
// and Lib/threading.py). Its mutex is held for less than a microsecond, and who comes
// to it comes at once.

// userLock is a lock of the program.
type userLock struct {
	name    string
	holder  int32   // thread; -1: it is free
	waiters []int32 // threads that sleep, the longest first
}

// userQueue is a queue of the program.
type userQueue struct {
	name             string
	size, items      int     // size 0: it is never full
	getters, putters []int32 // threads that wait to be notified, the longest first
}

func (m *machine) loadShared() {
	for i := range m.program.Pools {
		p := &m.program.Pools[i]
		m.pools = append(m.pools, newPool(p.Name, p.Workers))
	}
	for i := range m.program.Locks {
		m.userLocks = append(m.userLocks, userLock{name: m.program.Locks[i].Name, holder: -1})
	}
	if s := m.program.Server; s != nil && s.Model.Pooled() {
		m.pools = append(m.pools, newPool(serverGroup, cmp.Or(s.Workers, workloads.DefaultWorkers)))
	}
	for i := range m.program.Queues {
		q := &m.program.Queues[i]
		m.queues = append(m.queues, userQueue{name: q.Name, size: q.Size})
	}
}

// shares does an operation on a lock or a queue, when what it costs has been spent with
// the interpreter's lock: others find it taken for so long.
func (m *machine) shares(t *thread) bool {
	t.phase = fetch
	switch o := &t.group.code[t.pc-1]; o.kind {
	case opLock:
		return m.locksUser(t, o.ref)
	case opUnlock:
		return m.unlocksUser(t, o.ref)
	case opPut:
		return m.puts(t, o.ref)
	default:
		return m.gets(t, o.ref)
	}
}

// locksUser takes a lock of the program that is free, or goes to wait for it.
func (m *machine) locksUser(t *thread, ref int32) bool {
	l := &m.userLocks[ref]
	if l.holder < 0 {
		l.holder = t.id
		return true
	}
	return m.releases(t, trace.IO, locking)
}

// takesUserLock tries again, without the interpreter's lock, and sleeps until the
// holder lets go.
func (m *machine) takesUserLock(t *thread) bool {
	l := &m.userLocks[t.group.code[t.pc-1].ref]
	if l.holder < 0 {
		l.holder = t.id
		t.phase, t.then = take, fetch
		return true
	}
	l.waiters = append(l.waiters, t.id)
	return m.block(t)
}

func (m *machine) unlocksUser(t *thread, ref int32) bool {
	l := &m.userLocks[ref]
	if l.holder != t.id {
		m.failed = fmt.Errorf("sim: at %v %s lets go of lock %s, which it does not have", time.Duration(m.now), m.called(t), l.name)
		return false
	}
	l.holder = -1
	if len(l.waiters) > 0 {
		m.wake(m.head(&l.waiters), t)
	}
	return true
}

// puts puts an item into a queue, or waits until it is not full.
func (m *machine) puts(t *thread, ref int32) bool {
	q := &m.queues[ref]
	if q.size > 0 && q.items == q.size {
		return m.waitsInLine(t, &q.putters)
	}
	q.items++
	if len(q.getters) > 0 {
		m.notify(m.head(&q.getters), t)
	}
	return true
}

// gets takes an item from a queue, or waits until there is one.
func (m *machine) gets(t *thread, ref int32) bool {
	q := &m.queues[ref]
	if q.items == 0 {
		return m.waitsInLine(t, &q.getters)
	}
	q.items--
	if len(q.putters) > 0 {
		m.notify(m.head(&q.putters), t)
	}
	return true
}

// waitsInLine lets the interpreter's lock go until the thread is notified; then its
// operation begins anew.
func (m *machine) waitsInLine(t *thread, line *[]int32) bool {
	*line = append(*line, t.id)
	t.pc--
	return m.releases(t, trace.IO, parking)
}

// head takes the first thread out of a line.
func (m *machine) head(line *[]int32) *thread {
	t := &m.threads[(*line)[0]]
	*line = append((*line)[:0], (*line)[1:]...)
	return t
}

// parks waits until the thread is notified, which may have happened already, and
// comes for the interpreter's lock.
func (m *machine) parks(t *thread) bool {
	if !t.notified {
		m.showJob(t)
		return m.block(t)
	}
	t.notified = false
	t.phase, t.then = take, fetch
	return true
}

// notify lets a thread go on that parks, or is about to.
func (m *machine) notify(t, by *thread) {
	t.notified = true
	if t.phase == parking && !t.on && !t.queued {
		m.wake(t, by)
	}
}

// called returns what people call a thread.
func (m *machine) called(t *thread) string {
	worker := t.worker
	if l := t.loop; l != nil && l.current >= 0 {
		worker = l.tasks[l.current].worker
	}
	return fmt.Sprintf("%s-%d", t.group.name, worker)
}

// stuck ends a run in which nothing is left to happen. Threads that wait for each
// other, and will for ever, are no fault of the machine: with a window they are cut
// off as what is under way at its end, and until all is done they are an error.
func (m *machine) stuck() error {
	var waits []string
	for i := range m.threads {
		t := &m.threads[i]
		if !t.group.counts || t.ended {
			continue
		}
		what := m.waitsFor(t)
		if what == "" {
			return fmt.Errorf("sim: at %d ns nothing is left to happen and %s has not ended", m.now, m.called(t))
		}
		waits = append(waits, m.called(t)+" waits "+what)
	}
	if !m.program.UntilDone {
		m.now = m.limit
		return nil
	}
	const most = 8
	if len(waits) > most {
		waits = append(waits[:most], fmt.Sprintf("and %d more", len(waits)-most))
	}
	return errors.New("sim: deadlock after " + time.Duration(m.now).String() + ": " + strings.Join(waits, "; "))
}

// waitsFor says what a thread of the program waits for, if another thread of the
// program is to bring it.
func (m *machine) waitsFor(t *thread) string {
	switch {
	case t.phase == locking:
		l := &m.userLocks[t.group.code[t.pc-1].ref]
		if l.holder < 0 {
			return ""
		}
		return fmt.Sprintf("for lock %s, which %s has", l.name, m.called(&m.threads[l.holder]))
	case t.phase != parking || t.notified:
		return ""
	}
	switch o := &t.group.code[t.pc]; o.kind {
	case opPut:
		return fmt.Sprintf("to send into queue %s, which is full", m.queues[o.ref].name)
	case opGet:
		return fmt.Sprintf("to receive from queue %s, which is empty", m.queues[o.ref].name)
	}
	return ""
}
