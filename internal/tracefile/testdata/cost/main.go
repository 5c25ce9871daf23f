// Command cost measures what keeping events and writing a trace costs a measured run:
// how many fast requests a server answers in a second with --trace, against without.
//
//	go build -o /tmp/fibsim ./cmd/fibsim
//	go run ./internal/tracefile/testdata/cost -fibsim /tmp/fibsim -pairs 40
//
// The runs come in pairs, every second one backwards, so that a steady drift of the
// host cancels. The figure is the trimmed mean of the ratios (without the lowest and
// the highest fifth, on the scale of logarithms) with its 95 % interval from the
// winsorised variance (Tukey and McLaughlin 1963): one run in some is hit by what else
// the host does. Files go to -dir, which should be in memory, as else the disk still
// works on the trace of the run before.
package main

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	pairs := flag.Int("pairs", 40, "pairs of runs")
	connections := flag.Int("connections", 1, "connections that ask")
	length := flag.Duration("duration", time.Second, "measured window of a run")
	where := flag.String("dir", "/dev/shm", "where files go")
	flag.Parse()
	if err := measure(*program, *where, *pairs, *connections, *length); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(program, where string, pairs, connections int, length time.Duration) error {
	if program == "" || pairs < 5 {
		return errors.New("name the program with -fibsim, and make 5 pairs or more")
	}
	dir, err := os.MkdirTemp(where, "fibsim-cost-*")
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
	mean, half := trimmedMean(logs)
	fmt.Printf("with --trace: %+.2f %% [%+.2f %%, %+.2f %%] of the throughput, %d pairs\n", percent(mean), percent(mean-half), percent(mean+half), len(logs))
	return nil
}

// trimmedMean returns the mean of x without its lowest and highest fifths, and half the
// width of its 95 % interval. It sorts x.
func trimmedMean(x []float64) (mean, half float64) {
	slices.Sort(x)
	n := len(x)
	cut := n / 5
	kept := x[cut : n-cut]
	winsorised := make([]float64, n)
	for i, v := range x {
		winsorised[i] = min(max(v, kept[0]), kept[len(kept)-1])
	}
	deviation := stat.StdDev(winsorised, nil) / (1 - 2*float64(cut)/float64(n)) / math.Sqrt(float64(n))
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(len(kept) - 1)}.Quantile(0.975)
	return stat.Mean(kept, nil), t * deviation
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
