package scenarios

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var someKeys = CostKeys{
	Host: []CostKey{
		{"system_call", "ns into the kernel and back", WholeCost},
		{"wake_idle", "ns until a woken thread runs", SpreadCost},
		{"fib_call", "ns for a call of fib", DecimalCost},
		{"settle", "ns until asleep", WholeCost},
	},
	Interpreter: []CostKey{{"fib_call", "ns for a call of fib", DecimalCost}, {"send", "ns of a send", WholeCost}},
}

func someCosts() *CostFile {
	return &CostFile{
		About:     "A host of the laboratory.",
		Measured:  time.Date(2026, 11, 25, 20, 15, 0, 0, time.UTC),
		Disturbed: "wake-ups of an idle CPU, the race for a signal",
		Host:      CostHost{"linux", "amd64", "Some: CPU @ 2 GHz", 2, "6.18", "", "go1.26.8"},
		Costs: map[string]any{
			"system_call": int64(1061), "fib_call": 1.5318,
			"wake_idle": [6]int64{0, 999, 1000, 1_000_000, 1_500_001, 2_000_000_000},
		},
		Interpreters: []InterpreterCosts{
			{"pypy_3_9", "", time.Time{}, map[string]any{"fib_call": 3.0}},
			{"python_3_11", "3.11", time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC), map[string]any{"fib_call": 29.25, "send": int64(4500)}},
		},
	}
}

const someText = `# What things cost on a host, for the simulator: costs: host, or the path of this file.
# Not measured, so that the defaults hold: settle.
version: 1
about: A host of the laboratory.
measured: "2026-11-25T20:15:00Z"
disturbed: wake-ups of an idle CPU, the race for a signal
host:
  os: linux
  arch: amd64
  cpu_model: 'Some: CPU @ 2 GHz'
  cpus: 2
  kernel: "6.18"
  go: go1.26.8
costs:
  system_call: 1.061us
  wake_idle: {min: 0ns, p10: 999ns, p50: 1us, p90: 1ms, p99: 1.500001ms, max: 2s}
  fib_call: 1.5318ns
interpreters:
  pypy_3_9:
    fib_call: 3.0000ns
  python_3_11:
    version: "3.11"
    measured: "2026-11-01T08:00:00Z"
    fib_call: 29.2500ns
    send: 4.5us
`

// What is written reads back as it was, and looks as a person would write it.
func TestCostFileRoundTrip(t *testing.T) {
	if got := string(someCosts().Encode(someKeys)); got != someText {
		t.Errorf("got\n%s", got)
	}
	// What has no date of its own was measured with the rest.
	if f := someCosts(); f.MeasuredAt(&f.Interpreters[0]) != f.Measured || f.MeasuredAt(&f.Interpreters[1]) == f.Measured {
		t.Errorf("measured at %v and %v", f.MeasuredAt(&f.Interpreters[0]), f.MeasuredAt(&f.Interpreters[1]))
	}
	path := filepath.Join(t.TempDir(), "costs.yaml")
	if err := os.WriteFile(path, []byte(someText), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := LoadCosts(path, someKeys)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, someCosts()) {
		t.Errorf("got  %+v\nwant %+v", got, someCosts())
	}
	if got.Interpreter("python_3_11").Version != "3.11" || got.Interpreter("jython") != nil {
		t.Error("interpreters are not found by name")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("%v were left behind", left)
	}
}

// A file by hand may leave out everything but its version, and may give one length
// for a spread and whole numbers for fractions.
func TestCostFileByHand(t *testing.T) {
	got, err := ParseCosts("c.yaml", []byte("version: 1\ncosts: {wake_idle: 2us, fib_call: 1us}\n"), someKeys)
	want := map[string]any{"wake_idle": [6]int64{2000, 2000, 2000, 2000, 2000, 2000}, "fib_call": 1000.0}
	if err != nil || !reflect.DeepEqual(got.Costs, want) || !got.Measured.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
}

// Every mistake is told, with its place and the remedy.
func TestMistakesInACostFile(t *testing.T) {
	for text, want := range map[string]string{
		"":             "c.yaml:1:1: the file is empty; a cost file begins with version: 1",
		"[]":           "c.yaml:1:1: must be a mapping that begins with version: 1, got a list",
		"{version: 2}": "c.yaml:1:11: version: must be 1 (the only version there is), got 2",
		"version: 1\ncosts:\n  system_cal: 1us\n":                                                      "c.yaml:3:3: costs.system_cal: unknown key; did you mean system_call?",
		"version: 1\ncosts: {system_call: 5}":                                                          "c.yaml:2:22: costs.system_call: needs a unit: ns, us, ms or s, got 5",
		"version: 1\ncosts: {system_call: 5m}":                                                         "c.yaml:2:22: costs.system_call: unknown unit \"m\" in 5m: must be ns, us, ms or s",
		"version: 1\ncosts: {system_call: 1.5ns}":                                                      "c.yaml:2:22: costs.system_call: must be a whole number of ns, got 1.5ns",
		"version: 1\ncosts: {fib_call: -1.5ns}":                                                        "c.yaml:2:19: costs.fib_call: must not be negative, got -1.5ns",
		"version: 1\ncosts: {fib_call: 2h}":                                                            "c.yaml:2:19: costs.fib_call: unknown unit \"h\" in 2h: must be ns, us, ms or s",
		"version: 1\nmeasured: yesterday":                                                              "c.yaml:2:11: measured: must be a time such as 2026-11-25T20:15:00Z, got \"yesterday\"",
		"version: 1\ninterpreters: {P: {}}":                                                            "c.yaml:2:16: interpreters.P: is no name of a backend such as python_3_11",
		"version: 1\ninterpreters: {p: {fib_cal: 1}}":                                                  "c.yaml:2:20: interpreters.p.fib_cal: unknown key; did you mean fib_call?",
		"version: 1\ncosts: {wake_idle: {min: 1us, p10: 2us, p50: 1us, p90: 3us, p99: 3us, max: 3us}}": "c.yaml:2:46: costs.wake_idle.p50: must be at least the p10 of 2us, got 1us",
		"version: 1\ncosts: {wake_idle: {min: 1us, p10: 2us, p50: 3us, p90: 3us, max: 3us}}":           "c.yaml:2:20: costs.wake_idle.p99: is missing: a quantile",
	} {
		_, err := ParseCosts("c.yaml", []byte(text), someKeys)
		var errs Errors
		if !errors.As(err, &errs) || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestUnreadableCostFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.yaml")
	_, err := LoadCosts(path, someKeys)
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "cost file "+path+": ") {
		t.Errorf("got %v", err)
	}
}
