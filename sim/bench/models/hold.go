package main

import "github.com/fibsim/fibsim/sim"

// hold: n timers; take the earliest and arm it again. The classic measure of a queue.

const (
	holdMean = 1_000_000 // ns
	manyHold = 10_000    // more timers than this get fewer events
)

func holdEvents(n int) int {
	if n > manyHold {
		return 3_000_000
	}
	return 6_000_000
}

func holdQueue(n int, d *draws) result {
	q := sim.NewQueue()
	for i := range n {
		q.Schedule(sim.Event{Time: d.exponential(holdMean), ID: int32(i)})
	}
	for range 3 * n {
		e, _ := q.Next()
		e.Time += d.exponential(holdMean)
		q.Schedule(e)
	}
	lap()
	check := int64(0)
	for range holdEvents(n) {
		e, _ := q.Next()
		check = check*31 + e.Time
		e.Time += d.exponential(holdMean)
		q.Schedule(e)
	}
	return result{uint64(holdEvents(n)), uint64(check), 0}
}

func holdTimers(n int, d *draws) result {
	t := sim.NewTimers(n)
	for i := range n {
		t.Set(i, d.exponential(holdMean))
	}
	for range 3 * n {
		slot, time := t.First()
		t.Set(slot, time+d.exponential(holdMean))
	}
	lap()
	check := int64(0)
	for range holdEvents(n) {
		slot, time := t.First()
		check = check*31 + time
		t.Set(slot, time+d.exponential(holdMean))
	}
	return result{uint64(holdEvents(n)), uint64(check), 0}
}

// holdProcesses is hold with each timer written as a thread that sleeps.
func holdProcesses(n int, d *draws) result {
	s := sim.NewProcesses()
	check, events := int64(0), 0
	for range n {
		s.Go(func(p *sim.Process) {
			p.Sleep(d.exponential(holdMean))
			for {
				if events++; events == 3*n+1 {
					lap()
				}
				if events > 3*n {
					check = check*31 + p.Now()
				}
				if events == 3*n+holdEvents(n) {
					s.Stop()
				}
				p.Sleep(d.exponential(holdMean))
			}
		})
	}
	s.Run()
	return result{uint64(holdEvents(n)), uint64(check), 0}
}
