package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// runs are the measurements: some per cell, taken in turns.
type runs struct {
	*builder
	order   []cell
	results map[cell]*figures
	pin     []string // the command that keeps a process on one CPU, if there is one
}

// figures are what the processes of one cell printed.
type figures struct {
	ns     []float64
	check  string
	extra  float64
	memory float64 // MiB; 0 if the program does not say
	err    error
}

// tooLong is when a run is given up: godes would need minutes for a figure of many timers.
const tooLong = 2 * time.Minute

func newRuns(b *builder) *runs {
	r := &runs{builder: b, results: map[cell]*figures{}}
	if path, err := exec.LookPath("taskset"); err == nil {
		cpu := "0"
		if exec.Command(path, "-c", "1", "true").Run() == nil {
			cpu = "1"
		}
		r.pin = []string{path, "-c", cpu}
	} else {
		r.missing["taskset"] = "not installed; processes wander between CPUs"
	}
	return r
}

// want notes the cells of a line that are to be measured.
func (r *runs) want(only, name string, cells ...cell) {
	if !strings.Contains(name, only) {
		return
	}
	for _, c := range cells {
		if c.program != "" && r.results[c] == nil && r.programs[c.program] != nil {
			r.results[c] = &figures{}
			r.order = append(r.order, c)
		}
	}
}

// measure runs everything once per round, so that whatever slows the machine for
// a while slows all alike.
func (r *runs) measure(rounds int) {
	for round := range rounds {
		for i, c := range r.order {
			fmt.Fprintf(os.Stderr, "\rround %d of %d, %d of %d ", round+1, rounds, i+1, len(r.order))
			if f := r.results[c]; f.err == nil {
				r.once(c, f)
			}
		}
	}
	fmt.Fprintln(os.Stderr)
}

func (r *runs) once(c cell, f *figures) {
	command := slices.Concat(r.pin, r.programs[c.program], c.args[:])
	ctx, cancel := context.WithTimeout(context.Background(), tooLong)
	defer cancel()
	out, err := exec.CommandContext(ctx, command[0], command[1:]...).Output()
	if err != nil {
		f.err = fmt.Errorf("%s %s: %w", c.program, strings.Join(c.args[:], " "), err)
		return
	}
	f.err = f.read(strings.Fields(string(out)))
}

// read takes "ns events check extra [MiB]".
func (f *figures) read(fields []string) error {
	if len(fields) < 4 {
		return fmt.Errorf("a line of %d words instead of 4", len(fields))
	}
	ns, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return err
	}
	if len(f.ns) > 0 && f.check != fields[2] {
		return fmt.Errorf("check value %s, and %s the time before: not deterministic", fields[2], f.check)
	}
	f.ns, f.check = append(f.ns, ns), fields[2]
	f.extra, err = strconv.ParseFloat(fields[3], 64)
	if err == nil && len(fields) > 4 {
		f.memory, err = strconv.ParseFloat(fields[4], 64)
	}
	return err
}

// median returns the middle of the measurements, or 0 without any.
func (f *figures) median() float64 {
	if f == nil || len(f.ns) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(f.ns))
	return (s[len(s)/2] + s[(len(s)-1)/2]) / 2
}
