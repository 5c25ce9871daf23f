package machine

import (
	"math/bits"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/workloads"
)

// This file knows where in its work a thread is, and where it looks whether it has
// to let go. The looks are computed, not simulated: as long as nobody asks, work
// of any length is one burst.

// work is an operation that computes with the lock.
type work struct {
	kind   workKind
	total  int64 // ns of CPU time
	rest   int64 // what is left of it after the burst under way
	calls  int64 // of fib; steps
	anchor int64 // looks up to which the countdown of ticks is right
}

type workKind uint8

const (
	held     workKind = iota // C code that keeps the lock: it never looks
	fib                      // looks at every call, at its beginning
	spin                     // looks after every microsecond
	scripted                 // looks at every step, at its end
)

// spinLook is how much a spinning thread computes between two looks, in ns: what
// workloads/kernel does.
const spinLook = 1000

// ticksOfSpin is how many ticks of the lock of Python 2 a microsecond of a plain loop
// counts, as in workloads/kernel.
const ticksOfSpin = 25

// fibTime returns the CPU time of a number of calls in ns, for a pace in ps.
func fibTime(calls, pace int64) int64 {
	hi, lo := bits.Mul64(uint64(calls), uint64(pace))
	q, _ := bits.Div64(hi, lo, 1000)
	return int64(q)
}

// done returns how much of its work a thread has done.
func (m *machine) done(t *thread) int64 {
	left := t.left
	if t.burst && m.now > t.at {
		left -= m.now - t.at
	}
	return t.work.total - t.work.rest - left
}

// looks returns how many looks a thread has taken after so much of its work; for
// fib the one at the beginning does not count.
func (m *machine) looks(w *work, done int64) int64 {
	switch w.kind {
	case fib:
		if m.pace == 0 {
			return w.calls
		}
		hi, lo := bits.Mul64(uint64(done), 1000)
		q, _ := bits.Div64(hi, lo, uint64(m.pace))
		return min(int64(q), w.calls)
	case spin:
		return done / spinLook
	case scripted:
		if w.total == 0 {
			return 0
		}
		hi, lo := bits.Mul64(uint64(done), uint64(w.calls))
		q, _ := bits.Div64(hi, lo, uint64(w.total))
		return int64(q)
	}
	return 0
}

// lookAt returns how much work has been done at look n. False: there is none with
// that number.
func (m *machine) lookAt(w *work, n int64) (int64, bool) {
	switch w.kind {
	case fib:
		return fibTime(n, m.pace), n < w.calls
	case spin:
		return n * spinLook, n*spinLook <= w.total
	case scripted:
		// Rounded up, so that looks returns n there.
		hi, lo := bits.Mul64(uint64(n), uint64(w.total))
		lo, more := bits.Add64(lo, uint64(w.calls-1), 0)
		q, _ := bits.Div64(hi+more, lo, uint64(w.calls))
		return int64(q), n <= w.calls
	}
	return 0, false
}

// cut makes the burst of a thread end after so much of its work, and a time that
// is none of it; then the thread goes on with next.
func (m *machine) cut(t *thread, at, extra int64, next phase) {
	done := m.done(t)
	burst := t.burst
	if burst {
		m.clearBurst(t)
		t.at = max(t.at, m.now)
	}
	t.left, t.work.rest, t.phase = at-done+extra, t.work.total-at, next
	if burst {
		m.setBurst(t)
	}
}

// compute begins an operation that computes with the lock.
func (m *machine) compute(t *thread, w work) {
	t.work, t.left, t.phase = w, w.total, worked
	m.watch(t, t.work.kind == fib)
}

// resume goes on with an operation that was interrupted.
func (m *machine) resume(t *thread) bool {
	if t.work.rest == 0 {
		t.phase = fetch
		return true
	}
	t.left, t.work.rest, t.phase = t.work.rest, 0, worked
	m.watch(t, false)
	return true
}

// watch makes a thread that begins to compute look where it has to. First says that
// it has not yet looked where it is.
func (m *machine) watch(t *thread, first bool) {
	switch {
	case t.raised && first:
		m.cut(t, 0, m.noticed(t), notice)
	case t.raised:
		m.lookNext(t)
	case t.lock.waiters > 0 && t.lock.traits.Ticks > 0:
		m.countdownNext(t)
	}
}

// raise puts up the flag of the holder's breaker.
func (m *machine) raise(t *thread) {
	if t.raised {
		return
	}
	t.raised = true
	if t.phase == worked {
		m.lookNext(t)
	}
}

// lookNext makes a thread that computes stop at its next look, if it has one more.
func (m *machine) lookNext(t *thread) {
	w := &t.work
	if at, ok := m.lookAt(w, m.looks(w, m.done(t))+1); ok {
		m.cut(t, at, m.noticed(t), notice)
	}
}

// noticed draws how long a request takes to reach the holder. A lock that counts
// ticks looks for itself.
func (m *machine) noticed(t *thread) int64 {
	if t.lock.traits.Ticks > 0 {
		return 0
	}
	return m.costs.Noticed.Draw(&t.chance)
}

// jump is a backward jump of the interpreter, where it looks. It returns true when
// the thread has to do something first.
func (m *machine) jump(t *thread) bool {
	t.work = work{}
	if t.lock.traits.Ticks > 0 {
		if t.lock.count(1) && t.lock.waiters > 0 {
			t.phase = runOut
			return true
		}
		return false
	}
	if t.raised {
		t.phase, t.left = notice, m.noticed(t)
		return true
	}
	return false
}

// count takes ticks off the countdown, which starts anew where it is over. It
// returns true when that happened.
func (l *lock) count(ticks int64) bool {
	l.countdown -= ticks
	if l.countdown >= 0 {
		return false
	}
	n := int64(l.traits.Ticks)
	l.countdown = n - (-l.countdown-1)%(n+1)
	return true
}

// ticks returns how many ticks count up to a look.
func (w *work) ticks(looks int64) int64 {
	switch w.kind {
	case fib:
		all := workloads.FibTicks*w.calls + workloads.FibRecursionTicks*((w.calls-1)/2)
		hi, lo := bits.Mul64(uint64(looks), uint64(all))
		q, _ := bits.Div64(hi, lo, uint64(w.calls))
		return int64(q)
	case spin:
		return ticksOfSpin * looks
	case scripted:
		return looks
	}
	return 0
}

// tally counts the ticks of the work that a thread has done.
func (m *machine) tally(t *thread) {
	w := &t.work
	if t.lock.traits.Ticks == 0 || w.kind == held {
		return
	}
	looks := m.looks(w, m.done(t))
	if n := w.ticks(looks) - w.ticks(w.anchor); n > 0 {
		t.lock.count(n)
	}
	w.anchor = looks
}

// armCountdown makes the holder stop where its countdown is over, since somebody
// waits now.
func (m *machine) armCountdown(l *lock) {
	if l.traits.Ticks == 0 || !l.held {
		return
	}
	if t := m.member(l, l.holder); t.phase == worked {
		m.countdownNext(t)
	}
}

func (m *machine) countdownNext(t *thread) {
	m.tally(t)
	w := &t.work
	if w.kind == held {
		return
	}
	// The first look by which more ticks have come than are left.
	wanted := w.ticks(w.anchor) + t.lock.countdown + 1
	low, high := w.anchor, m.looks(w, w.total)+1
	for low+1 < high {
		if mid := low + (high-low)/2; w.ticks(mid) >= wanted {
			high = mid
		} else {
			low = mid
		}
	}
	if at, ok := m.lookAt(w, high); ok && at > m.done(t) {
		m.cut(t, at, 0, runOut)
	}
}

// runOut is the end of a countdown. Where somebody waits the policy decides what
// comes of it.
func (m *machine) runOut(t *thread) bool {
	if t.work.kind != held {
		m.tally(t)
	}
	t.phase = resume
	if t.lock.waiters > 0 {
		t.lock.step(m, t, policy.Input{Kind: policy.Check, Thread: policy.Thread(t.num), Now: m.now, Ticks: t.lock.traits.Ticks})
		if t.raised {
			t.phase = notice
		}
	}
	return true
}
