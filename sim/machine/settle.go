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
	warm      int64 // where its CPU has worked just before
	rested    int64 // where it has slept
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
// sooner another one's sleep is all that counts. With 20 ms, package gil next to four threads that were each kept on a CPU, it was
// 0.10 of 52 up to 50 µs, 0.30 of 90 up to 100, 0.36 of 155 up to 200, 0.35 of 86 up to 300, 0.66 of 53 up to 500 and 0.69 of 457 beyond. On the next machine of that
// kind, next to three and four, it was with 5 ms 0.32 of 284 up to 50 µs, 0.53 of 280 up to 100, 0.57 of 383 up to 200, 0.66 of 337 up to 400 and 0.60 of 1,971 beyond; with 10 ms
// 0.24 of 155, 0.44 of 164, 0.48 of 212, 0.70 of 200 and 0.57 of 1,044; with 20 ms 0.21 of 81, 0.50 of 83, 0.45 of 124, 0.54 of 74 and 0.53 of 393.
const (
	warmRest = int64(50_000)

	restDoublingsShort = 1 // with an interval of 1 ms
	restDoublings      = 3 // from 5 ms on
)

// restDoublingsAt returns after how many doublings of warmRest a CPU has rested where waits time out after an interval of ns.
func restDoublingsAt(interval int64) int64 {
	return atInterval(interval, restDoublingsShort, restDoublings, restDoublings)
}

// after returns how long it is where the CPU has slept for ns.
func (s settling) after(rest int64) int64 {
	part, whole := cooled(rest, s.doublings)
	return s.warm + (s.rested-s.warm)*part/whole
}

// cooled returns which part of a whole of its warmth a CPU has lost that has slept for ns and has rested after some doublings.
func cooled(rest, doublings int64) (part, whole int64) {
	const one = 1 << 10 // a doubling
	whole = doublings * one
	if rest <= warmRest {
		return 0, whole
	}
	if rest >= warmRest<<doublings {
		return whole, whole
	}
	n := int64(bits.Len64(uint64(rest/warmRest)) - 1)
	begin := warmRest << n
	return n*one + (rest-begin)*one/begin, whole
}

// Warmth returns how warm a CPU still is that has slept for rest ns, where waits time out after an interval of ns: 1 where it has
// worked just before, 0 where it has rested. Settle lies as far between its lengths for the two.
func Warmth(interval, rest int64) float64 {
	part, whole := cooled(rest, restDoublingsAt(interval))
	return 1 - float64(part)/float64(whole)
}

// settleOf returns how long it is for a thread that queues now.
func (m *machine) settleOf(t *thread) int64 {
	if t.cpu < 0 {
		return t.lock.settle.rested
	}
	p := &t.sched.procs[t.cpu]
	if m.now-p.since > warmRest {
		return t.lock.settle.warm // it has worked since it slept
	}
	return t.lock.settle.after(p.rest)
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
// not, next to three 0.72 and 0.71 of 571 and 0.60 and 0.50 of 104. Where another had let it go on that CPU since, it was on one machine 0.77 and 0.72 of 444 next to four
// and 0.75 and 0.70 of 122; on the next one of that kind 0.63 of 652 and 0.55 of 148 with 10 ms, and next to three 0.56 of 609 and 0.29 of 151
// (AMD EPYC, Linux 6.18, glibc 2.36, November 2026). So that is not told apart.
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
