package sim

import (
	"fmt"
	"testing"

	"github.com/fibsim/fibsim/workloads"
)

// table is 4096 exponential delays of mean 1 ms, drawn by their number: so cheap that
// the benchmarks below show the queues.
var table = func() (t [4096]int64) {
	s := workloads.NewStream(1, "table", 0, "bench")
	for i := range t {
		t[i] = s.Exponential(1e6) + 1
	}
	return t
}()

// BenchmarkQueue takes the earliest of n events and schedules it again.
func BenchmarkQueue(b *testing.B) {
	for _, n := range []int{1, 2, 10, 30, 100, 1000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			q, s := NewQueue(), workloads.NewStream(1, "hold", 0, "bench")
			for i := range n {
				q.Schedule(Event{Time: table[s.Uint64()>>52], ID: int32(i)})
			}
			for range 3 * n {
				e, _ := q.Next()
				e.Time += table[s.Uint64()>>52]
				q.Schedule(e)
			}
			b.ResetTimer()
			for range b.N {
				e, _ := q.Next()
				e.Time += table[s.Uint64()>>52]
				q.Schedule(e)
			}
		})
	}
}

// BenchmarkHeap does the same with a heap of four children to a node alone, the queue's
// rival, without what makes an event cancellable.
func BenchmarkHeap(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h, s, number := near{heap: true}, workloads.NewStream(1, "hold", 0, "bench"), uint64(0)
			put := func(time int64, what uint64) {
				number++
				*h.place(time, number) = entry{time, number, what}
				h.heap = true
			}
			for i := range n {
				put(table[s.Uint64()>>52], uint64(i))
			}
			turn := func() {
				e := *h.first()
				h.drop()
				put(e.time+table[s.Uint64()>>52], e.what)
			}
			for range 3 * n {
				turn()
			}
			b.ResetTimer()
			for range b.N {
				turn()
			}
		})
	}
}

// BenchmarkQueueCancel sets two time-outs per event and cancels one.
func BenchmarkQueueCancel(b *testing.B) {
	q, s := NewQueue(), workloads.NewStream(1, "cancel", 0, "bench")
	for range 1000 {
		q.Schedule(Event{Time: table[s.Uint64()>>52]})
	}
	for range b.N {
		e, _ := q.Next()
		q.Cancel(q.Schedule(Event{Time: e.Time + 5_000_000}))
		e.Time += table[s.Uint64()>>52]
		q.Schedule(e)
	}
}

// BenchmarkTimers is the same as BenchmarkQueue for timers that have a slot each.
func BenchmarkTimers(b *testing.B) {
	for _, n := range []int{1, 2, 10, 1000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			timers, s := NewTimers(n), workloads.NewStream(1, "hold", 0, "bench")
			for i := range n {
				timers.Set(i, table[s.Uint64()>>52])
			}
			for range b.N {
				slot, time := timers.First()
				timers.Set(slot, time+table[s.Uint64()>>52])
			}
		})
	}
}

func BenchmarkHash(b *testing.B) {
	var h Hash
	for i := range b.N {
		h.Event(Event{Time: int64(i), Arg: 1, ID: 2})
	}
}
