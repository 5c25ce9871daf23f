package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/live"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/term"
)

// loadColumns are those of the CSV file of load, in order. Columns are only ever
// appended.
var loadColumns = []results.Column{
	{Name: "worker", Type: "integer", Doc: "Connection, from 0."},
	{Name: "seq", Type: "integer", Doc: "Request of that connection, from 0."},
	{Name: "intended_ns", Type: "integer", Doc: "Planned start in an open loop, otherwise the actual one. Time 0 is the start of the load."},
	{Name: "start_ns", Type: "integer", Doc: "Actual start."},
	{Name: "end_ns", Type: "integer", Doc: "End."},
	{Name: "latency_ns", Type: "integer", Doc: "end - start."},
	{Name: "response_ns", Type: "integer", Doc: "end - intended start."},
	{Name: "lag_ns", Type: "integer", Doc: "How late the generator woke up for it; empty where it did not sleep before."},
	{Name: "ok", Type: "boolean", Doc: "true, or false where the request failed."},
	{Name: "error", Type: "string", Doc: "Why the request failed."},
}

// addRequests adds rows of requests to the table, and writes them.
func addRequests(table *results.Table, rows []live.LoadRow) error {
	for _, row := range rows {
		var lag results.Cell
		if row.Lag >= 0 {
			lag = results.Int(row.Lag)
		}
		table.Row([]any{
			results.Int(int64(row.Connection)), results.Int(int64(row.Seq)),
			results.Int(row.Intended), results.Int(row.Start), results.Int(row.End),
			results.Int(row.End - row.Start), results.Int(row.End - row.Intended), lag,
			strconv.FormatBool(row.Err == ""), row.Err,
		})
	}
	return table.Flush()
}

// loadFigures returns the figures of a load, by the columns of summary.csv.
func loadFigures(r *live.LoadReport) map[string]results.Cell {
	figures := map[string]results.Cell{
		"throughput_per_s": results.Float(float64(r.Inside) / time.Duration(r.ElapsedNS).Seconds()),
		"latency_p50_ns":   results.Percentile(&r.Latency, 500),
		"latency_p90_ns":   results.Percentile(&r.Latency, 900),
		"latency_p99_ns":   results.Percentile(&r.Latency, 990),
		"response_p50_ns":  results.Percentile(&r.Response, 500),
		"response_p99_ns":  results.Percentile(&r.Response, 990),
		"latency_mean_ns":  {},
		"latency_max_ns":   {},
	}
	if n := r.Latency.Count(); n > 0 {
		figures["latency_mean_ns"] = results.Int(r.LatencySum / n)
		figures["latency_max_ns"] = results.Int(r.Latency.Max())
	}
	return figures
}

// loadWarnings returns what the reader of the figures must know.
func loadWarnings(r *live.LoadReport) []results.Warning {
	var list []results.Warning
	for _, w := range append(failedRequests(r), r.Warnings()...) {
		list = append(list, results.Warning(w))
	}
	return list
}

// failedRequests tells of requests that failed, and of connections that broke where
// that is not why the load ended.
func failedRequests(r *live.LoadReport) []trace.Warning {
	var list []trace.Warning
	if r.Failed > 0 {
		list = append(list, trace.Warning{
			Code:    "failed-requests",
			Message: fmt.Sprintf("%d of %d requests failed; the first: %s", r.Failed, r.Good+r.Failed, r.Problem),
			Hint:    "they are in no other figure; --csv FILE shows each with its error",
		})
	}
	if r.Broken > 0 && r.Interrupted {
		list = append(list, trace.Warning{
			Code:    "broken-connections",
			Message: lostConnections(r).Error(),
			Hint:    "the figures are those of what was answered",
		})
	}
	return list
}

// showLoad prints what a load found, as a table or as JSON.
func (a *app) showLoad(o *loadOptions, r *live.LoadReport, seconds []live.LoadSecond, out io.Writer) error {
	warnings := loadWarnings(r)
	if o.json {
		return a.printLoadJSON(o, r, seconds, warnings)
	}
	screen := term.Load{
		Title: loadTitle(o, r), Counts: []term.LoadCount{{Title: "requests", N: r.Good}},
		Figures: loadFigures(r), Open: o.config.Rate > 0, Style: a.style(out),
	}
	if r.Failed > 0 {
		screen.Counts = append(screen.Counts, term.LoadCount{Title: "failed", N: r.Failed})
	}
	if err := screen.Write(out); err != nil {
		return written(err)
	}
	return written(term.Warnings(a.stderr, a.style(a.stderr), warnings))
}

// printLoadJSON prints all that is known.
func (a *app) printLoadJSON(o *loadOptions, r *live.LoadReport, seconds []live.LoadSecond, warnings []results.Warning) error {
	c := &o.config
	perSecond := make([]int64, len(seconds))
	for i, s := range seconds {
		perSecond[i] = s.Good
	}
	all := map[string]any{
		"address": c.Address, "request": c.Request, "connections": c.Connections, "rate_per_s": c.Rate,
		"seed": c.Seed, "elapsed_ns": r.ElapsedNS, "aborted": r.Interrupted || r.Broken > 0,
		"good": r.Good, "failed": r.Failed, "unsent": r.Unsent, "per_second": perSecond,
	}
	if c.Rate > 0 {
		all["arrivals"] = o.arrivals
	}
	for name, cell := range loadFigures(r) {
		all[name] = cell
	}
	if lag, known := r.LagNS(); known {
		all["generator_lag_p99_ns"] = lag
	}
	if warnings == nil {
		warnings = []results.Warning{}
	}
	all["warnings"] = warnings
	content, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return a.print(string(content) + "\n")
}
