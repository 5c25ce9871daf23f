// Command models runs one model on fibsim's event engine and prints a line "ns-per-event
// events check extra MiB", as, but for the last, the anchors and the peers do. Usage: models MODEL QUEUE
// SAMPLER N.
//
// The command in sim/bench builds and runs it: a process for each figure, so that none
// suffers from what another left in memory.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"
)

// result is what a model did.
type result struct {
	events uint64
	check  uint64  // equal for all queues and languages that drew the same numbers
	extra  float64 // what theory knows of the model: a mean, a utilisation
}

// lap begins the time that counts, after a model has set up.
func lap() { begin = time.Now() }

var begin time.Time

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: models MODEL QUEUE SAMPLER N")
		os.Exit(2)
	}
	n, err := strconv.Atoi(os.Args[4])
	run := models[os.Args[1]+" "+os.Args[2]]
	if err != nil || n < 1 || run == nil {
		fmt.Fprintf(os.Stderr, "models: no model %q\n", os.Args[1:])
		os.Exit(2)
	}
	draw := newDraws(os.Args[3] == "tab")
	lap()
	r := run(n, draw)
	ns := float64(time.Since(begin).Nanoseconds())
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("%.3f %d %016x %.5f %.1f\n", ns/float64(r.events), r.events, r.check, r.extra, float64(m.Sys)/(1<<20))
}

var models = map[string]func(int, *draws) result{
	"hold queue":       holdQueue,
	"hold timers":      holdTimers,
	"hold processes":   holdProcesses,
	"mm1 queue":        mm1Queue,
	"mm1 timers":       mm1Timers,
	"rr queue":         rrQueue,
	"rr timers":        rrTimers,
	"rr skip":          rrSkip,
	"rrlong timers":    rrLongTimers,
	"rrsleep queue":    rrSleepQueue,
	"rrsleep timers":   rrSleepTimers,
	"rrsleep features": rrSleepFeatures,
}
