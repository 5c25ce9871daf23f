package term

import (
	"strings"

	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/words"
)

// column is a column of figures that the table can show.
type column struct {
	name       string // of summary.csv
	top, title string // the two lines of its head
	rank       int    // 1 is wanted most
}

// figureColumns are the columns in the order in which they stand.
var figureColumns = func() []column {
	var out []column
	for _, c := range words.Columns() {
		out = append(out, column{c.Name, c.Top, c.Title, c.Rank})
	}
	return out
}()

func (c column) percentile() bool { return words.Column{Name: c.name}.Percentile() }

// text returns a figure as the table shows it; the head tells the unit of a
// rate, so its cells do not.
func (c column) text(s Style, v results.Cell) string {
	return strings.TrimSuffix(s.figure(c.name, v), "/s")
}

const gap = 2 // spaces between columns

// choose returns the columns to show, with their widths: those that hold any
// figure, the most wanted ones first, as long as they fit into the room.
func choose(s Style, lines []line, room int) []fitted {
	taken := map[string]int{}
	for rank := 1; rank <= len(figureColumns); rank++ {
		for _, c := range figureColumns {
			if c.rank != rank || !anyFigure(c, lines) {
				continue
			}
			w := max(width(c.top), width(c.title))
			for _, l := range lines {
				w = max(w, width(c.text(s, l.figures[c.name])))
			}
			if gap+w <= room {
				room -= gap + w
				taken[c.name] = w
			}
		}
	}
	var out []fitted
	for _, c := range figureColumns {
		if w, ok := taken[c.name]; ok {
			out = append(out, fitted{c, w})
		}
	}
	return out
}

// fitted is a chosen column with its width.
type fitted struct {
	column
	width int
}

func anyFigure(c column, lines []line) bool {
	for _, l := range lines {
		if _, ok := l.figures[c.name].Value(); ok {
			return true
		}
	}
	return false
}
