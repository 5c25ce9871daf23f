package predict

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fibsim/fibsim/scenarios"
)

// HostError says why the costs of this host cannot be had, and what to do.
type HostError struct{ text string }

// Error returns the reason and the remedy.
func (e *HostError) Error() string { return e.text }

// mostAge is how old the costs of this host may be: a kernel or the settings of a
// machine change in the course of a month.
const mostAge = 30 * 24 * time.Hour

// HostFile returns where the costs of this host are kept: in the user's folder for
// caches.
func HostFile() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", &HostError{fmt.Sprintf("there is no folder for the costs of this host: %v; name a file, with `fibsim calibrate -o FILE` and as machine.costs", err)}
	}
	return filepath.Join(dir, "fibsim", "costs.yaml"), nil
}

// hostFile reads the file of this host, and refuses what is not of this host or
// not of these days. Interpreters whose costs are not of these days are left out.
func hostFile(p Place) (*scenarios.CostFile, error) {
	file, err := scenarios.LoadCosts(p.HostFile, Keys())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &HostError{fmt.Sprintf("costs: host: there is no %s yet; run `fibsim calibrate`", p.HostFile)}
	case err != nil:
		return nil, &HostError{fmt.Sprintf("costs: host: %v\nrun `fibsim calibrate` to write it anew", err)}
	}
	const advice = "run `fibsim calibrate` again, or give its path as machine.costs to use it as it is"
	if list := Differences(file.Host, p.Here); len(list) > 0 {
		return nil, &HostError{fmt.Sprintf("costs: host: %s was measured on another host: %s; %s", p.HostFile, strings.Join(list, ", "), advice)}
	}
	if file.Measured.IsZero() {
		return nil, &HostError{fmt.Sprintf("costs: host: %s does not say when it was measured; %s", p.HostFile, advice)}
	}
	if stale := Stale(file.Measured, p.Now); stale != "" {
		return nil, &HostError{fmt.Sprintf("costs: host: %s is %s; %s", p.HostFile, stale, advice)}
	}
	file.Interpreters = slices.DeleteFunc(file.Interpreters, func(i scenarios.InterpreterCosts) bool {
		return Stale(file.MeasuredAt(&i), p.Now) != ""
	})
	return file, nil
}

// Stale says why costs that were measured at some time are not those of this host now;
// empty where they are.
func Stale(measured, now time.Time) string {
	switch age := now.Sub(measured); {
	case age > mostAge:
		return fmt.Sprintf("from %s, and the most is %d days", measured.Format(time.DateOnly), mostAge/(24*time.Hour))
	case age < 0:
		return fmt.Sprintf("from %s, which is still to come by the clock of this host", measured.Format(time.RFC3339))
	}
	return ""
}

// properties are what makes hosts different, by name.
func properties(h scenarios.CostHost) [][2]string {
	cpus := ""
	if h.CPUs > 0 {
		cpus = fmt.Sprint(h.CPUs)
	}
	return [][2]string{
		{"system", strings.Trim(h.OS+" "+h.Arch, " ")}, {"CPU", h.CPUModel}, {"CPUs", cpus},
		{"kernel", h.Kernel}, {"virtual machine", h.Virtualisation}, {"Go", strings.TrimPrefix(h.Go, "go")},
	}
}

// Differences says in which of their properties two hosts differ; there is the
// first one and here the second.
func Differences(there, here scenarios.CostHost) []string {
	var list []string
	mine := properties(here)
	for i, p := range properties(there) {
		if p[1] != mine[i][1] {
			list = append(list, fmt.Sprintf("%s %s there, %s here", p[0], orNone(p[1]), orNone(mine[i][1])))
		}
	}
	return list
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// Fingerprint describes a host in one line; empty when nothing is known of it.
func Fingerprint(h scenarios.CostHost) string {
	var parts []string
	for _, p := range properties(h) {
		if p[1] != "" {
			parts = append(parts, p[0]+" "+p[1])
		}
	}
	return strings.Join(parts, ", ")
}
