package replicate

import (
	"strconv"

	"github.com/fibsim/fibsim/internal/results"
)

// Columns are those of the CSV file, in order.
var Columns = []results.Column{
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

// Row is a figure of ours beside a published one. Its JSON has the names of the
// columns, in their order, with null for what is missing.
type Row struct {
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

// Fields returns what a row has for each column: a string or a results.Cell.
func (r *Row) Fields() []any {
	return []any{
		r.Experiment, r.Figure, r.Variant, r.Unit, r.Published, r.Source, strconv.FormatBool(r.Given), r.Backend, r.Ours, r.Ratio,
	}
}
