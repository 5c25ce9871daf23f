// Command cost measures what keeping events and writing a trace costs a measured run:
// how many fast requests a server answers in a second with --trace, against without.
//
//	go build -o /tmp/fibsim ./cmd/fibsim
//	go run ./internal/tracefile/testdata/cost -fibsim /tmp/fibsim -pairs 20
//
// The runs come in pairs, every second one backwards, so that a steady drift of the
// host cancels. The figure is the geometric mean of the ratios with its 95 % t
// interval; the host has to be idle.
package main

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/fibsim/fibsim/internal/results"
)

// fast is a server of threads under the lock with one connection that asks for the
// least, as fast as it is answered: the article's perf2, which makes more events in a
// second than anything else that is of use.
const fast = `
version: 1
name: fast
warmup: 300ms
duration: %s
server: {model: threads}
clients:
  - {name: fast, count: %d, request: {fib: 1}}
`

func main() {
	program := flag.String("fibsim", "", "the program to measure")
	pairs := flag.Int("pairs", 20, "pairs of runs")
	connections := flag.Int("connections", 1, "connections that ask")
	length := flag.Duration("duration", 2*time.Second, "measured window of a run")
	flag.Parse()
	if err := measure(*program, *pairs, *connections, *length); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(program string, pairs, connections int, length time.Duration) error {
	if program == "" || pairs < 2 {
		return errors.New("name the program with -fibsim, and make 2 pairs or more")
	}
	dir, err := os.MkdirTemp("", "fibsim-cost-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	scenario := filepath.Join(dir, "fast.yaml")
	if err := os.WriteFile(scenario, fmt.Appendf(nil, fast, length, connections), 0o644); err != nil {
		return err
	}
	var logs []float64
	for i := range pairs {
		var rate [2]float64
		for k := range 2 {
			with := (i+k)%2 == 1
			r, err := throughput(program, scenario, dir, with)
			if err != nil {
				return err
			}
			if with {
				rate[1] = r
			} else {
				rate[0] = r
			}
		}
		logs = append(logs, math.Log(rate[1]/rate[0]))
		fmt.Printf("pair %d: %.0f/s without, %.0f/s with, %+.2f %%\n", i+1, rate[0], rate[1], percent(logs[i]))
	}
	mean, sd := stat.MeanStdDev(logs, nil)
	half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(len(logs) - 1)}.Quantile(0.975) * sd / math.Sqrt(float64(len(logs)))
	fmt.Printf("with --trace: %+.2f %% [%+.2f %%, %+.2f %%] of the throughput, %d pairs\n", percent(mean), percent(mean-half), percent(mean+half), len(logs))
	return nil
}

func percent(log float64) float64 { return 100 * (math.Exp(log) - 1) }

// throughput makes one run and returns its fast requests per second.
func throughput(program, scenario, dir string, with bool) (float64, error) {
	out := filepath.Join(dir, "out")
	args := []string{"run", scenario, "--gil", "--no-baseline", "--quiet", "-o", out, "--force"}
	if with {
		args = append(args, "--trace", filepath.Join(dir, "x.pftrace"))
	}
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("%v: %w", cmd.Args, err)
	}
	d, err := results.Open(out)
	if err != nil {
		return 0, err
	}
	if len(d.Rows) != 1 {
		return 0, fmt.Errorf("%s: %d rows", out, len(d.Rows))
	}
	if cut := d.Run.Runs[0].EventsCut; cut > 0 {
		return 0, fmt.Errorf("events were kept for %v only; make the runs shorter", time.Duration(cut))
	}
	v, _ := d.Rows[0].Get("throughput_per_s").Value()
	return v, nil
}
