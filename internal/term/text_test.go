package term

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/internal/results"
)

func TestFigures(t *testing.T) {
	for _, c := range []struct {
		column string
		cell   results.Cell
		want   string
	}{
		{"latency_p50_ns", results.Int(0), "0"},
		{"latency_p50_ns", results.Int(7), "7.00 ns"},
		{"latency_p50_ns", results.Int(999), "999 ns"},
		{"latency_p50_ns", results.Float(999.6), "1.00 µs"},
		{"latency_p50_ns", results.Int(90_123), "90.1 µs"},
		{"latency_p50_ns", results.Int(999_499), "999 µs"},
		{"latency_p50_ns", results.Int(999_500), "1.00 ms"},
		{"latency_p50_ns", results.Int(5_123_456), "5.12 ms"},
		{"latency_p50_ns", results.Int(9_999_000), "10.0 ms"},
		{"latency_p50_ns", results.Int(135_000_000), "135 ms"},
		{"latency_p50_ns", results.Int(1_234_000_000), "1.23 s"},
		{"latency_p50_ns", results.Int(3_600_000_000_000), "3600 s"},
		{"delay_mean_ns", results.Int(-1_500), "-1.50 µs"},
		{"slowdown_ratio", results.Float(412.4), "412x"},
		{"slowdown_ratio", results.Float(1.0049), "1.00x"},
		{"slowdown_ratio", results.Float(0.0123), "0.0123x"},
		{"wait_gil_share_ratio", results.Float(0.183), "18 %"},
		{"throughput_per_s", results.Float(21.84), "21.8/s"},
		{"throughput_per_s", results.Float(123456), "123456/s"},
		{"peak_memory_bytes", results.Int(12 << 20), "12.0 MiB"},
		{"iterations", results.Int(12), "12"},
		{"iterations", results.Cell{}, "–"},
	} {
		if got := (Style{}).figure(c.column, c.cell); got != c.want {
			t.Errorf("%s of %s: got %q, want %q", c.column, c.cell, got, c.want)
		}
	}
}

func TestDetectLeavesFilesPlain(t *testing.T) {
	env := map[string]string{}
	getenv := func(k string) string { return env[k] }
	if got := Detect(&bytes.Buffer{}, getenv); got != (Style{Width: 80, Wide: 100}) {
		t.Errorf("got %+v", got)
	}
	env["TERM"] = "dumb"
	if got := Detect(&bytes.Buffer{}, getenv); got != (Style{Width: 80, Wide: 100, ASCII: true}) {
		t.Errorf("TERM=dumb: got %+v", got)
	}
}

func TestWarnings(t *testing.T) {
	var b strings.Builder
	list := []results.Warning{{Code: "busy-host", Message: "the load average was 2.0 at the start: other work competes for the CPUs", Hint: "stop what else runs"}}
	if err := Warnings(&b, Style{Width: 60}, list); err != nil {
		t.Fatal(err)
	}
	const want = `warning: the load average was 2.0 at the start: other work
  competes for the CPUs (busy-host)
  stop what else runs
`
	if b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
}

// Each run brings the same warning with other figures: one line for all is enough.
func TestWarningsOfOneKind(t *testing.T) {
	var b strings.Builder
	list := []results.Warning{{Code: "lag", Message: "1 ms late"}, {Code: "drift", Message: "it drifts"}, {Code: "lag", Message: "2 ms late"}, {Code: "lag", Message: "3 ms late"}}
	if err := Warnings(&b, Style{Width: 60}, list); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "warning: 1 ms late (lag, and 2 more)\nwarning: it drifts (drift)\n"; got != want {
		t.Errorf("got\n%s", got)
	}
}

// The line appears on terminals only, at most four times a second, never wraps
// and goes away without a trace, after which the next one comes at once.
func TestProgress(t *testing.T) {
	var b strings.Builder
	now := time.Unix(1000, 0)
	p := NewProgress(&b, Style{Width: 40, Terminal: true})
	p.now = func() time.Time { return now }
	p.Show(1, 9, "gil, crunch alone", 12*time.Second)
	now = now.Add(249 * time.Millisecond)
	p.Show(2, 9, "left out", 0)
	now = now.Add(time.Millisecond)
	p.Show(3, 9, "gil, repetition 1 of variant with_a_long_name", 0)
	p.Clear()
	p.Clear()
	p.Say("waiting")
	p.Say("left out")
	const want = "\r\x1b[Krun 1 of 9: gil, crunch alone, about 12\r\x1b[Krun 3 of 9: gil, repetition 1 of varian\r\x1b[K\r\x1b[Kwaiting"
	if b.String() != want {
		t.Errorf("got %q", b.String())
	}
	b.Reset()
	p = NewProgress(&b, Style{Width: 40})
	p.Show(1, 1, "gil", 0)
	p.Clear()
	if b.Len() > 0 {
		t.Errorf("not a terminal: %q", b.String())
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text string
		room int
		want string
	}{
		{"", 10, ""},
		{"one two three", 7, "one two|three"},
		{"one two three", 8, "one two|three"},
		{"a verylongword b", 5, "a|verylongword|b"},
	} {
		if got := strings.Join(wrap(c.text, c.room), "|"); got != c.want {
			t.Errorf("%q in %d: got %q", c.text, c.room, got)
		}
	}
}
