package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// Advice is the ranked table of the ways to build a server.
type Advice struct {
	Name, Title string // of the scenario
	Short       string // the clients that ask for the least
	Rows        []AdviceRow
	Style       Style
}

// AdviceRow is one way, with one sentence on why its figures are what they are.
type AdviceRow struct {
	Rank              int
	Model             string
	Rate, P99, Memory results.Cell
	Processes         int
	Reason            string
}

// Write writes the table. The error is that of out.
func (a Advice) Write(out io.Writer) error {
	s := Screen{Name: a.Name, Title: a.Title, Style: a.Style}
	var b strings.Builder
	s.opening(&b)
	title := "model"
	for _, r := range a.Rows {
		title = fmt.Sprintf("%-*s", max(width(title), width(r.Model)), title)
	}
	b.WriteString(a.Style.paint(dim, fmt.Sprintf("%4s  %s  %9s  %10s  %9s  %9s", "rank", title, "replies", "p99 short", "memory", "processes")) + "\n")
	for _, r := range a.Rows {
		memory := a.Style.figure("memory_bytes", r.Memory)
		fmt.Fprintf(&b, "%4d  %-*s  %9s  %10s  %9s  %9d\n", r.Rank, width(title), r.Model,
			a.Style.figure("throughput_per_s", r.Rate), a.Style.figure("response_p99_ns", r.P99), memory, r.Processes)
		for _, l := range wrap(r.Reason, a.Style.Width-6) {
			b.WriteString(a.Style.paint(dim, "      "+l) + "\n")
		}
	}
	s.note(&b, fmt.Sprintf("predicted; replies of all clients; short: response times of %s, which asks for the least; %s: no figure", a.Short, a.Style.dash()))
	_, err := io.WriteString(out, b.String())
	return err
}

// Figure returns a value in the unit that its column's name ends with.
func (s Style) Figure(column string, c results.Cell) string { return s.figure(column, c) }

// Digits returns a number with three significant digits.
func Digits(v float64) string { return digits(v) }
