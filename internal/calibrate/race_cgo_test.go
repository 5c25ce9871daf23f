//go:build linux && cgo

package calibrate

import (
	"testing"

	"github.com/fibsim/fibsim/sim/machine"
)

// The model takes a signal from a sleeper as often as the host does: settle lies
// above just that share of the times that a request takes, and above all of them
// where the sleeper never has it.
func TestSettleIsTheQuantileOfTheRace(t *testing.T) {
	s := machine.Spread{Min: 100, P10: 200, P50: 600, P90: 1000, P99: 2000, Max: 9000}
	for share, want := range map[float64]int64{0: 100, 0.1: 200, 0.3: 400, 0.5: 600, 0.7: 800, 1: 9001} {
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

// A CPU has rested after a millisecond.
func TestRested(t *testing.T) {
	for rest, want := range map[int64]bool{0: false, 999_999: false, 1_000_000: true} {
		if s := (signal{rest: rest}); rested(s) != want || restless(s) == want {
			t.Errorf("after %d ns: rested %v, restless %v", rest, rested(s), restless(s))
		}
	}
}

// The race goes on as long as others have disturbed half of the rounds of any of its ways.
func TestRaceGoesOnWhileOneWayIsDisturbed(t *testing.T) {
	var runs [len(races)][]beheld[race]
	for i, r := range races {
		runs[i] = make([]beheld[race], raceRounds/r.every)
	}
	if raceIsDisturbed(&runs) {
		t.Error("it is disturbed where all rounds are calm")
	}
	for i := range races {
		calm := runs[i]
		runs[i] = make([]beheld[race], len(calm))
		for k := range runs[i] {
			if runs[i][k].others = 0.5; k < len(calm)/2 {
				runs[i][k].others = 0
			}
		}
		if raceIsDisturbed(&runs) {
			t.Errorf("%s: disturbed where half of the rounds are calm", races[i].settle+races[i].warm)
		}
		runs[i][0].others = 0.5
		if !raceIsDisturbed(&runs) {
			t.Errorf("%s: not disturbed with fewer than half of the rounds calm", races[i].settle+races[i].warm)
		}
		runs[i] = calm
	}
}
