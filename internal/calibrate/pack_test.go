//go:build linux

package calibrate

import (
	"context"
	"math"
	"testing"
)

// napsUpTo returns naps on a CPU that gets busier, which stay up to a share; each nth does not
// do as the others.
func napsUpTo(share float64, nth int) (all []nap) {
	for round := range 3 {
		for i := range 80 {
			n := nap{used: 0.1 + float64(i+1)*0.01 - float64(round)*0.002}
			n.moved = n.used > share
			if (i+round)%nth == nth-1 {
				n.moved = !n.moved
			}
			all = append(all, n)
		}
	}
	return all
}

// The share is that up to which naps stay where they begin, though one in ten does as it likes. It
// is 0 where hardly any stays. Nothing is clear where hardly any moves, as with a second CPU that is busy
// or where the kernel looks for no CPU, where they do as they like, and of no naps.
func TestPackOf(t *testing.T) {
	all := func(stay func(i int) bool) (naps []nap) {
		for i := range 200 {
			naps = append(naps, nap{float64(i) / 200, !stay(i)})
		}
		return naps
	}
	for name, c := range map[string]struct {
		naps  []nap
		want  float64
		clear bool
	}{
		"sharp": {napsUpTo(0.7, 1000), 0.7, true}, "blurred": {napsUpTo(0.7, 10), 0.7, true}, "low": {napsUpTo(0.3, 10), 0.3, true},
		"high": {napsUpTo(0.8, 1000), 0.8, true}, "none": {napsUpTo(0, 1000), 0, true}, "hardly any": {napsUpTo(0, 10), 0, true},
		"always": {napsUpTo(1, 1000), 0, false}, "nearly": {napsUpTo(1, 15), 0, false}, "nothing": {nil, 0, false},
		"every other":        {all(func(i int) bool { return i%2 == 0 }), 0, false},
		"half of those far":  {all(func(i int) bool { return i < 120 || i%2 == 0 }), 0, false},
		"half of those near": {all(func(i int) bool { return i < 120 && i%5 < 3 }), 0, false},
	} {
		if got, clear := packOf(c.naps); math.Abs(got-c.want) > 0.011 || clear != c.clear {
			t.Errorf("%s: %.3f, clear: %t", name, got, clear)
		}
	}
}

func TestNapsAreInterrupted(t *testing.T) {
	list := cpus()
	if len(list) < 2 {
		t.Skip("needs two CPUs")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if naps := (system{list[0], list[1]}).naps(ctx); len(naps) > 0 {
		t.Errorf("%d naps", len(naps))
	}
}
