package words

import (
	"fmt"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// Evidence says which backends were measured and which predicted, and what the
// figures rest on.
func Evidence(set *results.Set) string {
	var parts []string
	for _, evidence := range []string{"measured", "predicted"} {
		var names []string
		for _, info := range set.Run.Backends {
			if info.Evidence == evidence {
				names = append(names, info.Name)
			}
		}
		if len(names) == 0 {
			continue
		}
		part := strings.Join(names, ", ") + " " + evidence
		if evidence == "measured" {
			part += fmt.Sprintf(" on %d %s", set.Run.Host.CPUs, plural(set.Run.Host.CPUs, "CPU"))
		}
		parts = append(parts, part)
	}
	reps := 0
	for _, r := range set.Rows {
		reps = max(reps, r.Rep)
	}
	if reps > 1 {
		return strings.Join(parts, "; ") + fmt.Sprintf("; medians of %d repetitions", reps)
	}
	return strings.Join(parts, "; ") + "; 1 run each"
}

// Index returns a favor-CPU-bound index with how sure it is, such as
// 19.2 [9.74, 37.8].
func Index(x *results.Index) string {
	value, _ := x.Value.Value()
	low, bounded := x.Low.Value()
	high, _ := x.High.Value()
	if bounded {
		return Digits(value) + " [" + Digits(low) + ", " + Digits(high) + "]"
	}
	return Digits(value) + " (1 run)"
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
