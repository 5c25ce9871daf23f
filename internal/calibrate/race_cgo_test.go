//go:build linux && cgo

package calibrate

import (
	"slices"
	"testing"
	"time"

	"github.com/fibsim/fibsim/sim/machine"
)

// The model takes a signal from a sleeper as often as the host does: settle lies
// above just that share of the times that a request takes, and no further than their p99.
func TestSettleIsTheQuantileOfTheRace(t *testing.T) {
	s := machine.Spread{Min: 100, P10: 200, P50: 600, P90: 1000, P99: 2000, Max: 9000}
	for share, want := range map[float64]int64{0: 100, 0.1: 200, 0.3: 400, 0.5: 600, 0.7: 800, 0.99: 2000, 0.995: 2000, 1: 2000} {
		if got := settleOf(&s, share); got < want-1 || got > want+1 {
			t.Errorf("share %v: %d, want %d", share, got, want)
		}
	}
}

// Who is slow to ask takes a signal as often as the host's threads that are: the holder comes for the mutex while they have it, and
// so early that it is asleep when they give it up, in just the share of requests by which they have the signal less often than
// others. Where they are not worse off there is none.
func TestHoldIsTheQuantileOfTheRace(t *testing.T) {
	const asleep = 150
	costs := &machine.Costs{Noticed: machine.Spread{Min: 100, P10: 200, P50: 600, P90: 1000, P99: 2000, Max: 9000}, FallAsleep: asleep}
	for _, c := range []struct {
		others, slow share
		want         int64
	}{
		{share{8, 10}, share{5, 10}, 400 + asleep}, {share{8, 10}, share{3, 10}, 600 + asleep}, {share{10, 10}, share{0, 10}, 9000 + asleep},
		{share{5, 10}, share{5, 10}, 0}, {share{5, 10}, share{6, 10}, 0}, {share{8, 10}, share{}, 0}, {share{}, share{3, 10}, 0},
	} {
		if got := holdOf(costs, c.others, c.slow); got < c.want-1 || got > c.want+1 {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// An interrupt in three of two hundred requests does not make all of the slowest tenth longer: the spread is as even up to
// p95 as the sample is, and the slowest is still its end. One without such a tail is left as it is.
func TestInterruptsDoNotStretchTheTail(t *testing.T) {
	calm := make(Sample, 200)
	for i := range calm {
		calm[i] = int64(10 * (i + 1))
	}
	if got, want := withoutTail(calm), spreadOf([]Sample{calm}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	torn := append(Sample(nil), calm...)
	torn[197], torn[198], torn[199] = 26_000, 27_000, 40_000
	got, want := withoutTail(torn), spreadOf([]Sample{calm})
	if want.P99, want.Max = 2010, 40_000; got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// The ways that come in turn keep the rounds short, and all rounds are as long as the time for the race. Each of them
// tells who has rested, and what the first work takes.
func TestRoundsOfTheRace(t *testing.T) {
	var h heats
	var times [len(ways)]int
	var all time.Duration
	for ; h.run < h.rounds(); h.run++ {
		var length time.Duration
		for i, w := range ways {
			if h.next(w) {
				times[i]++
				length += w.length
			}
		}
		if length != h.length() || length > time.Second {
			t.Errorf("round %d: %v, and its ways %v", h.run, h.length(), length)
		}
		all += length
	}
	for i, w := range ways {
		if times[i] != raceRounds/w.every {
			t.Errorf("way %d comes %d times", i, times[i])
		}
		if w.settle == "" || w.work == "" {
			t.Errorf("way %d does not tell who has rested, or what the first work takes", i)
		}
	}
	if all > 7*time.Second {
		t.Errorf("it takes %v", all)
	}
}

// What the race comes to: the first four signals of each heat do not count, nor heats that others disturbed; those that are slow to ask
// count apart; ways that have the same for rested count together, and so do those that
// have the same for warm, or for the first work after a wait, which is that of all turns. With 20 ms what is likely counts as well, as so many signals: 60 to 60, and 10
// to 60 warm ones. With 5 ms warmth comes to 0.9 of what it does with 20.
func TestWhatTheRaceComesTo(t *testing.T) {
	f := &figures{costs: &machine.Costs{Noticed: machine.Spread{Min: 0, P10: 100, P50: 500, P90: 900, P99: 990, Max: 1000}, FallAsleep: 7}, found: map[string]bool{}}
	heat := func(own, all int, rest, let int64) (list []signal) {
		for i := range all {
			list = append(list, signal{own: i < own, rest: rest, alone: 1 << 60, let: let})
		}
		return list
	}
	const cold, warm = int64(1e7), int64(0)
	h := heats{run: raceRounds}
	for i, w := range ways {
		early := heat(0, raceWarmUp, cold, 0)
		signals := slices.Concat(early, heat(8, 10, cold, 0), heat(5, 10, cold, 1<<40))
		if w.hogs > 2 {
			signals = slices.Concat(early, heat(5, 10, cold, 0), heat(3, 10, warm, 0))
		} else if w.interval == machine.LongInterval {
			signals = slices.Concat(signals, heat(0, 10, warm, 0))
		}
		for k := range raceRounds / w.every {
			held := int64(1000*k + 10*w.hogs)
			h.runs[i] = append(h.runs[i], beheld[race]{what: race{signals: signals, holds: []hold{{length: held}}}})
		}
		h.runs[i][0] = beheld[race]{what: race{signals: heat(0, 100, cold, 0)}, others: 0.5}
	}
	if err := h.finish(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	c := f.costs
	got := [...]int64{c.Settle, c.SettleShort, c.SettleLong, c.SettleWarm, c.SettleWarmLong, c.AskHold, c.AskHoldShort}
	for i, want := range [...]int64{800, 800, 725, 304, 175, 307, 307} {
		if got[i] < want-1 || got[i] > want+1 {
			t.Errorf("number %d is %d, want %d", i, got[i], want)
		}
	}
	if w := c.AfterWaitLong; w.P10 != 1020 || w.P50 != 2040 || w.P90 != 3040 {
		t.Errorf("the first work after a wait is %+v, want that of 1, 2 and 3 µs next to two threads and to four", w)
	}
	if f.found["settle_warm_short"] || *f.kept != 0 {
		t.Errorf("nobody was warm with 1 ms: %v; what is kept was disturbed by %v", f.found, *f.kept)
	}
}

// The race goes on as long as others have disturbed half of the rounds of any of its ways.
func TestRaceGoesOnWhileOneWayIsDisturbed(t *testing.T) {
	var h heats
	for i, w := range ways {
		h.runs[i] = make([]beheld[race], raceRounds/w.every)
	}
	if h.disturbed() {
		t.Error("it is disturbed where all rounds are calm")
	}
	for i := range ways {
		calm := h.runs[i]
		h.runs[i] = make([]beheld[race], len(calm))
		for k := range h.runs[i] {
			if h.runs[i][k].others = 0.5; k < half(len(calm)) {
				h.runs[i][k].others = 0
			}
		}
		if h.disturbed() {
			t.Errorf("way %d: disturbed where half of the rounds are calm", i)
		}
		h.runs[i][0].others = 0.5
		if !h.disturbed() {
			t.Errorf("way %d: not disturbed with fewer than half of the rounds calm", i)
		}
		h.runs[i] = calm
	}
}
