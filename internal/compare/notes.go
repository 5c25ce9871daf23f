package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// mostNamed is how many things of a kind a note names.
const mostNamed = 6

// differences says in what the runs of two sides differ beside their figures.
func differences(a, b *results.Dir) []Note {
	var notes []Note
	add := func(code string, parts []string) {
		if len(parts) > 0 {
			notes = append(notes, Note{code, listed(parts)})
		}
	}
	for _, side := range []struct {
		name string
		run  results.RunFile
	}{{"A", a.Run}, {"B", b.Run}} {
		if side.run.Aborted {
			notes = append(notes, Note{"aborted", side.name + " was stopped before all its runs were made"})
		}
	}
	add("scenario", scenarioDifferences(a, b))
	if a.Run.Seed != b.Run.Seed {
		add("seed", []string{unlike("the seed", a.Run.Seed, b.Run.Seed)})
	}
	if a.Run.Version != b.Run.Version {
		add("version", []string{unlike("fibsim", a.Run.Version, b.Run.Version)})
	}
	if measured(a.Run.Backends) || measured(b.Run.Backends) {
		add("host", hostDifferences(a.Run.Host, b.Run.Host))
	}
	add("evidence", evidenceDifferences(a.Run.Backends, b.Run.Backends))
	add("pace", paceDifferences(a.Run.Backends, b.Run.Backends))
	return notes
}

// listed joins the first of the parts, and counts the others.
func listed(parts []string) string {
	if more := len(parts) - mostNamed; more > 0 {
		parts = append(slices.Clone(parts[:mostNamed]), fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, "; ")
}

// unlike says what something is on each side.
func unlike(what string, a, b any) string {
	return fmt.Sprintf("%s is %v in A, %v in B", what, told(a), told(b))
}

// told returns a value in words; what is not there is none.
func told(v any) any {
	switch v {
	case nil, "":
		return "none"
	}
	return v
}

// unmeasured are the keys of a scenario that say nothing of what ran. The seed and
// the repetitions have their own place.
var unmeasured = []string{"title", "question", "about", "expect", "repeat", "seed"}

// scenarioDifferences returns the settings of the scenarios that are not alike.
func scenarioDifferences(a, b *results.Dir) []string {
	x, y := settings(a), settings(b)
	if x["name"] != y["name"] {
		return []string{unlike("the scenario", x["name"], y["name"])}
	}
	for _, k := range unmeasured {
		delete(x, k)
		delete(y, k)
	}
	return unlikeValues("", x, y)
}

// settings returns the scenario of a directory; empty where it is none.
func settings(d *results.Dir) map[string]any {
	out := map[string]any{}
	if raw, ok := d.Run.Scenario.(json.RawMessage); ok {
		_ = json.Unmarshal(raw, &out)
	}
	return out
}

// unlikeValues walks through two values of JSON and returns the paths at which they
// differ, as in --set: members of a list go by their name, or by number.
func unlikeValues(path string, a, b any) []string {
	x, xok := members(a)
	y, yok := members(b)
	if !xok || !yok {
		if fmt.Sprint(a) == fmt.Sprint(b) {
			return nil
		}
		return []string{unlike(path, brief(a), brief(b))}
	}
	names := slices.Collect(maps.Keys(x))
	for name := range y {
		if _, both := x[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []string
	for _, name := range names {
		out = append(out, unlikeValues(strings.TrimPrefix(path+"."+name, "."), x[name], y[name])...)
	}
	return out
}

// members returns what an object or a list holds, by name; false for anything else.
func members(v any) (map[string]any, bool) {
	switch v := v.(type) {
	case map[string]any:
		return v, true
	case []any:
		out := map[string]any{}
		for i, one := range v {
			name := fmt.Sprint(i)
			if object, ok := one.(map[string]any); ok {
				if given, ok := object["name"].(string); ok {
					name = given
				}
			}
			out[name] = one
		}
		return out, true
	}
	return nil, false
}

// brief tells of a whole object only that it is there.
func brief(v any) any {
	if _, whole := members(v); whole {
		return "given"
	}
	return v
}

// measured reports whether the host of some backend matters: predictions are the
// same everywhere.
func measured(list []results.BackendInfo) bool {
	return slices.ContainsFunc(list, func(b results.BackendInfo) bool { return b.Evidence == "measured" })
}

// hostDifferences returns in what the hosts differ.
func hostDifferences(a, b results.Host) []string {
	var out []string
	for _, f := range []struct {
		what string
		a, b any
	}{
		{"the system", a.OS + "/" + a.Arch, b.OS + "/" + b.Arch},
		{"the CPU", a.CPUModel, b.CPUModel},
		{"the number of CPUs", a.CPUs, b.CPUs},
		{"the CPU quota", a.CPUQuota, b.CPUQuota},
		{"the kernel", a.Kernel, b.Kernel},
		{"the virtual machine", a.Virtualisation, b.Virtualisation},
		{"glibc", a.Glibc, b.Glibc},
		{"Go", a.GoVersion, b.GoVersion},
		{"GOMAXPROCS", a.GOMAXPROCS, b.GOMAXPROCS},
	} {
		if f.a != f.b {
			out = append(out, unlike(f.what, f.a, f.b))
		}
	}
	return out
}

// evidenceDifferences returns the backends that were measured on one side and
// predicted on the other.
func evidenceDifferences(a, b []results.BackendInfo) []string {
	var out []string
	for _, x := range a {
		if y, both := backendNamed(b, x.Name); both && x.Evidence != y.Evidence {
			out = append(out, unlike(x.Name, x.Evidence, y.Evidence))
		}
	}
	return out
}

// paceTolerance is how far the cost of a call of fib may differ, as a part of it.
const paceTolerance = 0.02

// paceDifferences returns the backends in which a call of fib did not take equally
// long: they had unequal work to do.
func paceDifferences(a, b []results.BackendInfo) []string {
	var out []string
	for _, x := range a {
		y, both := backendNamed(b, x.Name)
		if !both {
			continue
		}
		before, aok := number(x.Facts["pace_achieved_ns"])
		after, bok := number(y.Facts["pace_achieved_ns"])
		if aok && bok && math.Abs(after-before) > paceTolerance*before {
			out = append(out, unlike("a call of fib in "+x.Name, fmt.Sprintf("%.1f ns", before), fmt.Sprintf("%.1f ns", after)))
		}
	}
	return out
}

// number returns a fact that is one.
func number(fact any) (float64, bool) {
	switch v := fact.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	}
	return 0, false
}

func backendNamed(list []results.BackendInfo, name string) (results.BackendInfo, bool) {
	i := slices.IndexFunc(list, func(b results.BackendInfo) bool { return b.Name == name })
	if i < 0 {
		return results.BackendInfo{}, false
	}
	return list[i], true
}

// String names a group as claims do.
func (k key) String() string { return strings.TrimPrefix(k.variant+"."+k.backend+"."+k.group, ".") }

// namesOf lists groups, of many the first few.
func namesOf(keys []key) string {
	var names []string
	for _, k := range keys {
		names = append(names, k.String())
	}
	if more := len(names) - mostNamed; more > 0 {
		names = append(names[:mostNamed:mostNamed], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}
