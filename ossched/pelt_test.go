package ossched

import (
	"math"
	"testing"
)

// What has always run has 1024 parts of 1024, and what is over loses half of them in 32 periods, as
// in kernel/sched/pelt.c: y^32 = 0.5.
func TestPELTHalves(t *testing.T) {
	var p pelt
	p.until(100*peltHalf*peltPeriod, true)
	for _, want := range []int64{1023, 511, 255, 127, 63} { // rounded down
		if got := p.share(); got < want || got > want+1 {
			t.Errorf("%d parts at %d, want %d", got, p.at, want)
		}
		p.until(p.at+peltHalf*peltPeriod, false)
	}
	p.until(p.at+1000*peltHalf*peltPeriod, false)
	if p.sum != 0 {
		t.Errorf("%d ns are left after ages", p.sum)
	}
}

// A dumb oracle: every stretch of running by itself, cut into periods, each of which counts
// 2^(-periods/32). However the time is cut into calls makes no difference but for rounding.
func TestPELTAgainstAnOracle(t *testing.T) {
	for seed := range 50 {
		random := chance(seed)
		var p, fine pelt
		var ran [][2]int64
		running := false
		for range 200 {
			next := p.at + int64(random.below(1+random.below(9*peltPeriod)))
			for fine.at < next {
				fine.until(min(next, fine.at+1+int64(random.below(peltPeriod))), running)
			}
			if running {
				ran = append(ran, [2]int64{p.at, next})
			}
			p.until(next, running)
			running = !running
		}
		want := 0.0
		for _, r := range ran {
			for at := r[0]; at < r[1]; {
				end := min(r[1], (at/peltPeriod+1)*peltPeriod)
				want += float64(end-at) * math.Exp2(-float64(p.at/peltPeriod-at/peltPeriod)/peltHalf)
				at = end
			}
		}
		if got := float64(p.sum); math.Abs(got-want) > 1000 {
			t.Errorf("seed %d: %.0f ns, want %.0f", seed, got, want)
		}
		if d := p.sum - fine.sum; d < -2000 || d > 2000 {
			t.Errorf("seed %d: %d ns, in more steps %d", seed, p.sum, fine.sum)
		}
		if s := p.share(); s < 0 || s > peltFull {
			t.Errorf("seed %d: a share of %d", seed, s)
		}
	}
}
