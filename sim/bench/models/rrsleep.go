package main

import (
	"math/bits"

	"github.com/fibsim/fibsim/sim"
	"github.com/fibsim/fibsim/workloads"
)

// rrsleep: n threads on one CPU with a quantum of 5 ms; each computes for 10 ms and sleeps for
// 10 s on average. An event is the end of a slice or a wake-up. With 1000 threads the
// CPU is busy for 0.97519 of the time (machine repair).

const (
	burstMean   = 10_000_000     // ns
	sleepMean   = 10_000_000_000 // ns
	sleepEvents = 6_000_000
	nobody      = -1
)

// The two kinds of event.
const (
	wakeUp = iota
	sliceEnd
)

func rrSleepQueue(n int, d *draws) result {
	q, left, ready := sim.NewQueue(), make([]int64, n), newRing(n)
	for i := range n {
		q.Schedule(sim.Event{Time: d.exponential(sleepMean), ID: int32(i)})
	}
	running, slice, busy, check := int32(nobody), int64(0), int64(0), int64(0)
	for range sleepEvents {
		e, _ := q.Next()
		check = check*31 + e.Time
		if e.Kind == sliceEnd {
			busy += slice
			if left[e.ID] -= slice; left[e.ID] == 0 {
				q.Schedule(sim.Event{Time: e.Time + d.exponential(sleepMean), ID: e.ID})
			} else {
				ready.push(e.ID)
			}
			running = nobody
		} else {
			left[e.ID] = d.exponential(burstMean) + 1
			ready.push(e.ID)
		}
		if running == nobody && ready.count > 0 {
			running = ready.pop()
			slice = min(quantum, left[running])
			q.Schedule(sim.Event{Time: e.Time + slice, Kind: sliceEnd, ID: running})
		}
	}
	return result{sleepEvents, uint64(check), float64(busy) / float64(q.Now())}
}

// rrSleepTimers has the sleepers in Timers and the end of the slice in a variable.
func rrSleepTimers(n int, d *draws) result {
	t, left, ready := sim.NewTimers(n), make([]int64, n), newRing(n)
	for i := range n {
		t.Set(i, d.exponential(sleepMean))
	}
	running, slice, end, busy, check, now := int32(nobody), int64(0), sim.Never, int64(0), int64(0), int64(0)
	for range sleepEvents {
		slot, wake := t.First()
		if wake <= end {
			now = wake
			t.Clear(slot)
			left[slot] = d.exponential(burstMean) + 1
			ready.push(int32(slot))
		} else {
			now = end
			busy += slice
			if left[running] -= slice; left[running] == 0 {
				t.Set(int(running), now+d.exponential(sleepMean))
			} else {
				ready.push(running)
			}
			running, end = nobody, sim.Never
		}
		if running == nobody && ready.count > 0 {
			running = ready.pop()
			slice = min(quantum, left[running])
			end = now + slice
		}
		check = check*31 + now
	}
	return result{sleepEvents, uint64(check), float64(busy) / float64(now)}
}

// histogram counts durations in steps of an eighth of a power of two.
type histogram [64 * 8]uint32

func (h *histogram) add(ns int64) {
	exponent := uint(bits.Len64(uint64(ns) | 8))
	h[(exponent*8+uint(uint64(ns)>>(exponent-4))%8)%uint(len(h))]++
}

// thread is what the model with all features keeps for each thread.
type thread struct {
	left   int64
	since  int64 // ready since
	ran    int64 // ns
	wakes  uint32
	slices uint32
	stream workloads.Stream
}

// rrSleepFeatures does what a simulator does with each event beside the queue: a
// random stream for each thread, counters, a histogram of the time to get the CPU, and
// the hash of the trace.
func rrSleepFeatures(n int, _ *draws) result {
	t, threads, ready := sim.NewTimers(n), make([]thread, n), newRing(n)
	for i := range threads {
		threads[i].stream = workloads.NewStream(1, "sleepers", i, "body")
		t.Set(i, threads[i].stream.Exponential(sleepMean))
	}
	lap()
	var trace sim.Hash
	delays := new(histogram)
	running, slice, end, now := int32(nobody), int64(0), sim.Never, int64(0)
	for range sleepEvents {
		slot, wake := t.First()
		if wake <= end {
			now = wake
			t.Clear(slot)
			th := &threads[slot]
			th.left = th.stream.Exponential(burstMean) + 1
			th.since = now
			th.wakes++
			ready.push(int32(slot))
			trace.Event(sim.Event{Time: now, ID: int32(slot), Kind: wakeUp})
		} else {
			now = end
			th := &threads[running]
			th.ran += slice
			th.slices++
			if th.left -= slice; th.left == 0 {
				t.Set(int(running), now+th.stream.Exponential(sleepMean))
			} else {
				th.since = now
				ready.push(running)
			}
			trace.Event(sim.Event{Time: now, ID: running, Kind: sliceEnd})
			running, end = nobody, sim.Never
		}
		if running == nobody && ready.count > 0 {
			running = ready.pop()
			th := &threads[running]
			delays.add(now - th.since)
			slice = min(quantum, th.left)
			end = now + slice
		}
	}
	return result{sleepEvents, uint64(trace), utilisation(threads, delays, now)}
}

// utilisation returns the busy share, after a look whether the counters agree.
func utilisation(threads []thread, delays *histogram, now int64) float64 {
	var ran int64
	var ended, started uint64
	for i := range threads {
		ran += threads[i].ran
		ended += uint64(threads[i].slices)
	}
	for _, n := range delays {
		started += uint64(n)
	}
	if started != ended && started != ended+1 {
		panic("models: the slices that began are not those that ended")
	}
	return float64(ran) / float64(now)
}
