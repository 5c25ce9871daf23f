package main

import (
	"cmp"
	"slices"

	"github.com/fibsim/fibsim/sim"
)

// rr: n threads, one CPU, quantum 5 ms, each to its end; the cost of a context switch.

const (
	quantum = 5_000_000      // ns
	rrMean  = 10_000_000_000 // ns
	rrLong  = 10             // in the long model, which is there for skipping, threads are this many times longer
)

// ring is a queue of threads, each of which is in it at most once.
type ring struct {
	threads     []int32
	head, count int
}

func newRing(n int) *ring { return &ring{threads: make([]int32, n)} }

func (r *ring) push(thread int32) {
	at := r.head + r.count
	if at >= len(r.threads) {
		at -= len(r.threads)
	}
	r.threads[at] = thread
	r.count++
}

func (r *ring) pop() int32 {
	thread := r.threads[r.head]
	if r.head++; r.head == len(r.threads) {
		r.head = 0
	}
	r.count--
	return thread
}

func rrThreads(n int, d *draws, mean int64) ([]int64, *ring) {
	left, r := make([]int64, n), newRing(n)
	for i := range left {
		left[i] = d.exponential(mean) + 1
		r.push(int32(i))
	}
	return left, r
}

func rrQueue(n int, d *draws) result {
	left, r := rrThreads(n, d, rrMean)
	q, switches, check := sim.NewQueue(), uint64(0), int64(0)
	thread := r.pop()
	slice := min(quantum, left[thread])
	q.Schedule(sim.Event{Time: slice, ID: thread})
	for {
		e, _ := q.Next()
		switches++
		if left[e.ID] -= slice; left[e.ID] > 0 {
			r.push(e.ID)
		} else {
			check = check*31 + e.Time
		}
		if r.count == 0 {
			return result{switches, uint64(check), 0}
		}
		thread = r.pop()
		slice = min(quantum, left[thread])
		q.Schedule(sim.Event{Time: e.Time + slice, ID: thread})
	}
}

func rrTimers(n int, d *draws) result     { return rrOnTimers(n, d, rrMean) }
func rrLongTimers(n int, d *draws) result { return rrOnTimers(n, d, rrMean*rrLong) }

// rrOnTimers has a slot for the CPU; which thread runs on it is in a variable.
func rrOnTimers(n int, d *draws, mean int64) result {
	left, r := rrThreads(n, d, mean)
	t, switches, check := sim.NewTimers(1), uint64(0), int64(0)
	thread := r.pop()
	slice := min(quantum, left[thread])
	t.Set(0, slice)
	for {
		_, now := t.First()
		switches++
		if left[thread] -= slice; left[thread] > 0 {
			r.push(thread)
		} else {
			check = check*31 + now
		}
		if r.count == 0 {
			return result{switches, uint64(check), 0}
		}
		thread = r.pop()
		slice = min(quantum, left[thread])
		t.Set(0, now+slice)
	}
}

// rrSkip finds the same ends as rrLongTimers without the switches between them. A thread with
// w ns to go ends in round ⌈w/quantum⌉; until then every thread that is alive takes
// a whole quantum in every round. What has passed when it ends is therefore: the turns of
// all in the rounds before, and in its own those of the ones before it in the circle.
func rrSkip(n int, d *draws) result {
	left, _ := rrThreads(n, d, rrMean*rrLong)
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	round := func(i int32) int64 { return (left[i] + quantum - 1) / quantum }
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(round(a), round(b)), cmp.Compare(a, b)) })
	alive := newAlive(n)
	var start, rounds, check int64 // when the next round begins, and how many are over
	var switches uint64
	for i := 0; i < n; {
		this := round(order[i])
		start += (this - 1 - rounds) * int64(n-i) * quantum
		first := i
		spent := int64(0) // by those that end in this round
		for ; i < n && round(order[i]) == this; i++ {
			before := int64(alive.before(order[i]) - (i - first))
			spent += left[order[i]] - (this-1)*quantum
			check = check*31 + start + before*quantum + spent
			switches += uint64(this)
		}
		for _, thread := range order[first:i] {
			alive.leave(thread)
		}
		start += int64(n-i)*quantum + spent
		rounds = this
	}
	return result{switches, uint64(check), 0}
}

// alive counts the living threads of lower number than a given one, in a Fenwick tree.
type alive []int32

func newAlive(n int) alive {
	a := make(alive, n+1)
	for i := range a {
		a[i] = int32(i & -i)
	}
	return a
}

func (a alive) before(thread int32) int {
	sum := 0
	for i := int(thread); i > 0; i &= i - 1 {
		sum += int(a[i])
	}
	return sum
}

func (a alive) leave(thread int32) {
	for i := int(thread) + 1; i < len(a); i += i & -i {
		a[i]--
	}
}
