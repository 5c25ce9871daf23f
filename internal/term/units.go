package term

import (
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/words"
)

// words is how figures are told to the receiver of the text.
func (s Style) words() words.Style { return words.Style{ASCII: s.ASCII} }

func digits(v float64) string { return words.Digits(v) }

func (s Style) nanoseconds(ns float64) string { return s.words().Nanoseconds(ns) }

func (s Style) figure(column string, c results.Cell) string { return s.words().Figure(column, c) }

// pick returns the text, or its replacement where only ASCII can be shown.
func (s Style) pick(text, ascii string) string { return s.words().Pick(text, ascii) }

// dash stands for a figure that is not there.
func (s Style) dash() string { return s.words().Dash() }
