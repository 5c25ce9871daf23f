package live

import (
	"testing"

	"github.com/fibsim/fibsim/workloads"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// A calibration is kept for its pace, up to the next kernel.Renew.
func TestCalibratorForgets(t *testing.T) {
	var c Calibrator
	marked := func(ns float64) tools {
		t.Helper()
		found, err := c.tools(workloads.Pace{NS: ns}, false)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	const mark = 12345
	marked(1000)
	marked(2000)
	for key, known := range c.known {
		known.calls.Actual = mark
		c.known[key] = known
	}
	if marked(1000).calls.Actual != mark || marked(2000).calls.Actual != mark {
		t.Error("it was calibrated twice")
	}
	kernel.Renew()
	if marked(1000).calls.Actual == mark || marked(2000).calls.Actual == mark {
		t.Error("it was not calibrated again")
	}
}
