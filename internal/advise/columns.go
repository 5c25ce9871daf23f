package advise

import (
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/words"
)

// Columns are those of the CSV file, in order.
var Columns = []results.Column{
	{Name: "rank", Type: "integer", Doc: "Place in the table, from 1."},
	{Name: "model", Type: "string", Doc: "How the server is built."},
	{Name: "throughput_per_s", Type: "number", Doc: "Replies a second to all clients."},
	{Name: "short_group", Type: "string", Doc: "The clients that ask for the least."},
	{Name: "short_response_p50_ns", Type: "integer", Doc: "Median of their response times."},
	{Name: "short_response_p99_ns", Type: "integer", Doc: "99th percentile of their response times."},
	{Name: "memory_bytes", Type: "integer", Doc: "What the server's processes need."},
	{Name: "processes", Type: "integer", Doc: "Processes of the server."},
	{Name: "reason", Type: "string", Doc: "Why the figures are what they are."},
}

// Fields returns what a way has for each column: a string or a results.Cell.
func (a *Advice) Fields(s words.Style) []any {
	return []any{
		results.Int(int64(a.Rank)), a.Name, a.Rate, a.Short, a.P50, a.P99, a.Memory(),
		results.Int(int64(a.Processes())), a.Reason(s),
	}
}
