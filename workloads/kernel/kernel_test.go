package kernel

import (
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil"
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
		if looks != Calls(n) || looks != 2*int64(want)-1 {
			t.Errorf("fib(%d) looked %d times in %d calls, want %d", n, looks, Calls(n), 2*want-1)
		}
	}
}

// The fraction of a turn is carried, so that the mean over many calls is right.
func TestPadCarriesItsFraction(t *testing.T) {
	p, more := padOf(3.25), 0
	if p.turns != 3 {
		t.Fatalf("%d whole turns, want 3", p.turns)
	}
	for range 1000 {
		before := p.carry
		p.spend()
		if p.carry < before {
			more++
		}
	}
	if more != 250 {
		t.Errorf("%d of 1000 calls had a turn more, want 250", more)
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
