package calibrate

import (
	"reflect"
	"testing"
)

// What took more than half a millisecond is a stall, unless all timers of the host end as late.
func TestStallsAreApart(t *testing.T) {
	const us, ms = 1000, 1_000_000
	quick := Sample{50 * us, 60 * us, 70 * us}
	for _, c := range []struct {
		name   string
		rounds []Sample
		rest   []Sample
		stalls Sample
		times  int // in a round
	}{
		{"none", []Sample{quick, quick}, []Sample{quick, quick}, nil, 0},
		{"in one round", []Sample{append(quick[:3:3], 500*us, 2*ms), append(quick[:3:3], 500*us+1)},
			[]Sample{append(quick[:3:3], 500*us), quick}, Sample{430*us + 1, 2*ms - 70*us}, 1},
		{"in a burst", []Sample{quick, append(quick[:3:3], 1*ms, 1*ms, 1*ms), quick}, []Sample{quick, quick, quick},
			Sample{930 * us, 930 * us, 930 * us}, 0},
		{"ticks of 10 ms", []Sample{{1 * ms, 5 * ms, 5 * ms, 10 * ms}}, []Sample{{1 * ms, 5 * ms, 5 * ms, 10 * ms}}, nil, 0},
	} {
		rest, stalls, times := withoutStalls(c.rounds)
		if times != c.times || !reflect.DeepEqual(rest, c.rest) || len(stalls) != len(c.stalls) || len(stalls) > 0 && !reflect.DeepEqual(stalls, c.stalls) {
			t.Errorf("%s: %v and %v, %d times, want %v and %v, %d", c.name, rest, stalls, times, c.rest, c.stalls, c.times)
		}
	}
}
