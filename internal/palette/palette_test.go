package palette

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// luminance is the relative luminance of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	v, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil || len(hex) != 7 || hex[0] != '#' {
		t.Fatalf("%q is no colour of the form #rrggbb", hex)
	}
	linear := func(shift int) float64 {
		c := float64(v>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
}

// contrast is the contrast ratio of WCAG 2.2.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// lightness is L* of CIELAB, from 0 to 100.
func lightness(t *testing.T, hex string) float64 {
	t.Helper()
	y := luminance(t, hex)
	if y <= 216.0/24389 {
		return y * 24389 / 27
	}
	return 116*math.Cbrt(y) - 16
}

// onEach calls f with the colour and each background, on both pages.
func onEach(c Color, f func(color, background string)) {
	for _, bg := range []Color{Page, Panel} {
		f(c.Light, bg.Light)
		f(c.Dark, bg.Dark)
	}
}

// The formulas give the published values: black on white is 21 to 1, and #777777
// just misses 4.5 to 1 on white.
func TestContrastFormula(t *testing.T) {
	if got := contrast(t, "#000000", "#ffffff"); math.Abs(got-21) > 1e-9 {
		t.Errorf("black on white: %v", got)
	}
	if got := contrast(t, "#777777", "#ffffff"); math.Abs(got-4.478) > 0.001 {
		t.Errorf("#777777 on white: %v", got)
	}
	if got := lightness(t, "#777777"); math.Abs(got-50.034) > 0.01 {
		t.Errorf("L* of #777777: %v", got)
	}
}

func TestTextMeetsAA(t *testing.T) {
	for name, c := range map[string]Color{"text": Text, "muted": Muted, "link": Link, "good": Good, "bad": Bad} {
		onEach(c, func(color, background string) {
			if got := contrast(t, color, background); got < 4.5 {
				t.Errorf("%s %s on %s: %.2f to 1, text needs 4.5", name, color, background, got)
			}
		})
	}
}

func TestGraphicsMeetAA(t *testing.T) {
	colors := map[string]Color{}
	for _, s := range append(States(), Behind) {
		colors[s.Name] = s.Color
	}
	names := []string{"gil", "native", "sim_gil", "sim_native"}
	for i := range others {
		names = append(names, "python_3_"+strconv.Itoa(i))
	}
	for _, l := range Lines(names) {
		colors[l.Name] = l.Color
	}
	for i, c := range threads {
		colors["thread "+strconv.Itoa(i)] = c
	}
	if len(colors) != len(states)+1+len(names)+len(threads) {
		t.Fatalf("got %d colours", len(colors))
	}
	for name, c := range colors {
		onEach(c, func(color, background string) {
			if got := contrast(t, color, background); got < 3 {
				t.Errorf("%s %s on %s: %.2f to 1, graphics need 3", name, color, background, got)
			}
		})
	}
}

// Two states differ in lightness by far more than the eye needs beside each other.
func TestStatesDifferInLightness(t *testing.T) {
	for _, pick := range []func(Color) string{
		func(c Color) string { return c.Light },
		func(c Color) string { return c.Dark },
	} {
		list := append(States(), Behind)
		slices.SortFunc(list, func(a, b State) int {
			return cmp.Compare(lightness(t, pick(a.Color)), lightness(t, pick(b.Color)))
		})
		for i := 1; i < len(list); i++ {
			a, b := pick(list[i-1].Color), pick(list[i].Color)
			if d := lightness(t, b) - lightness(t, a); d < 4 {
				t.Errorf("%s %s and %s %s differ by %.1f of L*", list[i-1].Name, a, list[i].Name, b, d)
			}
		}
	}
}

func TestLines(t *testing.T) {
	lines := Lines([]string{"python_3_11", "gil", "sim_gil", "pypy_3_9"})
	if lines[0].Color != others[0] || lines[3].Color != others[1] || lines[1].Color != known["gil"] {
		t.Errorf("got %+v", lines)
	}
	if lines[1].Predicted || !lines[2].Predicted {
		t.Error("predictions are those of the simulator")
	}
	many := make([]string, 3*len(others))
	if got := Lines(many); len(got) != len(many) {
		t.Errorf("got %d lines", len(got))
	}
}

func TestOf(t *testing.T) {
	s, ok := Of("wait_gil")
	if !ok || s.Light != "#860013" {
		t.Errorf("got %+v", s)
	}
	if s, ok := Of("behind"); !ok || s != Behind {
		t.Errorf("got %+v", s)
	}
	if _, ok := Of("done"); ok {
		t.Error("what is not there has no colour")
	}
}

func TestCSS(t *testing.T) {
	css := CSS()
	for _, want := range []string{"--text:#1a1d21;", "--text:#e8eaed;", "--state-wait_gil:#860013;", "--state-behind:#a8681f;", "--thread-5:#a5c9ae;", "prefers-color-scheme:dark"} {
		if !strings.Contains(css, want) {
			t.Errorf("misses %s:\n%s", want, css)
		}
	}
	if open, end := strings.Count(css, "{"), strings.Count(css, "}"); open != end {
		t.Errorf("%d braces open, %d close", open, end)
	}
}

// A thread has the same colour in every picture: that of the style sheet.
func TestThread(t *testing.T) {
	for number := range 2 * len(threads) {
		c, place := Thread(number), number%len(threads)
		for _, want := range []string{c.Light, c.Dark} {
			if !strings.Contains(CSS(), fmt.Sprintf("--thread-%d:%s;", place, want)) {
				t.Errorf("thread %d is %s, and --thread-%d is not", number, want, place)
			}
		}
	}
}
