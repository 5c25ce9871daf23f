package kernel

import (
	"errors"
	"math"
	"testing"
	"time"
)

// What takes three times as long as the yardstick costs three of it: a ratio of lengths
// that were measured side by side, so that a busy host changes little.
func TestNominalIsRelative(t *testing.T) {
	Renew()
	length := unit()
	got, err := Nominal(9, func() (float64, error) { return 3 * float64(yardstick()), nil })
	if err != nil || got < 1.5*float64(length) || got > 6*float64(length) {
		t.Errorf("three yardsticks cost %v, %v; one is %v", time.Duration(got), err, length)
	}
}

// An error of the work is the error.
func TestNominalFails(t *testing.T) {
	broken := errors.New("broken")
	calls := 0
	if _, err := Nominal(4, func() (float64, error) { calls++; return 1, broken }); err != broken || calls != 1 {
		t.Errorf("got %v after %d calls", err, calls)
	}
}

// Ratios from slow moments count only where hardly any others are found in three times as
// many attempts as were asked for. Work is slowed here by 3, yardsticks by 1.5.
func TestRatiosOfFastMoments(t *testing.T) {
	const length = 1000
	for name, c := range map[string]struct {
		slow  func(i int) bool // work i, and the yardstick after it
		want  float64
		works int
	}{
		"fast":               {func(int) bool { return false }, 7, 9},
		"slow":               {func(int) bool { return true }, 14, 27},
		"slow at first":      {func(i int) bool { return i <= 10 }, 7, 20}, // 11 has a slow yardstick before it
		"slow but two":       {func(i int) bool { return i > 2 }, 14, 27},
		"slow but three":     {func(i int) bool { return i > 3 }, 7, 27},
		"fast but sometimes": {func(i int) bool { return i%5 == 1 }, 7, 15},
	} {
		works := 0
		got, err := ratio(9, length, func() time.Duration {
			if works > 0 && c.slow(works) {
				return 1.5 * length
			}
			return length
		}, func() (float64, error) {
			works++
			if c.slow(works) {
				return 21 * length, nil
			}
			return 7 * length, nil
		})
		if err != nil || got != c.want || works != c.works {
			t.Errorf("%s: got %v after %d works, %v; want %v after %d", name, got, works, err, c.want, c.works)
		}
	}
}

// A length is slow from a fifth above the best on.
func TestSlow(t *testing.T) {
	if Slow(1200, 1000) || !Slow(1201, 1000) || Slow(900, 1000) {
		t.Error("the bound is not at a fifth")
	}
}

// What the host sustains is the median of what was not slow.
func TestSustained(t *testing.T) {
	for _, c := range []struct {
		lengths []time.Duration
		want    time.Duration
	}{
		{[]time.Duration{1000}, 1000},
		{[]time.Duration{1000, 1050, 1060}, 1050},
		{[]time.Duration{1000, 1050, 1060, 1070, 1400, 1410, 1420, 1430}, 1060},
		{[]time.Duration{1000, 1300, 1310, 1320}, 1000},
	} {
		if got := sustained(c.lengths); got != c.want {
			t.Errorf("%v: got %v, want %v", c.lengths, got, c.want)
		}
	}
}

// A spin is as fast as it was at its best, and where it never was at its best as fast as the
// yardstick makes it. Neighbours slow both by a half here, interrupts spinning by 4 %.
func TestSpinCost(t *testing.T) {
	const length = 1000
	for name, c := range map[string]struct {
		slow       func(i int) bool
		best, mean float64 // where it is slow
		want       float64
	}{
		"quiet":             {slow: func(int) bool { return false }, want: 500},
		"slow at times":     {slow: func(i int) bool { return i%3 == 0 }, best: 700, mean: 780, want: 500},
		"slow, with gaps":   {slow: func(int) bool { return true }, best: 500, mean: 780, want: 500},
		"slow all the time": {slow: func(int) bool { return true }, best: 750, mean: 780, want: 520},
	} {
		i := 0
		got := spinCost(length, func() time.Duration {
			if c.slow(i) {
				return 1.5 * length
			}
			return length
		}, func() (best, mean float64) {
			i++
			if c.slow(i) {
				return c.best, c.mean
			}
			return 500, 520
		})
		if math.Abs(got-c.want) > 0.001 {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// What was found out holds up to the next Renew.
func TestRenew(t *testing.T) {
	CalibrateSpin()
	renewals, costs := Renewals(), Measured()
	nominal.spins, nominal.length = 12345, 54321
	if s := CalibrateSpin(); s.PerMicrosecond() != 12345 || unit() != 54321 || Renewals() != renewals || Measured() != costs {
		t.Error("it was found out again")
	}
	Renew()
	if s := CalibrateSpin(); s.PerMicrosecond() == 12345 || unit() == 54321 || Renewals() != renewals+1 || Measured() != costs+1 {
		t.Error("it was not found out again")
	}
}
