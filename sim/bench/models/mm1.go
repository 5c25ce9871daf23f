package main

import "github.com/fibsim/fibsim/sim"

// mm1: one server, utilisation 0.8; the mean time of a customer in the system is 5 times
// the mean service.

const (
	customers   = 3_000_000
	gapMean     = 1_250_000 // ns
	serviceMean = 1_000_000 // ns
)

// The two kinds of event.
const (
	arrival = iota
	departure
)

// line is the customers in the system, by the time at which they came.
type line struct {
	came       [1 << 16]int64
	head, tail uint64
}

func (l *line) join(now int64) { l.came[l.tail%(1<<16)] = now; l.tail++ }
func (l *line) leave() int64   { came := l.came[l.head%(1<<16)]; l.head++; return came }
func (l *line) len() int       { return int(l.tail - l.head) }

func mm1Queue(_ int, d *draws) result {
	q, l := sim.NewQueue(), new(line)
	var events, served uint64
	var sojourn int64
	q.Schedule(sim.Event{Time: d.exponential(gapMean), Kind: arrival})
	for served < customers {
		e, _ := q.Next()
		events++
		if e.Kind == arrival {
			l.join(e.Time)
			if l.len() == 1 {
				q.Schedule(sim.Event{Time: e.Time + d.exponential(serviceMean), Kind: departure})
			}
			q.Schedule(sim.Event{Time: e.Time + d.exponential(gapMean), Kind: arrival})
			continue
		}
		sojourn += e.Time - l.leave()
		served++
		if l.len() > 0 {
			q.Schedule(sim.Event{Time: e.Time + d.exponential(serviceMean), Kind: departure})
		}
	}
	return result{events, uint64(sojourn), float64(sojourn) / customers / serviceMean}
}

func mm1Timers(_ int, d *draws) result {
	t, l := sim.NewTimers(2), new(line)
	var events, served uint64
	var sojourn int64
	t.Set(arrival, d.exponential(gapMean))
	for served < customers {
		slot, now := t.First()
		events++
		if slot == arrival {
			l.join(now)
			if l.len() == 1 {
				t.Set(departure, now+d.exponential(serviceMean))
			}
			t.Set(arrival, now+d.exponential(gapMean))
			continue
		}
		sojourn += now - l.leave()
		served++
		if l.len() > 0 {
			t.Set(departure, now+d.exponential(serviceMean))
		} else {
			t.Clear(departure)
		}
	}
	return result{events, uint64(sojourn), float64(sojourn) / customers / serviceMean}
}
