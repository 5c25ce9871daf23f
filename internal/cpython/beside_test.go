//go:build unix

package cpython

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// besideFake is a fibsim that measures nothing: it writes the summary that the
// variable asks for, with rounds that differ by a few percent.
const besideFake = `
import csv, os, sys
assert sys.argv[1] == "run" and "--gil" in sys.argv and "--repeat" in sys.argv, sys.argv
folder = sys.argv[sys.argv.index("-o") + 1]
os.mkdir(folder)
with open(os.path.join(folder, "summary.csv"), "w", newline="") as f:
    out = csv.writer(f)
    out.writerow(["backend", "phase", "group", "latency_p50_ns", "latency_mean_ns", "throughput_per_s"])
    for rep in range(int(sys.argv[sys.argv.index("--repeat") + 1])):
        for backend, factor in (("gil", float(os.environ["BESIDE_FACTOR"])), ("python_3_11", 1)):
            for group in ("slow", "fast"):
                value = factor * (1 + rep % 3 / 50.0)
                out.writerow([backend, "measure", group, 1e7 * value, 1e8 * value, 100 * value])
                out.writerow([backend, "alone", group, "", "", ""])
`

// The comparison of servers says OK of what is alike and OFF of what is not, and
// its exit status says whether all of it is.
func TestServersBeside(t *testing.T) {
	b := defaultBackend(t)
	if b.id.Major < 3 {
		t.Skip("the comparison needs Python 3")
	}
	fake := filepath.Join(t.TempDir(), "fibsim")
	if err := os.WriteFile(fake, []byte("#!"+b.path+besideFake), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		factor string
		ok     int
		off    int
		status int
	}{
		// Of each model four figures are looked at. Where rates are not alike, they
		// are looked at twice.
		{"1.02", 8, 0, 0},
		{"1.4", 1, 9, 1}, // within the margin of two slow clients of threads alone
	} {
		cmd := exec.Command(b.path, filepath.Join("beside", "servers.py"), "--fibsim", fake, "--model", "threads", "processes", "--rounds", "4", "--max", "8")
		cmd.Env = append(os.Environ(), "BESIDE_FACTOR="+c.factor)
		out, err := cmd.CombinedOutput()
		status := 0
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			status = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		ok, off := strings.Count(string(out), " OK "), strings.Count(string(out), " OFF ")
		if ok != c.ok || off != c.off || status != c.status {
			t.Errorf("factor %s: %d OK, %d OFF, exit status %d\n%s", c.factor, ok, off, status, out)
		}
	}
}
