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
const besideFake = `#!/bin/sh
case "$1 $*" in "run "*" --gil "*) ;; *) exit 1;; esac
while [ $# -gt 1 ]; do
	case $1 in -o) folder=$2;; --repeat) rounds=$2;; esac
	shift
done
mkdir "$folder" && exec awk -v rounds="$rounds" -v gil="$BESIDE_FACTOR" 'BEGIN {
	print "backend,phase,group,latency_p50_ns,latency_mean_ns,throughput_per_s"
	factor["gil"] = gil; factor["python_3_11"] = 1
	split("slow fast", groups)
	for (round = 0; round < rounds; round++)
		for (backend in factor)
			for (i = 1; i <= 2; i++) {
				value = factor[backend] * (1 + round % 3 / 50)
				print backend ",measure," groups[i] "," 1e7 * value "," 1e8 * value "," 100 * value
				print backend ",alone," groups[i] ",,,"
			}
}' > "$folder/summary.csv"
`

// The comparison of servers says OK of what is alike and OFF of what is not, and
// its exit status says whether all of it is.
func TestServersBeside(t *testing.T) {
	t.Parallel()
	b := defaultBackend(t)
	if b.id.Major < 3 {
		t.Skip("the comparison needs Python 3")
	}
	fake := filepath.Join(t.TempDir(), "fibsim")
	writeProgram(t, fake, besideFake)
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
