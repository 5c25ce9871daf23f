package scenarios

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The patterns are shared with the JSON Schema, so they keep to what Go and
// ECMAScript understand alike.
const (
	durationPattern = `^[0-9]+(\.[0-9]+)?(ns|us|ms|s)$`
	sizePattern     = `^[0-9]+(\.[0-9]+)?(B|KiB|MiB|GiB)$`
	ratePattern     = `^[0-9]+(\.[0-9]+)?/(s|min)$`
)

var numberAndUnit = regexp.MustCompile(`^(-?[0-9]+(?:\.[0-9]+)?) ?(/?[^0-9 ]*)$`)

type unit struct {
	name  string
	scale int64
}

var (
	durationUnits = []unit{{"ns", 1}, {"us", 1000}, {"ms", 1_000_000}, {"s", 1_000_000_000}}
	sizeUnits     = []unit{{"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}}
)

// parseUnits reads a decimal number and a unit into a whole number of the
// smallest one. The second result says what is wrong, or is empty.
func parseUnits(text string, units []unit) (int64, string) {
	names := make([]string, len(units))
	for i := range units {
		names[i] = units[i].name
	}
	m := numberAndUnit.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Sprintf("must be a number with %s, got %q", either(names), clip(text))
	}
	if m[2] == "" {
		return 0, fmt.Sprintf("needs a unit: %s, got %s", either(names), clip(text))
	}
	if strings.HasPrefix(m[1], "-") {
		return 0, fmt.Sprintf("must not be negative, got %s", clip(text))
	}
	for _, u := range units {
		if u.name == m[2] {
			return scaled(text, m[1], units, u)
		}
	}
	return 0, fmt.Sprintf("unknown unit %q in %s: must be %s", clip(m[2]), clip(text), either(names))
}

// scaled multiplies without passing through floating point, so that 0.3us is
// exactly 300 ns, and refuses what is finer than the smallest unit.
func scaled(text, number string, units []unit, u unit) (int64, string) {
	whole, fraction, _ := strings.Cut(number, ".")
	fraction = strings.TrimRight(fraction, "0")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > (1<<62)/u.scale {
		return 0, fmt.Sprintf("is too large, got %s", clip(text))
	}
	part, power := int64(0), int64(1)
	for _, digit := range fraction {
		// Nine places and the largest unit, 2^30, still fit an int64.
		if power == 1_000_000_000 {
			return 0, fmt.Sprintf("has more than 9 decimal places, got %s", clip(text))
		}
		part, power = part*10+int64(digit-'0'), power*10
	}
	if part*u.scale%power != 0 {
		return 0, fmt.Sprintf("must be a whole number of %s, got %s", units[0].name, clip(text))
	}
	return n*u.scale + part*u.scale/power, ""
}

// ParseDuration reads a duration as scenarios write it: a decimal number with ns,
// us, ms or s. The error says what it must be.
func ParseDuration(text string) (time.Duration, error) {
	ns, problem := parseUnits(text, durationUnits)
	if problem != "" {
		return 0, errors.New(problem)
	}
	return time.Duration(ns), nil
}

// formatUnits is the inverse of parseUnits: the largest unit without a remainder.
func formatUnits(n int64, units []unit) string {
	for i := len(units) - 1; i > 0; i-- {
		if n%units[i].scale == 0 && n != 0 {
			return fmt.Sprintf("%d%s", n/units[i].scale, units[i].name)
		}
	}
	return fmt.Sprintf("%d%s", n, units[0].name)
}

// FormatDuration returns a duration as a scenario has it: the largest unit that leaves
// a whole number, such as 200us.
func FormatDuration(d time.Duration) string {
	if d == 0 {
		return "0s"
	}
	return formatUnits(int64(d), durationUnits)
}

func formatSize(n int64) string { return formatUnits(n, sizeUnits) }

// parseRate reads arrivals per second.
func parseRate(text string) (float64, string) {
	m := numberAndUnit.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Sprintf("must be a number with /s or /min, got %q", clip(text))
	}
	rate, err := strconv.ParseFloat(m[1], 64)
	switch m[2] {
	case "/s":
	case "/min":
		rate /= 60
	case "":
		return 0, fmt.Sprintf("needs a unit: /s or /min, got %s", clip(text))
	default:
		return 0, fmt.Sprintf("unknown unit %q in %s: must be /s or /min", clip(m[2]), clip(text))
	}
	if rate <= 0 {
		return 0, fmt.Sprintf("must be more than 0, got %s", clip(text))
	}
	if err != nil || rate > MaxRate {
		return 0, fmt.Sprintf("must be at most %s, got %s", FormatRate(MaxRate), clip(text))
	}
	return rate, ""
}

// FormatRate returns a rate as a scenario has it, such as 20/s.
func FormatRate(perSecond float64) string { return formatFloat(perSecond) + "/s" }

func formatFloat(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// clip keeps a value that a message repeats to a readable length and one line.
func clip(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	if r := []rune(text); len(r) > 40 {
		return string(r[:37]) + "..."
	}
	return text
}
