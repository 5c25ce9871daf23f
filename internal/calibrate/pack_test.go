//go:build linux

package calibrate

import (
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

// The share is that up to which naps stay where they begin, though one in ten does as it
// likes. Where hardly any stays there is none, and where hardly any moves it is all.
func TestPackOf(t *testing.T) {
	for _, c := range []struct {
		naps []nap
		want float64
	}{
		{napsUpTo(0.7, 1000), 0.7}, {napsUpTo(0.7, 10), 0.7}, {napsUpTo(0.3, 10), 0.3},
		{napsUpTo(0, 1000), 0}, {napsUpTo(0, 10), 0}, {napsUpTo(1, 1000), 1}, {napsUpTo(1, 15), 1}, {nil, 0},
	} {
		if got := packOf(c.naps); math.Abs(got-c.want) > 0.011 {
			t.Errorf("%d naps: %.3f, want %.3f", len(c.naps), got, c.want)
		}
	}
}
