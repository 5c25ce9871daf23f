package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/fibsim/fibsim/internal/advise"
)

// Advice is the ranked table of the ways to build a server.
type Advice struct {
	Name, Title string           // of the scenario
	Ways        []*advise.Advice // by rank; at least one
	Style       Style
}

// Write writes the table, with one sentence on each way. The error is that of out.
func (a Advice) Write(out io.Writer) error {
	s := Screen{Name: a.Name, Title: a.Title, Style: a.Style}
	var b strings.Builder
	s.opening(&b)
	title := "model"
	for _, w := range a.Ways {
		title = fmt.Sprintf("%-*s", max(width(title), width(w.Name)), title)
	}
	b.WriteString(a.Style.paint(dim, fmt.Sprintf("%4s  %s  %9s  %10s  %9s  %9s", "rank", title, "replies", "p99 short", "memory", "processes")) + "\n")
	for _, w := range a.Ways {
		memory := a.Style.figure("memory_bytes", w.Memory())
		fmt.Fprintf(&b, "%4d  %-*s  %9s  %10s  %9s  %9d\n", w.Rank, width(title), w.Name,
			a.Style.figure("throughput_per_s", w.Rate), a.Style.figure("response_p99_ns", w.P99), memory, w.Processes())
		for _, l := range wrap(w.Reason(a.Style.Words()), a.Style.Width-6) {
			b.WriteString(a.Style.paint(dim, "      "+l) + "\n")
		}
	}
	s.note(&b, fmt.Sprintf("predicted; replies of all clients; short: response times of %s, which asks for the least; %s: no figure", a.Ways[0].Short, a.Style.dash()))
	_, err := io.WriteString(out, b.String())
	return err
}
