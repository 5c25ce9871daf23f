package explain

import (
	"cmp"
	"slices"

	"github.com/fibsim/fibsim/gil/trace"
)

// Server is the group of the threads, or tasks, of a server in a log: number 0 accepts,
// or runs the loop, and number n serves the n-th connection, in the order of the client
// groups.
const Server = "server"

// Group is one group of a run with its iterations, in no order.
type Group struct {
	Name       string
	Iterations []Iteration

	// ServerSide says of a group of clients that its rows were thinned, so that its
	// iterations are those of the server's threads, from recv to send.
	ServerSide bool

	// Untold says of a group of clients that requests of it ended, and that no thread or task of
	// the log serves one of its connections: the threads of a sequential server and of prefork take one after the other.
	Untold bool
}

// Read arranges the log of a report, which must have one. The groups come in the
// order of the report with the iterations of its window. In the history, the thread or
// the task that serves a connection has the name of the connection.
func Read(report *trace.Report) (*History, []Group) {
	log := *report.Log
	log.Threads, log.Tasks = slices.Clone(log.Threads), slices.Clone(log.Tasks)
	connections := connectionsOf(report)
	for _, list := range [...][]trace.Thread{log.Threads, log.Tasks} {
		for i := range list {
			if t := &list[i]; t.Group == Server && t.Worker > 0 && t.Worker <= len(connections) {
				*t = connections[t.Worker-1]
			}
		}
	}
	h := New(&log)
	byThread := map[trace.Thread][]Iteration{}
	for _, it := range h.done {
		name := h.names[it.Thread]
		byThread[name] = append(byThread[name], it)
	}
	var groups []Group
	for i := range report.Groups {
		groups = append(groups, groupOf(report, &report.Groups[i], byThread))
	}
	return h, groups
}

// connectionsOf returns the connections of all clients in their order.
func connectionsOf(report *trace.Report) []trace.Thread {
	var list []trace.Thread
	for _, g := range report.Groups {
		for worker := range g.Workers {
			if g.Client {
				list = append(list, trace.Thread{Group: g.Name, Worker: worker})
			}
		}
	}
	return list
}

// groupOf collects the iterations of one group, as its clients saw them where all
// their rows are there.
func groupOf(report *trace.Report, g *trace.GroupReport, byThread map[trace.Thread][]Iteration) Group {
	out := Group{Name: g.Name}
	for _, m := range g.Workers {
		out.ServerSide = out.ServerSide || g.Client && m.Stride() != 1
	}
	served, ended := false, int64(0)
	for worker, m := range g.Workers {
		list := byThread[trace.Thread{Group: g.Name, Worker: worker}]
		served, ended = served || len(list) > 0, ended+m.EndedInWindow()
		if g.Client && !out.ServerSide {
			list = seen(m, list)
		}
		for i := range list {
			if report.Window.Phase(list[i].Intended) == trace.Measure {
				out.Iterations = append(out.Iterations, list[i])
			}
		}
	}
	out.Untold = g.Client && ended > 0 && !served
	return out
}

// seen joins the rows of a connection with what its server's thread did for them.
// Both count the requests of the connection.
func seen(m *trace.Meter, served []Iteration) []Iteration {
	bySeq := map[int64]*Iteration{}
	for i := range served {
		bySeq[served[i].Seq] = &served[i]
	}
	var list []Iteration
	m.Rows(func(s *trace.Sample) {
		if it := bySeq[s.Seq]; it != nil {
			list = append(list, it.Seen(s))
		}
	})
	return list
}

// Slowest returns the n iterations that took most beyond the sleep that they asked
// for, the slowest first; all, where there are fewer.
func Slowest(list []Iteration, n int) []Iteration {
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b Iteration) int {
		return cmp.Or(cmp.Compare(b.Delay(), a.Delay()), cmp.Compare(a.Thread, b.Thread), cmp.Compare(a.Start, b.Start))
	})
	return sorted[:min(n, len(sorted))]
}

// Share is the time of many iterations that went into one cause by one group.
type Share struct {
	Cause Cause
	Group string // of the culprits; empty: nobody in particular
	NS    int64
	Count int64
}

// Shares adds up the parts of iterations, without the sleep that they asked for:
// the largest share first.
func (h *History) Shares(list []Iteration) []Share {
	var out []Share
	for i := range list {
		for _, p := range h.Parts(&list[i]) {
			if p.Cause == Sleep {
				continue
			}
			group := ""
			if p.Culprit != nobody {
				group = h.names[p.Culprit].Group
			}
			k := slices.IndexFunc(out, func(s Share) bool { return s.Cause == p.Cause && s.Group == group })
			if k < 0 {
				k = len(out)
				out = append(out, Share{Cause: p.Cause, Group: group})
			}
			out[k].NS += p.NS
			out[k].Count += p.Count
		}
	}
	slices.SortFunc(out, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.NS, a.NS), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Group, b.Group))
	})
	return out
}
