package machine

import (
	"math/bits"
	"time"
)

// This file says for how long a thread that has just queued for the lock can take a signal
// ahead of one that sleeps there. It is awake until then: on its way out of the mutex and
// into futex(2). Who comes first, it to its sleep or the holder to its signal, is a matter
// of a microsecond, and of how cold the caches of their two CPUs are.

// settling is that under one lock.
type settling struct {
	warm      int64 // where its CPU has worked just before, and the holder has long been alone on its own
	rested    int64 // where it has slept, or the holder's CPU is as warm
	doublings int64 // of warmRest until it has
}

// settlingAt returns how it is where waits time out after an interval of ns. Between the
// lengths that are measured it changes evenly. What a holder does for a request it last did an
// interval ago: from 5 ms on the caches of its CPU lose that, so that its signal comes later, and where nothing else is known
// by as much whatever the other CPU has done.
func (c *Costs) settlingAt(interval int64) settling {
	short := c.SettleWarmShort
	if short == 0 {
		short = c.SettleWarm
	}
	long := c.SettleWarmLong
	if long == 0 {
		long = max(0, c.SettleWarm+c.SettleLong-c.Settle)
	}
	s := settling{warm: atInterval(interval, short, c.SettleWarm, long), rested: atInterval(interval, c.SettleShort, c.Settle, c.SettleLong)}
	s.doublings = restDoublingsAt(interval)
	return s
}

// askHoldAt returns for how long who is slow to ask keeps the inner mutex where waits time out after an interval of ns.
func (c *Costs) askHoldAt(interval int64) int64 {
	return atInterval(interval, c.AskHoldShort, c.AskHold, c.AskHold)
}

// afterWaitAt returns what the first work after a wait takes longer where waits time out after an
// interval of ns: who holds the lock meanwhile leaves the less in the caches the longer that is.
func (c *Costs) afterWaitAt(interval int64) Spread {
	short, middle, long := c.AfterWaitShort.quantiles(), c.AfterWait.quantiles(), c.AfterWaitLong.quantiles()
	var q [len(middle)]int64
	for i := range q {
		q[i] = atInterval(interval, short[i], middle[i], long[i])
	}
	return Spread{q[0], q[1], q[2], q[3], q[4], q[5]}
}

// The switch intervals for which costs are measured that depend on it.
const (
	ShortInterval  = time.Millisecond
	MiddleInterval = 5 * time.Millisecond
	LongInterval   = 20 * time.Millisecond
)

// atInterval returns what lies between such costs at an interval of ns.
func atInterval(interval, short, middle, long int64) int64 {
	const first, second, third = int64(ShortInterval), int64(MiddleInterval), int64(LongInterval)
	if interval <= second {
		return between(short, middle, interval-first, second-first)
	}
	return between(middle, long, interval-second, third-second)
}

// between returns what lies between two numbers, cut down to a whole one, where at is between 0 and whole, which are ns.
func between(first, last, at, whole int64) int64 {
	const parts = 1000
	return first + (last-first)*(min(max(at, 0), whole)/(whole/parts))/parts
}

// A CPU is warm as long as it has slept for no more than warmRest, in ns, and has rested after
// some doublings of that, each of which changes as much: in CPython 3.11, with an interval of 5 ms, the one
// who asked had the signal in a tenth of the cases where another had done something within the last 30 µs, in a
// fifth up to 300 µs, and in a third up to a millisecond or, next to two threads, 8, on a virtual
// machine with 2 CPUs, Linux 6.18, glibc 2.36, November 2026. With 1 ms it was as often after 100 µs as after
// a millisecond (three quarters, in the kernel's events of another day): the less a holder's own CPU forgets, the
// sooner another one's sleep is all that counts. With 5, 10 and 20 ms, package gil next to three and four threads that were each kept on a CPU, a share that changes
// as much with each doubling fits best with three (3,672, 2,409 and 1,654 signals of those who are not slow to ask; AMD EPYC, Linux 6.18, glibc 2.36, November 2026).
const (
	warmRest = int64(50_000)

	restDoublingsShort = 1 // with an interval of 1 ms
	restDoublings      = 3 // from 5 ms on
)

// restDoublingsAt returns after how many doublings of warmRest a CPU has rested where waits time out after an interval of ns.
func restDoublingsAt(interval int64) int64 {
	return atInterval(interval, restDoublingsShort, restDoublings, restDoublings)
}

// The holder's CPU is warm as long as another thread has had it within aloneWarm, in ns, and has rested after some doublings of that. In the same signals next to four threads, with 5 ms,
// who asked had 0.29 of 206 where another had run on its own CPU up to 0.12 ms before and the holder had been alone for 2 ms or more, 0.37 of 38 where it had been for 1 to 2, and 0.55 of 62 up to
// that; 0.49 of 108, 0.59 of 61 and 0.65 of 82 where another had run there 0.12 to 0.25 ms before; and where none had for a millisecond 0.64 of 490, 0.60 of 225 and 0.60 of 414. With 20 ms it
// was 0.17 of 252, 0.19 of 21 and 0.31 of 80; 0.28 of 103, 0.36 of 14 and 0.50 of 46; and 0.49 of 252, 0.56 of 81 and 0.51 of 71. The likeliest
// of such rules have 0.4 or 0.8 ms and one to four doublings with 5 ms, and up to five with 20.
const (
	aloneWarm      = int64(400_000)
	aloneDoublings = 3
)

// after returns how long it is where the CPU has slept for rest ns, and the holder has been alone on its own for alone ns. Both go
// through the mutex: where both CPUs are warm, the race is as where neither is.
func (s settling) after(rest, alone int64) int64 {
	lost, all := cooled(rest, warmRest, s.doublings)
	cold, full := cooled(alone, aloneWarm, aloneDoublings)
	whole := s.rested - s.warm
	rests := whole * lost / all
	return s.warm + rests + (whole-rests)*(full-cold)/full
}

// cooled returns which part of a whole of its warmth a CPU has lost after rest ns that is warm up to some and has rested after doublings of that.
func cooled(rest, warm, doublings int64) (part, whole int64) {
	const one = 1 << 10 // a doubling
	whole = doublings * one
	if rest <= warm {
		return 0, whole
	}
	if rest >= warm<<doublings {
		return whole, whole
	}
	n := int64(bits.Len64(uint64(rest/warm)) - 1)
	begin := warm << n
	return n*one + (rest-begin)*one/begin, whole
}

// Warmth returns how much warmer the CPU of who asks still is than the holder's, where waits time out after an interval of ns: 1 where it has
// worked just before and the holder has long been alone on its own, 0 where it has rested, rest ns after another was there, or the holder has been alone
// for a short time. Settle lies as far between its lengths for the two.
func Warmth(interval, rest, alone int64) float64 {
	lost, all := cooled(rest, warmRest, restDoublingsAt(interval))
	cold, full := cooled(alone, aloneWarm, aloneDoublings)
	return (1 - float64(lost)/float64(all)) * float64(cold) / float64(full)
}

// settleOf returns how long it is for a thread that queues now.
func (m *machine) settleOf(t *thread) int64 {
	if t.cpu < 0 {
		return t.lock.settle.rested
	}
	rest := int64(0) // it has worked since it slept
	if p := &t.sched.procs[t.cpu]; m.now-p.since <= warmRest {
		rest = p.rest
	}
	return t.lock.settle.after(rest, m.aloneOf(t.lock))
}

// aloneOf returns for how long the holder of a lock has been alone on its CPU.
func (m *machine) aloneOf(l *lock) int64 {
	h := m.member(l, l.holder)
	p := &h.sched.procs[h.cpu]
	if p.last != int32(h.task) {
		return 0
	}
	return m.now - p.other
}

// holdOf returns for how long a thread whose wait is over keeps the inner mutex until it has queued once more. It asks for
// the lock before that, and a holder that comes for the mutex too soon sleeps for it: its
// signal is then too late for who asked. It happens to threads that compute and had the lock long ago: package gil next to two threads with an
// interval of 5 ms, the asker had its signal in 77 and 80 % of the cases where it had let the lock go within one and a half intervals, and in
// 65 and 68 % where not; pinned next to four with 2 ms in 82 to 85 and 24 to 55 %, though another thread had just computed on its CPU
// (AMD EPYC, Linux 6.18, glibc 2.36, November 2026). It is not seen where a poller asks. Why it is so is not known.
func (m *machine) holdOf(t *thread) int64 {
	l := t.lock
	if t.phase != timedOut || !t.forced || !Slow(l.traits.Interval, m.now-t.let) {
		return 0
	}
	return l.hold
}

// Slow reports whether AskHold is for a thread that asks for the lock, where waits time out after an interval of ns: it let the lock go let ns ago,
// more than one and a half intervals. With each thread of package gil kept on a CPU that had rested, who asked had, with 10 and
// 20 ms, 0.72 and 0.74 of 1,100 signals next to two threads where it had let the lock go within that time and 0.55 and 0.59 of 318 where
// not, next to three 0.72 and 0.71 of 571 and 0.60 and 0.50 of 104. Whether another has let it go on that CPU since makes no difference that holds: with 10 ms
// those where one had had, on one machine next to four, 0.75 of 122 signals (within that time 0.77 of 444), and on the next one of that kind 0.55 of 148 (0.63 of 652), and next
// to three 0.29 of 151 (0.56 of 609; AMD EPYC, Linux 6.18, glibc 2.36, November 2026).
func Slow(interval, let int64) bool {
	return let > interval+interval/2
}

// awakeOf returns for how long a thread that queues now is awake and takes a signal. One that keeps the inner mutex first
// sleeps when a holder that has slept for that can be back.
func (m *machine) awakeOf(t *thread) int64 {
	settle := m.settleOf(t)
	if hold := m.holdOf(t); hold > 0 {
		return max(hold, min(settle, hold+m.costs.WakeIdle.Min))
	}
	return settle
}
