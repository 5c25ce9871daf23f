package live

import (
	"fmt"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// serverSamples are the requests of all connections as the server saw them, by the
// client's port, in their order.
type serverSamples map[int]*serverRows

// Report folds the rows of Wait where nothing is known of the server's threads:
// the groups in the order of the program, how late the generators were, and what
// the reader must know.
func (c *Clients) Report(rows []ClientRows) ([]trace.GroupReport, []trace.Fact, []trace.Warning) {
	groups, warnings := clientGroups(c.program, rows, nil)
	return groups, clientFacts(c.program, rows), warnings
}

// clientGroups folds the rows of all connections and joins to each the states of
// the server's thread that answered it; server may be nil.
func clientGroups(p *workloads.Program, rows []ClientRows, server serverSamples) ([]trace.GroupReport, []trace.Warning) {
	var groups []trace.GroupReport
	var warnings []trace.Warning
	for i := range p.Clients {
		g := &p.Clients[i]
		group := trace.GroupReport{Name: g.Name, Client: true}
		for worker := range g.Count {
			m := meterOf(p, g.Samples, g.Count)
			if c := connectionOf(rows, g.Name, worker); c != nil {
				foldRows(m, c.Rows, server[c.Port])
			}
			group.Workers = append(group.Workers, m)
		}
		groups = append(groups, group)
		warnings = append(warnings, clientWarnings(p, g, rows)...)
	}
	return groups, warnings
}

// connectionOf returns the rows of one connection. Those of an interrupted run may
// be missing.
func connectionOf(rows []ClientRows, group string, worker int) *ClientRows {
	for i := range rows {
		if rows[i].Group == group && rows[i].Worker == worker {
			return &rows[i]
		}
	}
	return nil
}

// foldRows adds the requests of one connection to its meter.
func foldRows(m *trace.Meter, rows []ClientRow, server *serverRows) {
	for seq := range rows {
		row := &rows[seq]
		s := trace.Sample{Seq: int64(seq), Intended: row.Intended, Start: row.Start, End: row.End, Err: row.Err}
		if server != nil && seq < server.count() {
			join(&s, server.at(seq))
		}
		m.Add(&s)
	}
}

// join gives a client's sample the states of the server's thread. They run from the
// return of recv to the return of send, which may come after the client has the
// reply: what lies beyond the client's end is cut off from the time in send. The
// rest can never be longer than the latency but where the clocks of two CPUs
// disagree by nanoseconds, and is cut likewise.
func join(s *trace.Sample, r *serverRow) {
	s.Run, s.WaitGIL, s.NoGIL, s.Blocked, s.Counts = r.run, r.waitGIL, r.nogil, r.blocked, r.counts()
	over := s.Run + s.WaitGIL + s.NoGIL + s.Blocked - s.Latency()
	for _, state := range [...]*int64{&s.Blocked, &s.WaitGIL, &s.Run, &s.NoGIL} {
		if over <= 0 {
			return
		}
		cut := min(over, *state)
		*state -= cut
		over -= cut
	}
}

// Bounds of a generator's lag beyond which it is told: as a part of the group's own
// latency, unless it is so small that any host has it, and in nanoseconds.
const (
	lagPart  = 0.05
	lagLeast = int64(200 * time.Microsecond)
	lagMost  = int64(time.Millisecond)
)

// generatorLag returns the lag of a group that all but one in a hundred arrivals
// kept, in nanoseconds, the median latency to compare it with, and of how many
// arrivals; only arrivals count for which the generator slept.
func generatorLag(p *workloads.Program, group string, rows []ClientRows) (p99, latency, count int64) {
	var lags, latencies trace.Sketch
	w := window(p)
	for i := range rows {
		if rows[i].Group != group {
			continue
		}
		for _, row := range rows[i].Rows {
			if w.Phase(row.Intended) != trace.Measure {
				continue
			}
			if row.Lag >= 0 {
				lags.Add(row.Lag)
			}
			if row.Err == "" {
				latencies.Add(row.End - row.Start)
			}
		}
	}
	p99, latency = lagOf(&lags, &latencies)
	return p99, latency, lags.Count()
}

// lagOf returns the 99th percentile of lags and the median of latencies; 0 where
// there are none.
func lagOf(lags, latencies *trace.Sketch) (p99, latency int64) {
	if latencies.Count() > 0 {
		latency = latencies.Rank((latencies.Count() - 1) / 2)
	}
	if n := lags.Count(); n > 0 {
		p99 = lags.Rank((99*n+99)/100 - 1)
	}
	return p99, latency
}

// lagWarning returns the warning of a generator, who, that was too late too often. There
// is none where nothing was answered: no response time includes the lag.
func lagWarning(who string, p99, latency int64) (w trace.Warning, late bool) {
	if latency == 0 || p99 <= lagMost && (p99 <= lagLeast || float64(p99) <= lagPart*float64(latency)) {
		return w, false
	}
	return trace.Warning{
		Code:    "generator-lag",
		Message: fmt.Sprintf("%s sent up to %s later than planned (99th percentile), next to a median latency of %s", who, micros(p99), micros(latency)),
		Hint:    "its response times include that; its latencies do not. Leave a CPU free, or use fewer connections",
	}, true
}

// unsentWarning returns the warning of a generator, who, that could not send all of
// its requests in time.
func unsentWarning(who string, unsent, sent int64) trace.Warning {
	return trace.Warning{
		Code:    "arrivals-unsent",
		Message: fmt.Sprintf("%s: %d of %d arrivals still waited for their connection at the end and are in no figure", who, unsent, unsent+sent),
		Hint:    "the server does not keep up, so response times grow for as long as the run lasts; lower the rate",
	}
}

// addClients puts into a report what the clients of its run found, joined with
// what the threads of the server recorded.
func addClients(report *trace.Report, p *workloads.Program, rows []ClientRows, server serverSamples) {
	groups, warnings := clientGroups(p, rows, server)
	report.Groups = append(report.Groups, groups...)
	report.Warnings = append(report.Warnings, warnings...)
	report.Facts = append(report.Facts, clientFacts(p, rows)...)
}

// clientFacts says how late the generator of each open-loop group was.
func clientFacts(p *workloads.Program, rows []ClientRows) []trace.Fact {
	var facts []trace.Fact
	for i := range p.Clients {
		name := p.Clients[i].Name
		if p99, _, n := generatorLag(p, name, rows); n > 0 {
			facts = append(facts, trace.Fact{Name: name + "_generator_lag_p99_ns", Value: p99})
		}
	}
	return facts
}

// clientWarnings says what in the way a group's requests were made bends its
// figures.
func clientWarnings(p *workloads.Program, g *workloads.Client, rows []ClientRows) []trace.Warning {
	var list []trace.Warning
	p99, latency, _ := generatorLag(p, g.Name, rows)
	if w, late := lagWarning("clients."+g.Name, p99, latency); late {
		list = append(list, w)
	}
	var unsent, sent, late int64
	for i := range rows {
		if rows[i].Group == g.Name {
			unsent += rows[i].Unsent
			sent += int64(len(rows[i].Rows))
			late = max(late, rows[i].LateNS)
		}
	}
	if unsent > 0 {
		list = append(list, unsentWarning("clients."+g.Name, unsent, sent))
	}
	if late > 0 {
		list = append(list, trace.Warning{
			Code:    "late-start",
			Message: fmt.Sprintf("clients.%s started %s after time 0", g.Name, micros(late)),
			Hint:    "the host is busy; what is late lies in the warm-up unless that is shorter",
		})
	}
	return list
}

// micros writes nanoseconds for a message.
func micros(ns int64) string {
	return time.Duration(ns).Round(time.Microsecond).String()
}
