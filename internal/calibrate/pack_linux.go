package calibrate

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/fibsim/fibsim/gil"
)

const (
	packRounds = 3
	packBusy   = 110 * time.Millisecond // makes a CPU that rested one that was busy for nine tenths of its recent time
	packRest   = 70 * time.Millisecond
	packFirst  = 120 * time.Millisecond // the rest before the first round: new threads count as busy
	napLength  = time.Millisecond
	// halfPast is after how long a kernel counts what a CPU did half as much: 32 periods of
	// 1,048,576 ns (Linux, kernel/sched/pelt.c).
	halfPast = 32 << 20
)

// nap is a sleep of a thread on a CPU that another one keeps busy.
type nap struct {
	used  float64 // the share of its recent time for which the CPU was busy when it ended
	moved bool    // it ended on another CPU
}

// packs finds out how busy a CPU may be for a thread to wake there while another CPU is idle.
func (s system) packs(_ context.Context, f *figures) error {
	f.set("pack", 1e6*packOf(s.naps()))
	return nil
}

// naps lets a CPU rest and then be busy, some times, and another thread nap there while it is. The
// kernel forgets the past of threads that end, so they are the same ones all the time.
func (s system) naps() (all []nap) {
	begin := gil.Monotonic() + int64(packFirst)
	var over [packRounds]atomic.Bool
	var t threads
	round := func(i int) (from, to int64) {
		from = begin + int64(i)*int64(packBusy+packRest)
		return from, from + int64(packBusy)
	}
	t.on(s.a, func() {
		for i := range over {
			from, _ := round(i)
			sleepUntil(from)
			for !over[i].Load() {
			}
		}
	})
	t.on(s.a, func() {
		used, last := 0.0, begin
		for i := range over {
			from, to := round(i)
			sleepUntil(from)
			used *= math.Exp2(-float64(from-last) / halfPast)
			share := func(at int64) float64 { return 1 - (1-used)*math.Exp2(-float64(at-from)/halfPast) }
			for at := gil.Monotonic(); at < to; at = gil.Monotonic() {
				breathe()
				bind(s.a)
				bind(s.a, s.b)
				sleepUntil(gil.Monotonic() + int64(napLength))
				all = append(all, nap{share(gil.Monotonic()), currentCPU() != s.a})
			}
			over[i].Store(true)
			last = gil.Monotonic()
			used = share(last)
		}
	})
	t.wait()
	return all
}

// packOf returns the share up to which naps end where they began, and beyond which they do
// not: the one with the fewest exceptions. It is 0 where hardly any ends there, and 1 where hardly
// any moves.
func packOf(naps []nap) float64 {
	naps = slices.SortedFunc(slices.Values(naps), func(a, b nap) int { return cmp.Compare(a.used, b.used) })
	wrong := 0 // with a share of 0
	for _, n := range naps {
		if !n.moved {
			wrong++
		}
	}
	least, upTo, stayed := wrong, 0, 0
	stays := 0
	for i, n := range naps {
		if n.moved {
			wrong++
		} else {
			wrong--
			stays++
		}
		if wrong < least {
			least, upTo, stayed = wrong, i+1, stays
		}
	}
	switch {
	case upTo == 0 || upTo < len(naps)/10 || stayed < upTo*3/4:
		return 0
	case upTo > len(naps)*9/10:
		return 1
	}
	return (naps[upTo-1].used + naps[upTo].used) / 2
}
