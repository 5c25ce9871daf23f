package plot

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what a picture shows.
type Kind string

// Kinds.
const (
	Spectrum Kind = "spectrum" // a figure over its percentiles, the slowest spread out
	CDF      Kind = "cdf"      // the share of iterations up to a figure
	Timeline Kind = "timeline" // what each thread and the lock do
	Interval Kind = "interval" // a column of summary.csv over the switch interval
)

// Kinds returns all kinds.
func Kinds() []Kind { return []Kind{Spectrum, CDF, Timeline, Interval} }

// Values are what spectrum and cdf can show of an iteration.
func Values() []string { return []string{"latency", "delay", "response"} }

// Formats are the suffixes that a picture can have.
func Formats() []string { return []string{"svg", "png"} }

// Sizes of a picture in pixels.
const (
	LeastSize = 200
	MostSize  = 10_000

	usualWidth = 900
)

// Options say what is drawn. The zero value of each but Kind lets the results decide.
type Options struct {
	Kind     Kind
	Variants []string // all
	Backends []string // all
	Groups   []string // all
	Rep      int      // of a timeline; 1
	Value    string   // of Values; latency
	Column   string   // of summary.csv, for Interval; delay_p50_ns
	From     int64    // where a timeline begins, in ns since the start of the warm-up, if Started
	Started  bool     // otherwise it is around the first forced switch
	Length   int64    // of a timeline in ns; twelve switch intervals
	Width    int      // in pixels; 900
	Height   int      // in pixels; what the panels need
}

// ChoiceError is something that was asked for and that the results have not got.
type ChoiceError struct{ text string }

// Error says what there is instead.
func (e *ChoiceError) Error() string { return e.text }

func choice(format string, args ...any) error { return &ChoiceError{fmt.Sprintf(format, args...)} }

// pick returns those of the names that were asked for, in the order of the results; all
// where none was.
func pick(what string, asked, there []string) ([]string, error) {
	for _, name := range asked {
		if !slices.Contains(there, name) {
			return nil, choice("no %s is named %q here; there are %s", what, name, strings.Join(there, ", "))
		}
	}
	if len(asked) == 0 {
		return there, nil
	}
	return slices.DeleteFunc(slices.Clone(there), func(name string) bool { return !slices.Contains(asked, name) }), nil
}
