package words

import (
	"math"
	"strconv"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// Style says which characters the reader can see.
type Style struct {
	ASCII bool // no others
}

// Pick returns the text, or its replacement where only ASCII can be shown.
func (s Style) Pick(text, ascii string) string {
	if s.ASCII {
		return ascii
	}
	return text
}

// Dash stands for a figure that is not there.
func (s Style) Dash() string { return s.Pick("–", "-") }

// Digits returns v with three significant digits, and no exponent.
func Digits(v float64) string {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	magnitude := int(math.Floor(math.Log10(math.Abs(v))))
	text := strconv.FormatFloat(v, 'f', max(0, 2-magnitude), 64)
	// Rounding can add a digit before the point: 9.999 is 10.0, not 10.00.
	if rounded, _ := strconv.ParseFloat(text, 64); int(math.Floor(math.Log10(math.Abs(rounded)))) > magnitude {
		text = strconv.FormatFloat(v, 'f', max(0, 1-magnitude), 64)
	}
	return text
}

// Nanoseconds returns a length of time in the unit that suits it.
func (s Style) Nanoseconds(ns float64) string {
	size := math.Abs(ns)
	switch {
	case size == 0:
		return "0"
	// The bounds are where three digits would round up to the next unit.
	case size < 999.5:
		return Digits(math.Round(ns)) + " ns"
	case size < 999.5e3:
		return Digits(ns/1e3) + s.Pick(" µs", " us")
	case size < 999.5e6:
		return Digits(ns/1e6) + " ms"
	}
	return Digits(ns/1e9) + " s"
}

// Figure returns a value in the unit that its column's name ends with.
func (s Style) Figure(column string, c results.Cell) string {
	v, ok := c.Value()
	if !ok {
		return s.Dash()
	}
	switch {
	case strings.HasSuffix(column, "_ns"):
		return s.Nanoseconds(v)
	case strings.HasSuffix(column, "_share_ratio"):
		return strconv.FormatFloat(100*v, 'f', 0, 64) + " %"
	case strings.HasSuffix(column, "_ratio"):
		return Digits(v) + "x"
	case strings.HasSuffix(column, "_per_s"):
		return Digits(v) + "/s"
	case strings.HasSuffix(column, "_bytes"):
		return Digits(v/(1<<20)) + " MiB"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
