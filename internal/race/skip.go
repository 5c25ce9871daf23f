package race

import "testing"

// SkipComputing skips a test in which one goroutine computes for long, where it can find
// nothing that a run of it elsewhere has not found: under the race detector, and with
// -short, which asks for what depends on how threads park.
func SkipComputing(t *testing.T) {
	t.Helper()
	if Enabled || testing.Short() {
		t.Skip("one goroutine, and much to compute")
	}
}
