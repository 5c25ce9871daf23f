package workloads

import (
	"fmt"
	"math"
	"testing"
)

// The generator is SplitMix64: these are its published outputs for the seed
// 1234567.
func TestSplitMix64(t *testing.T) {
	s := Stream{state: 1234567}
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		if got := s.Uint64(); got != want {
			t.Errorf("output %d is %d, want %d", i, got, want)
		}
	}
}

// The first draws of a few workers, for ever: a change here changes every result
// that anybody has published with a seed.
func TestPinnedDraws(t *testing.T) {
	for _, c := range []struct {
		seed    uint64
		group   string
		worker  int
		purpose string
		want    [3]uint64
	}{
		{1, "quick", 0, "body", [3]uint64{0xbcf58771527ae570, 0x189b48dd449939e6, 0xee706ebdc680f6fa}},
		{1, "quick", 1, "body", [3]uint64{0x29d71a787aeed2ad, 0xe1a5b7cfe257b8df, 0xa27fb2a704f8393a}},
		{2, "quick", 0, "body", [3]uint64{0x4da22be1096ebaea, 0x7a2c9238475f03a, 0x6d6f7892f86dd87e}},
		{1, "web", 0, "arrivals", [3]uint64{0x214f2d25c764aa2b, 0x558cc0b36ab30967, 0x5ce058fd24e7e179}},
	} {
		s := NewStream(c.seed, c.group, c.worker, c.purpose)
		if got := [3]uint64{s.Uint64(), s.Uint64(), s.Uint64()}; got != c.want {
			t.Errorf("seed %d, %s-%d, %s: %#x", c.seed, c.group, c.worker, c.purpose, got)
		}
	}
	for _, c := range []struct {
		d    Duration
		want [3]int64
	}{
		{Duration{Dist: Exponential, Mean: 25e6}, [3]int64{7591172, 58554088, 1776578}},
		{Duration{Dist: Lognormal, Mean: 2e6, Shape: 0.5}, [3]int64{2007633, 2070926, 885181}},
		{Duration{Dist: UniformDist, Low: 1e6, High: 3e6}, [3]int64{2476243, 1192239, 2862807}},
		{Duration{Dist: Pareto, Mean: 2e6, Shape: 1.8}, [3]int64{1052228, 3265520, 924684}},
	} {
		s := NewStream(1, "quick", 0, "body")
		if got := [3]int64{c.d.Draw(&s), c.d.Draw(&s), c.d.Draw(&s)}; got != c.want {
			t.Errorf("%+v: %v", c.d, got)
		}
	}
}

// Every worker, purpose and seed has a stream of its own, which depends on nothing
// else: so no group can change another's.
func TestStreamsAreTheirOwn(t *testing.T) {
	seen := map[uint64]string{}
	for _, seed := range []uint64{0, 1, 2, 1 << 63} {
		for _, group := range []string{"", "a", "b", "ab", "body", "quick"} {
			for _, purpose := range []string{"", "a", "b", "body", "arrivals"} {
				for worker := range 50 {
					name := fmt.Sprint(seed, ",", group, ",", worker, ",", purpose)
					s, again := NewStream(seed, group, worker, purpose), NewStream(seed, group, worker, purpose)
					v := s.Uint64()
					if other, ok := seen[v]; ok {
						t.Fatalf("%s begins as %s", name, other)
					}
					if seen[v] = name; again.Uint64() != v {
						t.Fatalf("%s begins in two ways", name)
					}
				}
			}
		}
	}
}

// The streams of neighbours do not resemble each other.
func TestNeighboursAreUncorrelated(t *testing.T) {
	const n = 20_000
	for _, pair := range [][2]Stream{
		{NewStream(1, "a", 0, "body"), NewStream(1, "a", 1, "body")},
		{NewStream(1, "a", 0, "body"), NewStream(2, "a", 0, "body")},
		{NewStream(1, "a", 0, "body"), NewStream(1, "b", 0, "body")},
		{NewStream(1, "a", 0, "body"), NewStream(1, "a", 0, "arrivals")},
	} {
		sum := 0.0
		for range n {
			sum += (pair[0].Unit() - 0.5) * (pair[1].Unit() - 0.5)
		}
		// The sum's standard deviation is √n/12.
		if sigmas := math.Abs(sum) / (math.Sqrt(n) / 12); sigmas > 4 {
			t.Errorf("correlated by %.1f standard deviations", sigmas)
		}
	}
}

// Whatever the bits, a Unit lies strictly between 0 and 1, in equal steps.
func TestUnitIsOpen(t *testing.T) {
	for bits, want := range map[uint64]float64{
		0:              0x1p-53,
		1<<12 - 1:      0x1p-53,
		1 << 12:        3 * 0x1p-53,
		1 << 63:        0.5 + 0x1p-53,
		math.MaxUint64: 1 - 0x1p-53,
	} {
		if got := unit(bits); got != want || got <= 0 || got >= 1 {
			t.Errorf("%#x gives %v, want %v", bits, got, want)
		}
	}
}
