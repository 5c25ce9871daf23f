package term

import (
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// column is a column of figures that the table can show.
type column struct {
	name       string // of summary.csv
	top, title string // the two lines of its head
	rank       int    // 1 is wanted most
}

// figureColumns are the columns in the order in which they stand.
var figureColumns = []column{
	{"throughput_per_s", "", "rate/s", 1},
	{"latency_mean_ns", "latency", "mean", 9},
	{"latency_p50_ns", "latency", "p50", 2},
	{"latency_p90_ns", "latency", "p90", 12},
	{"latency_p99_ns", "latency", "p99", 6},
	{"latency_max_ns", "latency", "max", 8},
	{"response_p50_ns", "response", "p50", 13},
	{"response_p99_ns", "response", "p99", 14},
	{"delay_mean_ns", "delay", "mean", 10},
	{"delay_p50_ns", "delay", "p50", 3},
	{"delay_p99_ns", "delay", "p99", 7},
	{"slowdown_ratio", "slow-", "down", 4},
	{"wait_gil_share_ratio", "waits", "lock", 5},
	{"run_share_ratio", "", "runs", 11},
}

func (c column) percentile() bool {
	return strings.Contains(c.name, "_p") && strings.HasSuffix(c.name, "_ns")
}

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
