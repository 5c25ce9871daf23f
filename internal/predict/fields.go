package predict

import (
	"slices"

	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/sim/machine"
)

// Keys returns the costs that a cost file may have: those that the simulator knows.
func Keys() scenarios.CostKeys {
	return scenarios.CostKeys{
		Host:        keysOf((&machine.Costs{}).Fields()),
		Interpreter: keysOf((&machine.Interpreter{}).Fields()),
	}
}

func keysOf(fields []machine.Field) []scenarios.CostKey {
	var keys []scenarios.CostKey
	for _, f := range fields {
		k := scenarios.CostKey{Name: f.Name, Doc: f.Doc}
		switch f.Value.(type) {
		case *float64:
			k.Kind = scenarios.DecimalCost
		case *machine.Spread:
			k.Kind = scenarios.SpreadCost
		}
		keys = append(keys, k)
	}
	return keys
}

// apply sets the fields that a cost file gives. Its reader has seen to it that each
// value is of the field's kind.
func apply(fields []machine.Field, values map[string]any) {
	for _, f := range fields {
		value, ok := values[f.Name]
		if !ok {
			continue
		}
		switch at := f.Value.(type) {
		case *int64:
			*at = value.(int64)
		case *float64:
			*at = value.(float64)
		case *machine.Spread:
			q := value.([6]int64)
			*at = machine.Spread{Min: q[0], P10: q[1], P50: q[2], P90: q[3], P99: q[4], Max: q[5]}
		}
	}
}

// Values returns the fields that are named, as a cost file holds them.
func Values(fields []machine.Field, names []string) map[string]any {
	values := map[string]any{}
	for _, f := range fields {
		if !slices.Contains(names, f.Name) {
			continue
		}
		switch at := f.Value.(type) {
		case *int64:
			values[f.Name] = *at
		case *float64:
			values[f.Name] = *at
		case *machine.Spread:
			values[f.Name] = [6]int64{at.Min, at.P10, at.P50, at.P90, at.P99, at.Max}
		}
	}
	return values
}
