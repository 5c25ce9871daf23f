package sim

import (
	"fmt"
	"math/bits"
)

// Queue holds the events that are still to happen, any number of them. It is a
// heap of four children to a node: half the levels of a binary one, and the four
// lie beside each other.
//
// A Queue is not for use by several goroutines at once.
type Queue struct {
	now   int64
	last  uint64 // number of the event that was scheduled last
	heap  []entry
	dead  int // cancelled events that are still in the heap
	slots slots
}

// entry is an event in the heap.
type entry struct {
	time int64
	rank uint64 // priority in the upper 8 bits, number of the event below: no two are equal
	arg  int64
	id   int32
	slot uint32
	kind uint16
}

const rankBits = 56 // of the number: 2^56 events are 30 years of 80 million a second

// before reports whether a comes before b. It is one subtraction of 128-bit
// numbers without a branch, since the outcome cannot be predicted.
func (a *entry) before(b *entry) bool {
	_, borrow := bits.Sub64(a.rank, b.rank, 0)
	_, borrow = bits.Sub64(uint64(a.time)^1<<63, uint64(b.time)^1<<63, borrow)
	return borrow != 0
}

func (a *entry) event() Event {
	return Event{Time: a.time, Arg: a.arg, ID: a.id, Kind: a.kind, Prio: uint8(a.rank >> rankBits)}
}

// NewQueue returns an empty queue at time 0.
func NewQueue() *Queue { return &Queue{} }

// Now returns the current time: that of the last event that Next returned.
func (q *Queue) Now() int64 { return q.now }

// Len returns the number of events that are still to happen.
func (q *Queue) Len() int { return len(q.heap) - q.dead }

// Schedule adds an event and returns its handle. It panics if the event's time has
// passed; an event at the current time is one of the next.
func (q *Queue) Schedule(e Event) Handle {
	if e.Time < q.now {
		panic(fmt.Sprintf("sim: event at %d ns scheduled at %d ns, which is later", e.Time, q.now))
	}
	q.last++
	slot, handle := q.slots.take()
	q.heap = append(q.heap, entry{})
	q.up(len(q.heap)-1, entry{e.Time, uint64(e.Prio)<<rankBits | q.last, e.Arg, e.ID, slot, e.Kind})
	return handle
}

// Cancel takes an event out of the queue and reports whether it was there: not if it
// has happened, has been cancelled, or h is 0.
func (q *Queue) Cancel(h Handle) bool {
	if !q.slots.cancel(h) {
		return false
	}
	q.dead++
	if q.dead > len(q.heap)/2 && q.dead > fewDead {
		q.sweep()
	}
	return true
}

// Next takes the earliest event and advances the time to it. It reports false if
// no event is left.
func (q *Queue) Next() (Event, bool) {
	if !q.clean() {
		return Event{}, false
	}
	e := q.heap[0].event()
	q.slots.give(q.heap[0].slot)
	q.pop()
	q.now = e.Time
	return e, true
}

// Peek returns the earliest event and leaves it in the queue. It reports false if
// no event is left.
func (q *Queue) Peek() (Event, bool) {
	if !q.clean() {
		return Event{}, false
	}
	return q.heap[0].event(), true
}

// clean drops cancelled events off the top and reports whether an event is left.
func (q *Queue) clean() bool {
	for q.dead > 0 && q.slots.cancelled(q.heap[0].slot) {
		q.slots.give(q.heap[0].slot)
		q.pop()
		q.dead--
	}
	return len(q.heap) > 0
}

// fewDead cancelled events may stay in the queue whatever else is in it.
const fewDead = 64

// sweep removes all cancelled events, which are more than half of the heap: so the
// queue is never twice as long as its use, and the cost for each is constant.
func (q *Queue) sweep() {
	kept := q.heap[:0]
	for i := range q.heap {
		if e := q.heap[i]; q.slots.cancelled(e.slot) {
			q.slots.give(e.slot)
		} else {
			kept = append(kept, e)
		}
	}
	q.heap, q.dead = kept, 0
	for i := (len(kept) - 2) / 4; i >= 0 && len(kept) > 1; i-- {
		q.down(i, kept[i])
	}
}

func (q *Queue) pop() {
	n := len(q.heap) - 1
	last := q.heap[n]
	q.heap = q.heap[:n]
	if n > 0 {
		q.down(0, last)
	}
}

// up places e at i or above.
func (q *Queue) up(i int, e entry) {
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&q.heap[parent]) {
			break
		}
		q.heap[i] = q.heap[parent]
		i = parent
	}
	q.heap[i] = e
}

// down places e at i or below.
func (q *Queue) down(i int, e entry) {
	for {
		least := 4*i + 1
		if least >= len(q.heap) {
			break
		}
		for c := least + 1; c < min(4*i+5, len(q.heap)); c++ {
			if q.heap[c].before(&q.heap[least]) {
				least = c
			}
		}
		if !q.heap[least].before(&e) {
			break
		}
		q.heap[i] = q.heap[least]
		i = least
	}
	q.heap[i] = e
}
