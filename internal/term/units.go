package term

import (
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/words"
)

// Words is how figures are told to the receiver of the text.
func (s Style) Words() words.Style { return words.Style{ASCII: s.ASCII} }

func digits(v float64) string { return words.Digits(v) }

func (s Style) nanoseconds(ns float64) string { return s.Words().Nanoseconds(ns) }

func (s Style) figure(column string, c results.Cell) string { return s.Words().Figure(column, c) }

// pick returns the text, or its replacement where only ASCII can be shown.
func (s Style) pick(text, ascii string) string { return s.Words().Pick(text, ascii) }

// dash stands for a figure that is not there.
func (s Style) dash() string { return s.Words().Dash() }
