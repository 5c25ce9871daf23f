package scenarios

import (
	"testing"
	"time"
)

// Durations are exact: no value passes through floating point.
func TestDurations(t *testing.T) {
	tests := map[string]time.Duration{
		"0s": 0, "5ms": 5 * time.Millisecond, "0.3us": 300, "1.000000001s": time.Second + 1,
		"25.0ms": 25 * time.Millisecond, "1ns": 1, "0.1s": 100 * time.Millisecond, "5 ms": 5 * time.Millisecond,
	}
	for text, want := range tests {
		got, problem := parseUnits(text, durationUnits)
		if time.Duration(got) != want || problem != "" {
			t.Errorf("%s: got %d %s, want %d", text, got, problem, want)
		}
	}
	for _, text := range []string{"", "5", "ms", "5m", "5h", "-1s", "1e3ms", ".5ms", "5.ms", "0.5ns", "1.0000000001s", "9e9s", "99999999999s", "+5ms", "5ms ", "５ms"} {
		if got, problem := parseUnits(text, durationUnits); problem == "" {
			t.Errorf("%q: got %d, want a problem", text, got)
		}
	}
}

// Formatting is the inverse of parsing.
func TestFormatUnits(t *testing.T) {
	for n := int64(1); n < 1<<50; n = n*3 + 1 {
		for _, units := range [][]unit{durationUnits, sizeUnits} {
			for _, x := range []int64{n, n * 1000, n &^ 1023} {
				text := formatUnits(x, units)
				if got, problem := parseUnits(text, units); got != x || problem != "" {
					t.Fatalf("%d became %s became %d %s", x, text, got, problem)
				}
			}
		}
	}
}

func TestSizes(t *testing.T) {
	tests := map[string]int64{"64B": 64, "1.5KiB": 1536, "1MiB": 1 << 20, "0.5GiB": 1 << 29}
	for text, want := range tests {
		if got, problem := parseUnits(text, sizeUnits); got != want || problem != "" {
			t.Errorf("%s: got %d %s, want %d", text, got, problem, want)
		}
	}
}

// The nearest name is the one that a person meant; far ones are not offered.
func TestNearest(t *testing.T) {
	names := keyNames(root.keys)
	tests := map[string]string{"treads": "threads", "titel": "title", "Duration": "duration", "client": "clients", "xyzzy": "", "w": ""}
	for word, want := range tests {
		if got := Nearest(word, names); got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
}
