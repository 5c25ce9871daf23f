package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/fibsim/fibsim/workloads"
)

const (
	namePattern     = `^[a-z][a-z0-9_]*$`
	scenarioPattern = `^[a-z0-9-]+$`
	decimalPattern  = `^[0-9]+(\.[0-9]+)?$`
	samplesPattern  = `^(all|none|1/[1-9][0-9]*)$`
)

// scalar is a single value. Parse returns what the node says, or what is wrong.
type scalar struct {
	parse  func(n *node) (data any, problem string)
	schem  object
	naming string // what it must be, for a mapping or list in its place
}

func (s *scalar) schema() object { return s.schem }

func (s *scalar) read(r *reader, n *node, path string) *value {
	v := &value{node: n, path: path, given: true}
	if n.kind != scalarNode {
		r.addf(n, path, "must be %s, got %s", s.naming, n.what())
		return v
	}
	data, problem := s.parse(n)
	if problem != "" {
		r.add(n, path, problem)
		return v
	}
	v.data = data
	return v
}

// text is a string. Lines says whether it may have more than one.
func text(pattern, remedy string, lines bool) *scalar {
	schema := object{{"type", "string"}, {"minLength", 1}, {"maxLength", maxText}}
	re := regexp.MustCompile(pattern)
	if pattern != "" {
		schema = append(schema, field{"pattern", pattern})
	}
	return &scalar{naming: "text", schem: schema, parse: func(n *node) (any, string) {
		odd := func(c rune) bool {
			// The zero-width joiner holds emoji together; other invisible
			// characters could make a terminal show what is not there.
			return !unicode.IsGraphic(c) && c != '\u200d' && !(lines && c == '\n')
		}
		switch s := n.text; {
		case n.tag != "!!str":
			return nil, fmt.Sprintf("must be text, got %s; put it in quotes", n.what())
		case s == "":
			return nil, "must not be empty"
		case len(s) > maxText:
			return nil, fmt.Sprintf("must have at most %d characters, got %d", maxText, len(s))
		case !re.MatchString(s):
			return nil, fmt.Sprintf("%s, got %q", remedy, clip(s))
		case strings.Contains(s, "\n") && !lines:
			return nil, "must be one line"
		case strings.ContainsFunc(s, odd):
			return nil, "must have no control characters and no tabs"
		case lines:
			return strings.TrimSpace(s), ""
		}
		return n.text, ""
	}}
}

// integer is a whole number from low to high; why ends the message about one
// that is not, and may be empty. Its data is an int.
func integer(low, high int, why string) *scalar {
	if why != "" {
		why = " (" + why + ")"
	}
	digits := regexp.MustCompile(`^-?[0-9]+$`)
	return &scalar{
		naming: "a whole number",
		schem:  object{{"type", "integer"}, {"minimum", low}, {"maximum", high}},
		parse: func(n *node) (any, string) {
			if n.tag != "!!int" || !digits.MatchString(n.text) {
				return nil, fmt.Sprintf("must be a whole number, got %s", n.what())
			}
			i, err := strconv.Atoi(n.text)
			if low == high && (err != nil || i != low) {
				return nil, fmt.Sprintf("must be %d%s, got %s", low, why, clip(n.text))
			}
			if err != nil || i < low || i > high {
				return nil, fmt.Sprintf("must be from %d to %d%s, got %s", low, high, why, clip(n.text))
			}
			return i, ""
		},
	}
}

// decimal is a number more than above and at most high. Its data is a float64.
func decimal(above, high float64) *scalar {
	digits := regexp.MustCompile(decimalPattern)
	return &scalar{
		naming: "a number",
		schem:  object{{"type", "number"}, {"exclusiveMinimum", above}, {"maximum", high}},
		parse: func(n *node) (any, string) {
			if n.tag != "!!int" && n.tag != "!!float" || !digits.MatchString(strings.TrimPrefix(n.text, "-")) {
				return nil, fmt.Sprintf("must be a number, got %s", n.what())
			}
			x, err := strconv.ParseFloat(n.text, 64)
			if err != nil || x <= above || x > high {
				return nil, fmt.Sprintf("must be more than %s and at most %s, got %s", formatFloat(above), formatFloat(high), clip(n.text))
			}
			return x, ""
		},
	}
}

// boolean is true or false. Its data is a bool.
func boolean() *scalar {
	return &scalar{
		naming: "true or false",
		schem:  object{{"type", "boolean"}},
		parse: func(n *node) (any, string) {
			if n.tag != "!!bool" {
				return nil, fmt.Sprintf("must be true or false, got %s", n.what())
			}
			return strings.EqualFold(n.text, "true"), ""
		},
	}
}

// duration is a length of time from low to high. Its data is a time.Duration.
func duration(low, high time.Duration) *scalar {
	return &scalar{
		naming: "a duration such as 5ms",
		schem:  object{{"type", "string"}, {"pattern", durationPattern}},
		parse: func(n *node) (any, string) {
			ns, problem := parseUnits(n.text, durationUnits)
			if problem != "" {
				return nil, problem
			}
			if d := time.Duration(ns); d >= low && d <= high {
				return d, ""
			}
			return nil, fmt.Sprintf("must be from %s to %s, got %s", FormatDuration(low), FormatDuration(high), clip(n.text))
		},
	}
}

// size is a number of bytes from 1 to high. Its data is an int64.
func size(high int64) *scalar {
	return &scalar{
		naming: "a size such as 64KiB",
		schem:  object{{"type", "string"}, {"pattern", sizePattern}},
		parse: func(n *node) (any, string) {
			bytes, problem := parseUnits(n.text, sizeUnits)
			if problem != "" {
				return nil, problem
			}
			if bytes < 1 || bytes > high {
				return nil, fmt.Sprintf("must be from 1B to %s, got %s", formatSize(high), clip(n.text))
			}
			return bytes, ""
		},
	}
}

// choice is one of some words. Its data is a string.
func choice(words []string) *scalar {
	return &scalar{
		naming: either(words),
		schem:  object{{"enum", words}},
		parse: func(n *node) (any, string) {
			if slices.Contains(words, n.text) {
				return n.text, ""
			}
			problem := fmt.Sprintf("must be %s, got %s", either(words), n.what())
			if best := Nearest(n.text, words); best != "" {
				problem += fmt.Sprintf("; did you mean %s?", best)
			}
			return nil, problem
		},
	}
}

// rate is a number of arrivals. Its data is a float64, per second.
func rate() *scalar {
	return &scalar{
		naming: "a rate such as 20/s",
		schem:  object{{"type", "string"}, {"pattern", ratePattern}},
		parse: func(n *node) (any, string) {
			perSecond, problem := parseRate(n.text)
			return perSecond, problem
		},
	}
}

var paceModes = []string{"native", "python"}

// pace is the cost of one call of fib. Its data is a workloads.Pace.
func pace() *scalar {
	digits := regexp.MustCompile(decimalPattern)
	return &scalar{
		naming: "ns per call of fib, native or python",
		schem: object{{"oneOf", []any{
			object{{"type", "number"}, {"minimum", MinPace}, {"maximum", MaxPace}},
			object{{"enum", paceModes}},
		}}},
		parse: func(n *node) (any, string) {
			switch n.text {
			case "native":
				return workloads.Pace{Mode: workloads.PaceNative}, ""
			case "python":
				return workloads.Pace{Mode: workloads.PacePython}, ""
			}
			ns, err := strconv.ParseFloat(n.text, 64)
			if n.tag == "!!str" || !digits.MatchString(n.text) || err != nil || ns < MinPace || ns > MaxPace {
				return nil, fmt.Sprintf("must be a number of ns from %s to %s, native or python, got %s",
					formatFloat(MinPace), formatFloat(MaxPace), n.what())
			}
			return workloads.Pace{Mode: workloads.PaceFixed, NS: ns}, ""
		},
	}
}

func formatPace(p workloads.Pace) any {
	switch p.Mode {
	case workloads.PaceNative:
		return "native"
	case workloads.PacePython:
		return "python"
	}
	return p.NS
}

// samples says which iterations become rows. Its data is a workloads.Sampling.
func samples() *scalar {
	re := regexp.MustCompile(samplesPattern)
	return &scalar{
		naming: "all, none or 1/N",
		schem:  object{{"type", "string"}, {"pattern", samplesPattern}},
		parse: func(n *node) (any, string) {
			switch n.text {
			case "all":
				return workloads.SampleAll, ""
			case "none":
				return workloads.SampleNone, ""
			}
			every, err := strconv.Atoi(strings.TrimPrefix(n.text, "1/"))
			if !re.MatchString(n.text) || err != nil || every > MaxSampling {
				return nil, fmt.Sprintf("must be all, none or 1/N with N from 1 to %d, got %s", MaxSampling, n.what())
			}
			return workloads.Sampling(every), ""
		},
	}
}

func formatSamples(s workloads.Sampling) string {
	switch s {
	case workloads.SampleAll:
		return "all"
	case workloads.SampleNone:
		return "none"
	}
	return fmt.Sprintf("1/%d", int(s))
}
