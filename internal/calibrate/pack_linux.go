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

// packs finds out how busy a CPU may be for a thread to wake there while another CPU is idle. Where
// nothing clear comes out, such as with CPUs between which the kernel moves nobody who wakes, nothing is
// noted. How long messages are on their way depends on it, and comes next.
func (s system) packs(ctx context.Context, f *figures) error {
	naps := s.naps(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	if share, clear := packOf(naps); clear {
		f.set("pack", 1e6*share)
	}
	return s.loopback(ctx, f)
}

// naps lets a CPU rest and then be busy, some times until ctx ends, and another thread nap there while
// it is. The kernel forgets the past of threads that end, so they are the same ones all the time.
func (s system) naps(ctx context.Context) (all []nap) {
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
			if ctx.Err() != nil {
				return
			}
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
			used *= math.Exp2(-float64(max(0, from-last)) / halfPast)
			share := func(at int64) float64 { return 1 - (1-used)*math.Exp2(-float64(at-from)/halfPast) }
			for at := gil.Monotonic(); at < to; at = gil.Monotonic() {
				if ctx.Err() != nil {
					break
				}
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
// not: the one with the fewest exceptions; 0 where they always move. It is clear if it explains three
// quarters of the naps on either side, and there are naps on the far side.
func packOf(naps []nap) (share float64, clear bool) {
	naps = slices.SortedFunc(slices.Values(naps), func(a, b nap) int { return cmp.Compare(a.used, b.used) })
	stays := 0
	for _, n := range naps {
		if !n.moved {
			stays++
		}
	}
	wrong, near := stays, 0 // if naps always moved; of the nearer ones those that stay
	least, upTo, stayed := wrong, 0, 0
	for i, n := range naps {
		if n.moved {
			wrong++
		} else {
			wrong--
			near++
		}
		if wrong < least {
			least, upTo, stayed = wrong, i+1, near
		}
	}
	beyond := len(naps) - upTo
	if stayed*4 < upTo*3 || beyond < len(naps)/10 || (stays-stayed)*4 > beyond || beyond == 0 {
		return 0, false
	}
	if upTo == 0 {
		return 0, true
	}
	return min(1, (naps[upTo-1].used+naps[upTo].used)/2), true
}
