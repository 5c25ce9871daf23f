package sim

import (
	"fmt"
	"math/bits"
)

// Queue holds the events that are still to happen, any number of them.
//
// A Queue is not for use by several goroutines at once.
//
// # How it works
//
// The next few events stand in order in a short array, near; the later ones lie
// unordered in buckets, each of which holds a span of time: those whose time differs
// from the base's first in the digit of a level (base 64) are in that level, each value
// of the digit in a bucket of its own. So what is far away lies in few wide buckets,
// and nothing is compared on its way in. When near is empty, the bucket of the
// lowest level and digit is opened: one of few events is sorted into near, a
// larger one is first spread over the buckets of the level below. Time never goes back, so no
// event comes before the base. (This is a monotone radix heap whose last levels are left
// to sorting.)
//
// If there are few events, near holds all of them.
//
// A cancelled event stays where it is until its turn comes, or until there are more of them than others: a list of
// numbers says which they are. A handle has the event's time, so whether it has happened needs no note (at
// the present moment near is searched), and an event that nobody cancels leaves nothing behind.
//
// # Why
//
// Take the earliest of n events and schedule it again: ns per event, the least of eight runs on one
// machine (BenchmarkQueue, BenchmarkHeap, BenchmarkTimers; sim/bench compares with C++).
//
//	n                             1    10   100   1000   100,000   1,000,000
//	this queue                   10    26    35     31        42          53
//	heap of 4, without handles   11    35    61     95       233         592
//	Timers, one slot for each     4     9           14        35         306
//
// The heap compares where nobody can predict the outcome, and with many events each level is
// a miss of the cache. Digits of 3, 4, 5, 7 and 8 bits were tried here, too: each is slower than
// 6 at 1000, at 100,000 or at a million events.
type Queue struct {
	now   int64
	last  uint64 // number of the event that was scheduled last
	near  near
	until int64 // near has all events up to here; those after it are in the buckets
	far   far

	cancelled cancelled
	dead      int // cancelled events that are still in near or far
}

// entry is an event in the queue: three words. Where one may be read as soon as it is written, both are
// done word by word. (Go copies a struct by 16 bytes, and a processor that is to read 16 bytes which it
// has just written as two words waits until they are in the cache.)
type entry struct {
	time int64
	rank uint64 // from above: 8 bits of priority, 48 of the event's number, 8 of the kind's; no two are equal
	what uint64 // ID in the upper half, Arg in the lower
}

const (
	numberBits = 48 // 2^48 events are 30 days of 100 million a second
	most       = 1<<numberBits - 1
	kindBits   = 8
)

// rankOf puts the priority of a kind before the event's number, and the kind's number behind it: two bytes, swapped and turned.
func rankOf(kind Kind, number uint64) uint64 {
	return bits.RotateLeft64(uint64(bits.ReverseBytes16(uint16(kind))), -kindBits) | number<<kindBits
}

// kind is what rankOf made the rank of.
func (e *entry) kind() Kind {
	return Kind(bits.ReverseBytes16(uint16(bits.RotateLeft64(e.rank, kindBits))))
}

// numberOf is the number of the event of a rank, by which cancelled knows it.
func numberOf(rank uint64) uint64 { return rank >> kindBits & most }

// fill makes e that of an event.
func (e *entry) fill(x Event, rank uint64) {
	e.time, e.rank, e.what = x.Time, rank, uint64(uint32(x.ID))<<32|uint64(uint32(x.Arg))
}

func (e *entry) event() Event { return Event{e.time, int32(e.what >> 32), int32(e.what), e.kind()} }

// set copies x.
func (e *entry) set(x *entry) { e.time, e.rank, e.what = x.time, x.rank, x.what }

// after reports whether e comes after the event of a time and rank.
func (e *entry) after(time int64, rank uint64) bool {
	return e.time > time || e.time == time && e.rank > rank
}

// later is 1 if e comes after the event of a time and rank, or else 0; no branch decides it.
func (e *entry) later(time int64, rank uint64) uint64 {
	_, later := bits.Sub64(rank, e.rank, 0)
	_, later = bits.Sub64(uint64(time), uint64(e.time), later)
	return later
}

// few events are sorted by comparing each with each; of more, or of twice as many that
// would have to make room for another, most go to the buckets.
const few = 16

// NewQueue returns an empty queue at time 0.
func NewQueue() *Queue { return &Queue{until: Never} }

// Now returns the current time: that of the last event that Next returned.
func (q *Queue) Now() int64 { return q.now }

// Len returns the number of events that are still to happen.
func (q *Queue) Len() int { return q.near.len() + q.far.n - q.dead }

// Schedule adds an event and returns its handle. It panics if the event's time has
// passed; an event at the current time is one of the next.
func (q *Queue) Schedule(e Event) Handle {
	if e.Time < q.now {
		panicPast(e.Time, q.now)
	}
	if q.near.strained {
		q.spill()
	}
	if q.last++; q.last > most {
		panicLast()
	}
	rank := rankOf(e.Kind, q.last)
	var x *entry
	switch {
	case e.Time > q.until: // as far.place, without the call
		q.far.n++
		level, digit := q.far.where(e.Time)
		b := &q.far.buckets[level][digit]
		if b.full() {
			q.far.extend(level, digit)
		}
		x = b.push()
	case q.near.empty():
		x = q.near.push()
	default:
		x = q.near.place(e.Time, rank)
	}
	x.fill(e, rank)
	return Handle{e.Time, rank}
}

//go:noinline
func panicLast() { panic("sim: more events than there are numbers for them") }

//go:noinline
func panicPast(time, now int64) {
	panic(fmt.Sprintf("sim: event at %d ns scheduled at %d ns, which is later", time, now))
}

// Cancel takes an event out of the queue and reports whether it was there: not if it
// has happened, has been cancelled, or h is the zero Handle.
//
// Until the time for which it was scheduled a cancelled event takes some memory, by which it is known: a
// bit where many are cancelled, up to 160 bytes where one of a thousand is.
func (q *Queue) Cancel(h Handle) bool {
	if q.near.strained {
		q.spill()
	}
	number := numberOf(h.rank)
	switch {
	case number == 0 || number > q.last || h.time < q.now || q.cancelled.has(number):
		return false
	case h.time == q.now && !q.near.has(h): // near has all that are to happen at this moment
		return false
	}
	q.cancelled.add(number, h.time, q.now)
	q.dead++
	if q.dead > fewDead && q.dead > q.Len() {
		q.sweep()
	}
	return true
}

// Next takes the earliest event and advances the time to it. It reports false if
// no event is left.
func (q *Queue) Next() (e Event, ok bool) {
	if (q.dead > 0 || q.near.len() == 0) && !q.ready() {
		return e, false
	}
	x := q.near.first()
	e = x.event()
	q.now = e.Time
	q.near.drop()
	return e, true
}

// Peek returns the earliest event and leaves it in the queue. It reports false if
// no event is left.
func (q *Queue) Peek() (e Event, ok bool) {
	if !q.ready() {
		return e, false
	}
	return q.near.first().event(), true
}

// Quiet reports whether nothing happens up to a time and at it.
func (q *Queue) Quiet(until int64) bool {
	if (q.dead > 0 || q.near.len() == 0) && !q.ready() {
		return true
	}
	return q.near.first().time > until
}

// ready makes sure that the earliest event is the first of near, and reports
// false if there is none.
func (q *Queue) ready() bool {
	for {
		for q.near.len() > 0 {
			if q.dead == 0 || !q.gone(q.near.first()) {
				return true
			}
			q.near.drop()
			q.dead--
		}
		if q.far.n == 0 {
			q.far.base, q.until = q.now, Never
			return false
		}
		q.open()
	}
}

// open fills near, which is empty, with the earliest bucket. A bucket of level 0 has only
// events of one time, any number of them; others are spread until those of one are few enough to be sorted:
// half a block of them, or a block where there are so many others that hardly a new event falls between these.
func (q *Queue) open() {
	b := q.far.take()
	sortable := blockLen / 2
	if q.far.n > manyBlocks*blockLen {
		sortable = blockLen
	}
	for b.n > sortable && b.level > 0 {
		b = q.far.spread(b)
	}
	q.until = b.end
	if q.far.n -= int(b.n); q.far.n == 0 {
		q.until = Never
	}
	q.near.clear()
	block := b.head
	for left := int(b.n); left > 0; left -= blockLen {
		entries := block.entries[:min(left, blockLen)]
		if q.dead > 0 {
			entries = q.living(entries)
		}
		switch {
		case b.n <= few:
			q.near.sorted(entries)
		case b.n <= blockLen && b.level > 0:
			q.near.spread(entries, (b.level-1)*digitBits)
		default:
			q.near.add(entries)
		}
		block = q.far.blocks.give(block)
	}
	if b.n > few {
		q.near.sort()
	}
}

// manyBlocks of events: that many more than in a bucket are elsewhere.
const manyBlocks = 32

// living drops the cancelled ones of some entries.
func (q *Queue) living(entries []entry) []entry {
	kept := 0
	for i := range entries {
		x := &entries[i]
		if q.gone(x) {
			q.dead--
			continue
		}
		if kept < i {
			entries[kept].set(x)
		}
		kept++
	}
	return entries[:kept]
}

// spill moves all but the events of this very moment from near, which has become too
// long, to the buckets.
func (q *Queue) spill() {
	q.near.strained = false
	base := max(q.now, q.far.base) // Peek may have opened a bucket that is ahead of now
	if q.until == base {
		return
	}
	q.far.base, q.until = base, base
	q.near.remove(func(x *entry) bool {
		if x.time > base {
			q.far.place(x.time).set(x)
		}
		return x.time > base
	})
}

// fewDead cancelled events may stay in the queue whatever else is in it.
const fewDead = 64

// sweep removes all cancelled events once they are more than the others: so the queue
// is never much longer than twice its use, and the cost for each is constant.
func (q *Queue) sweep() {
	q.near.remove(q.gone)
	q.far.remove(q.gone)
	q.dead = 0
}

// gone reports whether the event of an entry was cancelled.
func (q *Queue) gone(x *entry) bool { return q.cancelled.has(numberOf(x.rank)) }
