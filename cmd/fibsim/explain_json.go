package main

import (
	"encoding/json"

	"github.com/fibsim/fibsim/gil/trace/explain"
)

// The JSON of explain. Times are in nanoseconds.
type (
	explainedRun struct {
		Scenario string           `json:"scenario"`
		Variant  string           `json:"variant"`
		Backend  string           `json:"backend"`
		Evidence string           `json:"evidence"`
		Groups   []explainedGroup `json:"groups"`
	}
	explainedGroup struct {
		Group      string               `json:"group"`
		ServerSide bool                 `json:"server_side"` // rows of clients were thinned: recv to send
		Iterations int                  `json:"iterations"`  // in the window
		Slow       int                  `json:"slow"`        // that the shares of the slow rest on
		Slowest    []explainedIteration `json:"slowest"`
		SlowShares []explainedShare     `json:"slow_shares"`
		AllShares  []explainedShare     `json:"all_shares"`
	}
	explainedIteration struct {
		Worker  int             `json:"worker"`
		Seq     int64           `json:"seq"`
		Start   int64           `json:"start_ns"`
		Latency int64           `json:"latency_ns"`
		Planned int64           `json:"planned_ns"`
		Err     string          `json:"error,omitempty"`
		Parts   []explainedPart `json:"parts"`
	}
	explainedPart struct {
		Cause  string `json:"cause"`
		Group  string `json:"culprit_group,omitempty"`
		Worker *int   `json:"culprit_worker,omitempty"`
		NS     int64  `json:"ns"`
		Count  int64  `json:"count"`
	}
	explainedShare struct {
		Cause string `json:"cause"`
		Group string `json:"culprit_group,omitempty"`
		NS    int64  `json:"ns"`
		Count int64  `json:"count"`
	}
)

// explainJSON prints what there is to say about groups.
func (a *app) explainJSON(e *explained, groups []explain.Group) error {
	out := explainedRun{
		Scenario: e.scenario.Name, Variant: e.scenario.Variants[0].Name,
		Backend: e.backend.Name(), Evidence: e.backend.Evidence(), Groups: []explainedGroup{},
	}
	for _, g := range groups {
		about := a.about(e, g)
		slow := about.Slow()
		one := explainedGroup{
			Group: g.Name, ServerSide: g.ServerSide, Iterations: len(g.Iterations), Slow: len(slow),
			Slowest:    []explainedIteration{},
			SlowShares: sharesOf(e.history.Shares(slow)), AllShares: sharesOf(e.history.Shares(about.Sample())),
		}
		for i := range slow[:min(len(slow), e.options.slowest)] {
			one.Slowest = append(one.Slowest, e.iteration(&slow[i]))
		}
		out.Groups = append(out.Groups, one)
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	return a.print(string(text) + "\n")
}

func sharesOf(list []explain.Share) []explainedShare {
	out := []explainedShare{}
	for _, s := range list {
		out = append(out, explainedShare{Cause: s.Cause.String(), Group: s.Group, NS: s.NS, Count: s.Count})
	}
	return out
}

func (e *explained) iteration(it *explain.Iteration) explainedIteration {
	out := explainedIteration{
		Worker: e.history.Threads()[it.Thread].Worker, Seq: it.Seq,
		Start: it.Start, Latency: it.Latency(), Planned: it.Planned, Err: it.Err,
	}
	for _, p := range e.history.Parts(it) {
		part := explainedPart{Cause: p.Cause.String(), NS: p.NS, Count: p.Count}
		if p.Culprit >= 0 {
			who := e.history.Threads()[p.Culprit]
			part.Group, part.Worker = who.Group, &who.Worker
		}
		out.Parts = append(out.Parts, part)
	}
	return out
}
