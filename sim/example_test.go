package sim_test

import (
	"fmt"

	"github.com/fibsim/fibsim/sim"
	"github.com/fibsim/fibsim/workloads"
)

// The kinds of event that a queueing model has.
const (
	arrival sim.Kind = iota
	departure
)

// An M/M/1 queue: customers come at random, 8 in 10 seconds on average, and one
// server takes each for a random time, 1 second on average. Queueing theory says
// that a customer spends 1/(1-0.8) = 5 seconds here on average, and that the
// server is busy for 0.8 of the time.
func Example() {
	const second, customers = 1_000_000_000, 500_000
	gap := workloads.Duration{Dist: workloads.Exponential, Mean: second * 10 / 8}
	service := workloads.Duration{Dist: workloads.Exponential, Mean: second}
	gaps := workloads.NewStream(1, "customers", 0, "arrivals")
	work := workloads.NewStream(1, "server", 0, "body")

	var waiting []int64 // when those in the queue and the one in service came
	var served, sojourn, busy int64

	q := sim.NewQueue()
	serve := func() {
		d := service.Draw(&work)
		busy += d
		q.Schedule(sim.Event{Time: q.Now() + d, Kind: departure})
	}
	q.Schedule(sim.Event{Time: gap.Draw(&gaps), Kind: arrival})
	for served < customers {
		e, _ := q.Next()
		switch e.Kind {
		case arrival:
			waiting = append(waiting, e.Time)
			if len(waiting) == 1 {
				serve()
			}
			q.Schedule(sim.Event{Time: e.Time + gap.Draw(&gaps), Kind: arrival})
		case departure:
			served++
			sojourn += e.Time - waiting[0]
			if waiting = waiting[1:]; len(waiting) > 0 {
				serve()
			}
		}
	}
	fmt.Printf("mean time in the system: %.3f s\n", float64(sojourn)/customers/second)
	fmt.Printf("server busy: %.3f\n", float64(busy)/float64(q.Now()))
	// Output:
	// mean time in the system: 5.026 s
	// server busy: 0.800
}
