package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/words"
)

// facts returns what the footer tells: all that another one needs to make the run
// again, and what it ran on.
func facts(d *results.Dir) []fact {
	r := &d.Run
	out := []fact{
		{"Command", strings.Join(r.Command, " "), true},
		{"fibsim", r.Version, false},
		{"Seed", strconv.FormatUint(r.Seed, 10), false},
		{"Time", r.Start.Format(time.RFC3339) + ", for " + r.End.Sub(r.Start).Round(time.Second).String(), false},
		{"Host", host(&r.Host), false},
	}
	for _, i := range r.Host.Interpreters {
		out = append(out, fact{i.Backend, fmt.Sprintf("%v %v, GIL enabled: %v", i.Implementation, i.Version, i.GILEnabled), false})
	}
	for _, b := range r.Backends {
		out = append(out, fact{b.Name, b.Evidence + backendFacts(&b), false})
	}
	for _, note := range r.Notes {
		out = append(out, fact{"Note", note, false})
	}
	return out
}

func host(h *results.Host) string {
	var parts []string
	add := func(format string, v ...any) { parts = append(parts, fmt.Sprintf(format, v...)) }
	if h.CPUModel != "" {
		add("%s", h.CPUModel)
	}
	add("%d of %d CPUs", h.CPUs, h.CPUCount)
	if h.CPUQuota > 0 {
		add("quota of %s CPUs", words.Digits(h.CPUQuota))
	}
	add("%s %s", h.OS, h.Arch)
	if h.Kernel != "" {
		add("kernel %s", h.Kernel)
	}
	if h.Virtualisation != "" {
		add("virtual machine: %s", h.Virtualisation)
	}
	add("%s", h.GoVersion)
	add("GOMAXPROCS %d", h.GOMAXPROCS)
	add("load average %s", words.Digits(h.Load1))
	return strings.Join(parts, ", ")
}

// backendFacts returns the facts of a backend by name.
func backendFacts(b *results.BackendInfo) string {
	var names []string
	for name := range b.Facts {
		names = append(names, name)
	}
	slices.Sort(names)
	var text strings.Builder
	for _, name := range names {
		fmt.Fprintf(&text, "; %s %s", name, value(b.Facts[name]))
	}
	return text.String()
}

// value returns a fact with as many digits as it deserves.
func value(v any) string {
	switch v := v.(type) {
	case json.Number:
		if f, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), ".e") {
			return words.Digits(f)
		}
		return v.String()
	case float64:
		if v == float64(int64(v)) {
			return strconv.FormatInt(int64(v), 10)
		}
		return words.Digits(v)
	}
	return fmt.Sprint(v)
}
