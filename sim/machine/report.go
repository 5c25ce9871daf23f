package machine

import (
	"fmt"
	"slices"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
)

// report says what the run found out.
func (m *machine) report() *trace.Report {
	r := &trace.Report{
		Window: m.window(), Groups: m.groups,
		States: true, Lock: !m.locks[0].free, Ready: true,
		Facts:  m.facts(),
		Values: m.values,
	}
	if m.alive > 0 && !m.program.UntilDone && m.now > m.end {
		r.Warnings = append(r.Warnings, trace.Warning{
			Code:    "cut-off",
			Message: fmt.Sprintf("iterations were still under way %v after the window and were cut off", grace),
			Hint:    "their group is slower than its figures say; make the duration several times as long as one iteration",
		})
	}
	r.Warnings = append(r.Warnings, m.deaf()...)
	m.flushRows()
	r.Warnings = append(r.Warnings, m.unsent()...)
	if m.program.UntilDone {
		r.EndWithLast()
	}
	if m.config.Keep {
		r.Log = m.log(m.locks[0])
		r.Warnings = append(r.Warnings, r.Log.CutWarnings()...)
		for _, l := range m.locks[1:] {
			r.Others = append(r.Others, m.log(l))
		}
	}
	return r
}

// facts says on what the program ran, and how.
func (m *machine) facts() []trace.Fact {
	facts := []trace.Fact{
		{Name: "cpus", Value: int64(m.config.CPUs)},
		{Name: "scheduler", Value: m.config.Scheduler},
	}
	if m.gos != nil {
		facts = append(facts, trace.Fact{Name: "kernel_scheduler", Value: m.config.Kernel})
	}
	facts = append(facts,
		trace.Fact{Name: "hz", Value: int64(m.config.HZ)},
		trace.Fact{Name: "costs", Value: m.config.CostsFrom},
		trace.Fact{Name: "pace_ns", Value: float64(m.pace) / 1000},
	)
	if l := m.locks[0]; !l.free {
		takes, switches := m.totals()
		facts = append(facts,
			trace.Fact{Name: "wake_order", Value: string(l.traits.WakeOrder)},
			trace.Fact{Name: "takes", Value: takes},
			trace.Fact{Name: "switches", Value: switches},
		)
	}
	return append(facts,
		trace.Fact{Name: "events", Value: m.events},
		trace.Fact{Name: "event_hash", Value: fmt.Sprintf("%016x", uint64(m.hash))},
	)
}

func (m *machine) totals() (takes, switches int64) {
	for i := range m.threads {
		if l := m.threads[i].lane; l != nil {
			n, counts := l.Totals()
			takes += n
			switches += counts.Switches
		}
	}
	return takes, switches
}

// flushRows folds the requests whose client has its reply and whose server's thread
// had not come back from send when the run ended.
func (m *machine) flushRows() {
	for i := range m.conns {
		if c := &m.conns[i]; c.hasClient {
			c.meter.Add(&c.clientRow)
		}
	}
}

// unsent warns of arrivals that were never sent.
func (m *machine) unsent() []trace.Warning {
	var list []trace.Warning
	for i := range m.program.Clients {
		w := &m.program.Clients[i]
		var unsent, sent int64
		for j := range m.conns {
			if c := &m.conns[j]; c.workload == w {
				unsent += c.unsent
				sent += c.seq
			}
		}
		if unsent > 0 {
			list = append(list, trace.Warning{
				Code:    "arrivals-unsent",
				Message: fmt.Sprintf("clients.%s: %d of %d arrivals still waited for their connection at the end and are in no figure", w.Name, unsent, unsent+sent),
				Hint:    "the server does not keep up, so response times grow for as long as the run lasts; lower the rate",
			})
		}
	}
	return list
}

// log puts the events of the threads under a lock in one order.
func (m *machine) log(l *lock) *trace.Log {
	var threads []trace.Thread
	var lanes []*trace.Lane
	for _, id := range l.members {
		t := &m.threads[id]
		g := t.group
		if t.loop != nil {
			g = t.loop.home.group
		}
		threads = append(threads, trace.Thread{Group: g.name, Worker: int(t.worker)})
		lanes = append(lanes, t.lane)
	}
	log := trace.NewLog(threads, append(lanes, l.clerk))
	if l.number == 0 {
		log.Tasks = m.tasks
	}
	traits := l.traits
	log.Rules = trace.Rules{
		Lock: !l.free, WakeOrder: string(traits.WakeOrder), Interval: traits.Interval,
		Countdown: traits.Ticks > 0, Shakes: traits.Shakes,
	}
	return log
}

// deaf warns of what groups have for a scheduler that it does not obey.
func (m *machine) deaf() (list []trace.Warning) {
	s := m.os
	if m.gos != nil {
		s = m.gos
	}
	obeys := s.policy.Traits().Obeys
	for i := range m.program.Threads {
		g := &m.program.Threads[i]
		for _, name := range g.Sched.Told() {
			if !slices.Contains(obeys, name) {
				list = append(list, trace.Warning{
					Code:    "scheduling-ignored",
					Message: fmt.Sprintf("the scheduler %s knows no %s, so that of %s changes nothing there", m.config.Scheduler, name, g.Name),
					Hint:    "eevdf obeys nice and slice, cfs nice, priority priority: choose one with --set machine.scheduler",
				})
			}
		}
	}
	return list
}

// standstill ends a run in which threads act for ever and no time goes by.
func (m *machine) standstill(t *thread) {
	m.failed = fmt.Errorf("sim: at %v %s goes on and on without taking any time; give its body something that does, or the machine costs", time.Duration(m.now), m.called(t))
}
