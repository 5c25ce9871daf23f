package calibrate

import (
	"math"
	"reflect"
	"testing"
	"time"
)

// What took more than half a millisecond is a stall, unless all timers of the host end as late.
// The round with the most is left out.
func TestStallsAreApart(t *testing.T) {
	const us, ms = 1000, 1_000_000
	quick := Sample{50 * us, 60 * us, 70 * us}
	with := func(more ...int64) Sample { return append(quick[:3:3], more...) }
	for _, c := range []struct {
		name     string
		rounds   []Sample
		rest     []Sample
		stalls   Sample
		perRound float64
	}{
		{"none", []Sample{quick, quick}, []Sample{quick, quick}, nil, 0},
		{"in each round", []Sample{with(500*us, 2*ms), with(500*us + 1), with(1*ms, 1*ms)},
			[]Sample{with(500 * us), quick, quick}, Sample{430*us + 1, 2*ms - 70*us}, 1},
		{"in one round", []Sample{quick, with(1*ms, 1*ms, 1*ms), quick}, []Sample{quick, quick, quick}, nil, 0},
		{"ticks of 10 ms", []Sample{{1 * ms, 5 * ms, 5 * ms, 10 * ms, 25 * ms}, {5 * ms}}, []Sample{{1 * ms, 5 * ms, 5 * ms, 10 * ms, 25 * ms}, {5 * ms}}, nil, 0},
	} {
		rest, stalls, perRound := withoutStalls(c.rounds)
		if perRound != c.perRound || !reflect.DeepEqual(rest, c.rest) || len(stalls) != len(c.stalls) || len(stalls) > 0 && !reflect.DeepEqual(stalls, c.stalls) {
			t.Errorf("%s: %v and %v, %v a round, want %v and %v, %v", c.name, rest, stalls, perRound, c.rest, c.stalls, c.perRound)
		}
	}
}

// A host that takes a sleeping CPU after 90 ms and keeps it for 3 has it, as far as sim/machine's
// TestStallsComeAtARate, with probability (1-exp(-1/30))·(1-exp(-slept/3 ms)).
func TestTakenEveryIsTheReverse(t *testing.T) {
	const length, every = 3e6, 90e6
	sleeps := map[time.Duration]int{1e6: 60, 5e6: 20}
	stalls := 0.0
	for slept, n := range sleeps {
		stalls += float64(n) * (1 - math.Exp(-length/every)) * (1 - math.Exp(-float64(slept)/length))
	}
	if got := takenEvery(stalls, length, sleeps); math.Abs(got-every) > 1 {
		t.Errorf("%v, want %v", got, every)
	}
	if got := takenEvery(0, 0, sleeps); got != 0 {
		t.Errorf("without stalls: %v", got)
	}
	if got := takenEvery(80, length, sleeps); !(got > 0 && got < length) {
		t.Errorf("where each sleep ends in one: %v", got)
	}
}
