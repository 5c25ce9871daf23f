package main

import "testing"

// A ratio is judged by the sharpest bound that it keeps; what was not measured has no
// verdict, and a line without bounds none either.
func TestVerdict(t *testing.T) {
	all := goal{pass: 1, target: 0.5, moonshot: 0.25}
	for ratio, want := range map[float64]string{0.25: "moonshot", 0.3: "target", 0.5: "target", 1: "pass", 1.01: "missed", 0: "not measured"} {
		if got := all.verdict(ratio); got != want {
			t.Errorf("%v: %s, want %s", ratio, got, want)
		}
	}
	if got := (&goal{}).verdict(7); got != "" {
		t.Errorf("a line without bounds has the verdict %s", got)
	}
	if got := (&goal{target: 0.5}).verdict(0.7); got != "missed" {
		t.Errorf("got %s", got)
	}
}

// A run that gives another check value than the one before is an error, as is half a line.
func TestReadFindsWhatIsWrong(t *testing.T) {
	f := &figures{}
	for _, fields := range [][]string{{"12.5", "100", "ab", "0.5", "7.25"}, {"11.5", "100", "ab", "0.5"}} {
		if err := f.read(fields); err != nil {
			t.Fatal(err)
		}
	}
	if f.median() != 12 || f.extra != 0.5 || f.memory != 7.25 {
		t.Errorf("%+v, median %v", f, f.median())
	}
	for _, fields := range [][]string{{"12.5", "100", "cd", "0.5"}, {"12.5", "100", "ab"}, {"x", "100", "ab", "0.5"}, {"12.5", "100", "ab", "x"}} {
		if f.read(fields) == nil {
			t.Errorf("%v was accepted", fields)
		}
	}
	if (*figures)(nil).median() != 0 {
		t.Error("what was not measured has a median")
	}
}
