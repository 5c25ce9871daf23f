package kernel

import (
	"errors"
	"testing"
	"time"
)

// What takes three times as long as the yardstick costs three of it: a ratio of lengths
// that were measured side by side, so that a busy host changes little.
func TestNominalIsRelative(t *testing.T) {
	length := Renew()
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
