package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/internal/cpython"
	"github.com/fibsim/fibsim/internal/results"
)

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say what of this host matters to results, and what to do about it",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := diagnosis{host: results.CollectHost(), parks: gil.Parks(), interpreters: cpython.Discover(cmd.Context())}
			if err := cmd.Context().Err(); err != nil {
				return stopped(cmd.Context(), err)
			}
			return a.print(d.String())
		},
	}
}

// diagnosis is what doctor looks at.
type diagnosis struct {
	host         results.Host
	parks        []gil.Park
	interpreters []cpython.Interpreter
}

// String returns the facts, the interpreters and the advice.
func (d diagnosis) String() string {
	var b strings.Builder
	for _, f := range d.facts() {
		fmt.Fprintf(&b, "%-14s %s\n", f[0], f[1])
	}
	b.WriteString("\ninterpreters\n")
	for _, i := range d.interpreters {
		fmt.Fprintf(&b, "  %-14s %s %s, %s%s\n", i.Name, i.Implementation, i.Version, i.Path, remarks(i))
	}
	if len(d.interpreters) == 0 {
		b.WriteString("  none found\n")
	}
	b.WriteString("\nadvice\n")
	for _, line := range d.advice() {
		b.WriteString("  " + line + "\n")
	}
	return b.String()
}

// facts returns names and values, without those that the host does not tell.
func (d diagnosis) facts() [][2]string {
	h := d.host
	cpus := fmt.Sprintf("%d of %d usable", h.CPUs, h.CPUCount)
	if h.CPUQuota > 0 {
		cpus += fmt.Sprintf(", limited to %.2f by a quota", h.CPUQuota)
	}
	all := [][2]string{
		{"system", join(h.OS, h.Arch, h.Kernel)},
		{"cpu", h.CPUModel},
		{"cpus", cpus},
		{"virtual", h.Virtualisation},
		{"load", fmt.Sprintf("%.2f", h.Load1)},
		{"glibc", h.Glibc},
		{"go", join(h.GoVersion, fmt.Sprintf("GOMAXPROCS %d", h.GOMAXPROCS))},
		{"park", fmt.Sprintf("%s (the first is used)", names(d.parks))},
	}
	return slices.DeleteFunc(all, func(f [2]string) bool {
		return f[1] == "" || f[0] == "load" && h.OS != "linux"
	})
}

// remarks says what is special about an interpreter.
func remarks(i cpython.Interpreter) string {
	text := ""
	if i.SwitchInterval > 0 {
		text += fmt.Sprintf(", switch interval %v", i.SwitchInterval)
	}
	if i.CheckInterval > 0 {
		text += fmt.Sprintf(", check interval %d", i.CheckInterval)
	}
	if !i.GILEnabled {
		text += ", no lock"
	}
	if i.Default {
		text += " (the one that --python means)"
	}
	return text
}

// advice returns what would make results better or broader.
func (d diagnosis) advice() []string {
	var out []string
	h := d.host
	if h.UsableCPUs() < 2 {
		out = append(out, "fewer than 2 CPUs can be used: a lock and a scheduler look alike then; claims that need 2 are skipped")
	}
	if h.CPUQuota > 0 {
		out = append(out, "a CPU quota stops all threads at times, which looks like waiting: run without it")
	}
	if h.Load1 >= 1 {
		out = append(out, fmt.Sprintf("the load is %.2f: other programs take CPUs away; wait until it is below 1", h.Load1))
	}
	if h.Virtualisation != "" {
		out = append(out, "in a virtual machine an idle CPU wakes slowly, and how slowly changes by the hour: use --repeat 5 or more")
	}
	if h.OS == "linux" && !slices.Contains(d.parks, gil.ParkPthread) {
		out = append(out, "this build has no cgo: with two or more CPU-bound threads, waits are less like Python's; build with a C compiler")
	}
	if h.OS != "linux" {
		out = append(out, "on "+h.OS+" threads park in goroutines: rules are the same, waits are less exact than on Linux")
	}
	if len(d.interpreters) == 0 {
		out = append(out, "no Python was found: --python=PATH names one")
	}
	if len(out) == 0 {
		out = append(out, "none: this host is fine")
	}
	return out
}

// join puts a comma between the texts that are not empty.
func join(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), ", ")
}

func names(parks []gil.Park) string {
	var out []string
	for _, p := range parks {
		out = append(out, string(p))
	}
	return strings.Join(out, ", ")
}
