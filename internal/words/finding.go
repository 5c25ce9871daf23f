package words

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// telling is the least ratio that makes a finding.
const telling = 1.5

// contrast is one group that takes longer on one backend than on another.
type contrast struct {
	group, slow, fast string
	slowNS, fastNS    float64
	average           string // what both times are: median or mean
	predicted         bool
}

func (c contrast) ratio() float64 { return c.slowNS / c.fastNS }

// Finding returns what the figures of a variant say, in a sentence or two; empty
// when there is nothing to compare.
func (s Style) Finding(set *results.Set, variant string) string {
	most, ok := mostTelling(contrasts(set, variant))
	if !ok {
		return aloneFinding(set, variant)
	}
	if most.ratio() < telling {
		return fmt.Sprintf("No group takes more than %s times as long %s as %s.",
			Digits(telling), on(most.slow), on(most.fast))
	}
	text := fmt.Sprintf("%s, %s takes %s%s (%s): %s times as long as %s (%s).",
		capital(on(most.slow)), most.group, s.Nanoseconds(most.slowNS), beyondSleep(set, variant, most),
		most.average, Digits(most.ratio()), on(most.fast), s.Nanoseconds(most.fastNS))
	return text + toll(set, variant, most)
}

// mostTelling returns the contrast that is the largest; false without any. What was
// measured speaks before what was predicted, unless it says nothing.
func mostTelling(found []contrast) (contrast, bool) {
	measured := slices.DeleteFunc(slices.Clone(found), func(c contrast) bool { return c.predicted })
	if most, ok := largest(measured); ok && most.ratio() >= telling {
		return most, true
	}
	return largest(found)
}

func largest(found []contrast) (contrast, bool) {
	if len(found) == 0 {
		return contrast{}, false
	}
	most := found[0]
	for _, c := range found {
		// Of backends that nearly agree the one that was asked for first speaks.
		if c.ratio() > 1.25*most.ratio() {
			most = c
		}
	}
	return most, true
}

// toll says what the group with the most work pays on the slow backend, where
// that is another group than the one that suffers.
func toll(set *results.Set, variant string, c contrast) string {
	index := set.Index(variant, c.slow)
	if index == nil || index.Long == c.group {
		return ""
	}
	v, ok := set.Median(results.Key{Variant: variant, Backend: c.slow, Group: index.Long}, "slowdown_ratio").Value()
	if !ok {
		return ""
	}
	return fmt.Sprintf(" There %s takes %s times as long as alone.", index.Long, Digits(v))
}

// contrasts compares every group on every backend with the backend that has no
// lock. Figures that were measured are never held against predicted ones.
func contrasts(set *results.Set, variant string) []contrast {
	var out []contrast
	for _, backend := range set.Backends {
		for _, group := range set.Groups(variant) {
			base := baseOf(set, variant, group, backend)
			if base == "" {
				continue
			}
			k := results.Key{Variant: variant, Backend: backend, Group: group}
			kBase := k
			kBase.Backend = base
			if c, ok := contrastOf(set, k, kBase); ok {
				out = append(out, c)
			}
		}
	}
	return out
}

// baseOf returns the backend without a lock and with the same evidence, or
// nothing.
func baseOf(set *results.Set, variant, group, backend string) string {
	rows := set.Select(results.Key{Variant: variant, Backend: backend, Group: group})
	for _, base := range set.Backends {
		others := set.Select(results.Key{Variant: variant, Backend: base, Group: group})
		if base == backend || !native(base) || len(rows) == 0 || len(others) == 0 {
			continue
		}
		if rows[0].Evidence == others[0].Evidence {
			return base
		}
	}
	return ""
}

func native(backend string) bool { return backend == "native" || backend == "sim_native" }

// contrastOf returns the contrast of two backends, by the median delay, or the
// mean where either median rests on too few iterations.
func contrastOf(set *results.Set, a, b results.Key) (contrast, bool) {
	for _, average := range []struct{ column, name string }{{"delay_p50_ns", "median"}, {"delay_mean_ns", "mean"}} {
		x, okX := set.Median(a, average.column).Value()
		y, okY := set.Median(b, average.column).Value()
		if !okX || !okY || x <= 0 || y <= 0 {
			continue
		}
		if x < y {
			a, b, x, y = b, a, y, x
		}
		return contrast{a.Group, a.Backend, b.Backend, x, y, average.name, set.Select(a)[0].Evidence == "predicted"}, true
	}
	return contrast{}, false
}

// aloneFinding is the finding where one backend stands alone: how many times
// longer each group takes than by itself.
func aloneFinding(set *results.Set, variant string) string {
	var parts []string
	for _, backend := range set.Backends {
		most, group := 0.0, ""
		for _, g := range set.Groups(variant) {
			v, ok := set.Median(results.Key{Variant: variant, Backend: backend, Group: g}, "slowdown_ratio").Value()
			if ok && v > most {
				most, group = v, g
			}
		}
		if group != "" {
			parts = append(parts, fmt.Sprintf("%s, %s takes %s times as long as alone.", capital(on(backend)), group, Digits(most)))
		}
	}
	return strings.Join(parts, " ")
}

// beyondSleep says that a time leaves out the sleep that was asked for, where a
// group sleeps at all.
func beyondSleep(set *results.Set, variant string, c contrast) string {
	k := results.Key{Variant: variant, Backend: c.slow, Group: c.group}
	latency, _ := set.Median(k, "latency_mean_ns").Value()
	delay, _ := set.Median(k, "delay_mean_ns").Value()
	if latency-delay < 0.001*latency {
		return ""
	}
	return " beyond its sleep"
}

// on names a backend as the place where something runs.
func on(backend string) string {
	if native(backend) {
		return "on " + backend
	}
	return "under " + backend
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// Focus returns the group that a picture of a variant shows first: the one that the
// finding is about, or else the one with the smallest demand.
func Focus(set *results.Set, variant string) string {
	if most, ok := mostTelling(contrasts(set, variant)); ok && most.ratio() >= telling {
		return most.group
	}
	for _, backend := range set.Backends {
		if x := set.Index(variant, backend); x != nil {
			return x.Short
		}
	}
	if groups := set.Groups(variant); len(groups) > 0 {
		return groups[0]
	}
	return ""
}
