package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// Load is what a client on its own shows when it is over.
type Load struct {
	Title   string
	Counts  []LoadCount
	Figures map[string]results.Cell // by the columns of summary.csv
	Open    bool                    // in an open loop, where response is not latency
	Style   Style
}

// LoadCount is a number of requests, with what they have in common.
type LoadCount struct {
	Title string
	N     int64
}

// Write writes the title and a table of one line. A percentile that is not known
// is a dash, so that nobody looks for it. The error is that of out.
func (l Load) Write(out io.Writer) error {
	s := Screen{Style: l.Style}
	var titles, counts []string
	for _, c := range l.Counts {
		text := fmt.Sprint(c.N)
		w := max(width(c.Title), width(text))
		titles = append(titles, fmt.Sprintf("%*s", w, c.Title))
		counts = append(counts, fmt.Sprintf("%*s", w, text))
	}
	between := strings.Repeat(" ", gap)
	row := strings.Join(counts, between)
	var chosen []fitted
	hides := false
	for _, c := range figureColumns {
		v, wanted := l.Figures[c.name]
		if !wanted || c.top == "response" && !l.Open {
			continue
		}
		text := c.text(l.Style, v)
		w := max(width(c.title), width(text))
		chosen = append(chosen, fitted{c, w})
		row += fmt.Sprintf("%s%*s", between, w, text)
		_, known := v.Value()
		hides = hides || c.percentile() && !known
	}
	var b strings.Builder
	b.WriteByte('\n')
	s.paragraph(&b, "", l.Title)
	b.WriteByte('\n')
	head(&b, l.Style, chosen, strings.Join(titles, between))
	b.WriteString(row + "\n")
	if hides {
		s.note(&b, l.Style.dash()+": fewer than 10 requests beyond that percentile")
	}
	_, err := io.WriteString(out, b.String())
	return err
}
