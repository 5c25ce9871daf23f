package timeline

import "github.com/fibsim/fibsim/gil/trace"

// Choose returns the places of those of a list of threads or tasks that are drawn where
// most of them can be: of each group its first ones, and as many as of any other that has
// them. The order is that of the list.
func Choose(names []trace.Thread, most int) []int {
	var groups []string
	members := map[string]int{}
	for _, t := range names {
		if members[t.Group]++; members[t.Group] == 1 {
			groups = append(groups, t.Group)
		}
	}
	drawn := map[string]int{}
	for left := min(most, len(names)); left > 0; {
		for _, g := range groups {
			if drawn[g] < members[g] && left > 0 {
				drawn[g]++
				left--
			}
		}
	}
	var out []int
	taken := map[string]int{}
	for i, t := range names {
		if taken[t.Group]++; taken[t.Group] <= drawn[t.Group] {
			out = append(out, i)
		}
	}
	return out
}
