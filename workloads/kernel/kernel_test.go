package kernel

import (
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/workloads"
)

// fib is the article's recursion, and looks at its breaker once in every call, of
// which there are 2·fib(n) - 1.
func TestFibLooksAtEveryCall(t *testing.T) {
	for n, want := range map[int]uint64{1: 1, 2: 1, 3: 2, 10: 55, 20: 6765} {
		looks := int64(0)
		b := gil.NewBreaker(func() { looks++ })
		b.Raise()
		if got := Fib(b, n, new(Pad)); got != want || Bare(n) != want {
			t.Errorf("fib(%d) = %d, bare %d, want %d", n, got, Bare(n), want)
		}
		if looks != workloads.FibCalls(n) || looks != 2*int64(want)-1 {
			t.Errorf("fib(%d) looked %d times in %d calls, want %d", n, looks, workloads.FibCalls(n), 2*want-1)
		}
	}
}

// The fraction of a turn is carried from stretch to stretch, so that the mean over
// many calls is right, and the calls of one stretch are alike.
func TestPadCarriesItsFraction(t *testing.T) {
	p, more := padOf(3.25), 0
	if p.turns != 3 {
		t.Fatalf("%d whole turns, want 3", p.turns)
	}
	changes, before := 0, uint32(0)
	for range 1000 * stretch {
		p.spend()
		more += int(p.extra)
		if p.extra != before {
			changes, before = changes+1, p.extra
		}
	}
	if more != 250*stretch {
		t.Errorf("%d of %d calls had a turn more, want %d", more, 1000*stretch, 250*stretch)
	}
	if changes > 2*250 {
		t.Errorf("the number of turns changed %d times in 1000 stretches, a quarter of them longer", changes)
	}
}

// churn makes as many turns as it is asked for in each chain, whichever way they are
// reached.
func TestChurnCountsItsTurns(t *testing.T) {
	want := mill{1, 2, 3, 4}
	for n := range uint32(100) {
		got := mill{1, 2, 3, 4}
		if got.churn(n); got != want {
			t.Fatalf("%d turns give %#x, want %#x", n, got, want)
		}
		for _, x := range []*uint64{&want.a, &want.b, &want.c, &want.d} {
			*x = *x<<1 ^ (*x>>3 + 1)
		}
	}
}

func TestCalibrateRefusesTheImpossible(t *testing.T) {
	quiet := gil.NewBreaker(func() {})
	_, err := Calibrate(1e-6, func(n int, p *Pad) uint64 { return Fib(quiet, n, p) })
	if err == nil || !strings.Contains(err.Error(), "use `native` or a larger number") {
		t.Errorf("got %v", err)
	}
}

func TestSpinAndHash(t *testing.T) {
	looks := 0
	s := Spinner{perMicrosecond: 1}
	if s.Spin(5_500, func() { looks++ }); looks != 5 {
		t.Errorf("5.5 µs of spinning looked %d times, want 5", looks)
	}
	for _, n := range []int64{0, 1, 1 << 20, 3<<20 + 7} {
		if got, want := Hash(n, func() {}), sha256.Sum256(make([]byte, n)); got != want {
			t.Errorf("hash of %d bytes: %x, want %x", n, got, want)
		}
	}
}
