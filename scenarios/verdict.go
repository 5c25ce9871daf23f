package scenarios

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
)

// Status is how a claim came out.
type Status uint8

const (
	Passed  Status = iota // the check holds
	Failed                // it does not, or a figure is missing
	Skipped               // something that the claim needs was not there
)

// String returns passed, failed or skipped.
func (s Status) String() string { return [...]string{"passed", "failed", "skipped"}[s] }

// Verdict is the outcome of a claim in one variant.
type Verdict struct {
	Status  Status
	Variant string // "" for a scenario without variants, or a claim across them
	Reason  string // why it did not pass; "" when it did
	Values  []Value
}

// Value is a figure that a verdict rests on.
type Value struct {
	Ref    Ref // with its variant filled in
	Value  float64
	Absent bool // the cell is empty
}

// Eval decides the claim in one variant: one of those of [Claim.Variants]. It
// asks value for each figure; false means that there is none, which fails the
// claim. Whether the needs are met is for the caller to see before.
func (c *Claim) Eval(variant string, value func(Ref) (float64, bool)) Verdict {
	v := Verdict{Variant: variant}
	env := map[string]any{}
	for i, ref := range c.refs {
		if ref.Variant == "" {
			ref.Variant = variant
		}
		x, ok := value(ref)
		v.Values = append(v.Values, Value{Ref: ref, Value: x, Absent: !ok})
		if !ok && v.Reason == "" {
			v.Status, v.Reason = Failed, fmt.Sprintf("no value for %s: %s", ref, emptiness(ref))
		}
		env[slot(i)] = x
	}
	if v.Reason != "" {
		return v
	}
	holds, err := expr.Run(c.program, env)
	var infinite infiniteError
	switch {
	case errors.As(err, &infinite):
		v.Status, v.Reason = Failed, infinite.Error()
	case err != nil:
		v.Status, v.Reason = Failed, "the check could not be computed: "+clipLine(err.Error())
	case holds != true:
		v.Status, v.Reason = Failed, "the check is false"
	}
	return v
}

// emptiness says why there is no such figure.
func emptiness(ref Ref) string {
	column := ref.Column
	if ref.Yields != "" {
		return "no count yielded any"
	}
	if strings.Contains(column, "_p50") || strings.Contains(column, "_p9") {
		return "too few samples, as 10 must lie beyond it; a longer duration has more"
	}
	return "nothing was measured in the window, or this backend does not tell it"
}
