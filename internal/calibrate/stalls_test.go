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
	}{
		{"none", []Sample{quick, quick}, []Sample{quick, quick}, nil},
		{"in one round", []Sample{append(quick[:3:3], 500*us, 2*ms), append(quick[:3:3], 500*us+1)},
			[]Sample{append(quick[:3:3], 500*us), quick}, Sample{430*us + 1, 2*ms - 70*us}},
		{"ticks of 10 ms", []Sample{{1 * ms, 5 * ms, 5 * ms, 10 * ms}}, []Sample{{1 * ms, 5 * ms, 5 * ms, 10 * ms}}, nil},
	} {
		rest, stalls := withoutStalls(c.rounds)
		if !reflect.DeepEqual(rest, c.rest) || len(stalls) != len(c.stalls) || len(stalls) > 0 && !reflect.DeepEqual(stalls, c.stalls) {
			t.Errorf("%s: %v and %v, want %v and %v", c.name, rest, stalls, c.rest, c.stalls)
		}
	}
}
