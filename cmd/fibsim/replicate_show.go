package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/term"
)

// replicaColumns are the columns of the CSV file of replicate.
var replicaColumns = []results.Column{
	{Name: "experiment", Type: "string", Doc: "Name of the published measurement."},
	{Name: "figure", Type: "string", Doc: "Which of its figures: title and label of each column, joined by commas."},
	{Name: "variant", Type: "string", Doc: "Variant of the scenario."},
	{Name: "unit", Type: "string", Doc: "Unit of both figures."},
	{Name: "published", Type: "string", Doc: "The figure as published, or what was said in its place."},
	{Name: "source", Type: "string", Doc: "Who published it, where and when."},
	{Name: "given", Type: "boolean", Doc: "true where the predicted host was made so that this comes out."},
	{Name: "backend", Type: "string", Doc: "What ours is from."},
	{Name: "ours", Type: "number", Doc: "Our figure; empty where it cannot be had here."},
	{Name: "ratio", Type: "number", Doc: "Ours divided by the published one."},
}

// replicaJSON is a figure of ours beside a published one.
type replicaJSON struct {
	Experiment string       `json:"experiment"`
	Figure     string       `json:"figure"`
	Variant    string       `json:"variant"`
	Unit       string       `json:"unit"`
	Published  string       `json:"published"`
	Source     string       `json:"source"`
	Given      bool         `json:"given"`
	Backend    string       `json:"backend"`
	Ours       results.Cell `json:"ours"`
	Ratio      results.Cell `json:"ratio"`
}

// rows returns the figures one by one.
func (r *replica) rows() []replicaJSON {
	var rows []replicaJSON
	for i, f := range r.figures {
		var labels []string
		for k, title := range r.titles {
			labels = append(labels, title+" "+f.labels[k])
		}
		for _, b := range r.backends {
			rows = append(rows, replicaJSON{
				Experiment: r.name, Figure: strings.Join(labels, ", "), Variant: f.variant, Unit: r.unit, Published: f.text,
				Source: f.source.String(), Given: f.given, Backend: b, Ours: r.ours[i][b], Ratio: r.ratio(i, b),
			})
		}
	}
	return rows
}

// String names the source; it is empty where there is none.
func (s *source) String() string {
	if s == nil {
		return ""
	}
	text := s.text + ", " + s.url
	if s.remark != "" {
		text += "; " + s.remark
	}
	return text
}

// showReplica writes the table of an experiment to the screen and, where there is one,
// to a file. Where standard output carries that, the table goes to standard error.
func (a *app) showReplica(o *replicateOptions, r *replica, table *results.Table) error {
	if table != nil {
		for _, row := range r.rows() {
			given := "false"
			if row.Given {
				given = "true"
			}
			table.Row([]any{row.Experiment, row.Figure, row.Variant, row.Unit, row.Published, row.Source, given, row.Backend, row.Ours, row.Ratio})
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	if o.json {
		return nil
	}
	out := a.stdout
	if o.csv == "-" {
		out = a.stderr
	}
	screen := r.screen(a.style(out))
	if o.markdown {
		return written(screen.WriteMarkdown(out))
	}
	return written(screen.Write(out))
}

// screen returns what a person sees.
func (r *replica) screen(style term.Style) term.Replication {
	screen := term.Replication{
		Name: r.name, Title: r.title, Host: r.host, Unit: r.unit, Titles: r.titles, Backends: r.backends, Style: style,
	}
	for i, f := range r.figures {
		row := term.ReplicationRow{Labels: f.labels, Published: f.text, Given: f.given}
		if f.source != nil {
			k := slices.Index(screen.Sources, f.source.String())
			if k < 0 {
				k = len(screen.Sources)
				screen.Sources = append(screen.Sources, f.source.String())
			}
			row.Source = k + 1
		}
		for _, b := range r.backends {
			row.Ours = append(row.Ours, r.ours[i][b])
			row.Ratios = append(row.Ratios, r.ratio(i, b))
		}
		screen.Rows = append(screen.Rows, row)
	}
	return screen
}

// printReplicas writes all figures as JSON, with < and > as they are.
func (a *app) printReplicas(done []*replica) error {
	rows := []replicaJSON{}
	for _, r := range done {
		rows = append(rows, r.rows()...)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(rows); err != nil {
		return err
	}
	return a.print(out.String())
}
