package results

import (
	"math"
	"strconv"
	"strings"
)

// Cell is a figure that may be missing. The zero Cell is.
type Cell struct {
	kind  cellKind
	count int64
	ratio float64
}

type cellKind uint8

const (
	missing cellKind = iota
	whole
	fraction
)

// Int returns a Cell with a whole number: a count or nanoseconds.
func Int(v int64) Cell { return Cell{kind: whole, count: v} }

// Float returns a Cell with a ratio or a rate; a missing one when v is not a
// finite number, which a file could not hold.
func Float(v float64) Cell {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Cell{}
	}
	return Cell{kind: fraction, ratio: v}
}

// Value returns the figure; false when it is missing.
func (c Cell) Value() (float64, bool) {
	switch c.kind {
	case whole:
		return float64(c.count), true
	case fraction:
		return c.ratio, true
	}
	return 0, false
}

// Append appends the Cell as it stands in a CSV file: nothing when it is
// missing, and always a decimal point in a ratio.
func (c Cell) Append(b []byte) []byte {
	switch c.kind {
	case whole:
		return strconv.AppendInt(b, c.count, 10)
	case fraction:
		return appendRatio(b, c.ratio)
	}
	return b
}

// String returns what Append appends.
func (c Cell) String() string { return string(c.Append(nil)) }

// MarshalJSON returns the number, or null when it is missing.
func (c Cell) MarshalJSON() ([]byte, error) {
	if c.kind == missing {
		return []byte("null"), nil
	}
	return c.Append(nil), nil
}

// UnmarshalJSON reads what MarshalJSON returns.
func (c *Cell) UnmarshalJSON(b []byte) error {
	text := string(b)
	if text == "null" {
		*c = Cell{}
		return nil
	}
	kind := "integer"
	if strings.ContainsAny(text, ".eE") {
		kind = "number"
	}
	var err error
	*c, err = parseCell(text, Column{Type: kind})
	return err
}

// parseCell reads a Cell as it stands in a column of a CSV file.
func parseCell(text string, c Column) (Cell, error) {
	if text == "" {
		return Cell{}, nil
	}
	if c.Type == "integer" {
		v, err := strconv.ParseInt(text, 10, 64)
		return Int(v), err
	}
	v, err := strconv.ParseFloat(text, 64)
	return Float(v), err
}

// appendRatio appends v with six decimals, less the zeros at the end but one.
// Six are fixed, so that the last bit of a quotient, in which architectures may
// differ, never reaches a file.
func appendRatio(b []byte, v float64) []byte {
	b = strconv.AppendFloat(b, v, 'f', 6, 64)
	for b[len(b)-1] == '0' && b[len(b)-2] != '.' {
		b = b[:len(b)-1]
	}
	return b
}
