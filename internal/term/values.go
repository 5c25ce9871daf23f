package term

import (
	"fmt"
	"strconv"
	"strings"
)

// mostValues is how many values of one run are shown. run.json has all.
const mostValues = 1000

// values writes what the counts of each run yielded, in order.
func (s Screen) values(b *strings.Builder) {
	lists := s.Set.Run.Values
	if len(lists) == 0 {
		return
	}
	reps := 0
	for _, l := range lists {
		reps = max(reps, l.Rep)
	}
	b.WriteByte('\n')
	for _, l := range lists {
		text := "values " + l.Backend
		if reps > 1 {
			text += fmt.Sprintf(", repetition %d", l.Rep)
		}
		if l.Variant != "" {
			text += " of variant " + l.Variant
		}
		text += ":"
		for _, v := range l.Values[:min(len(l.Values), mostValues)] {
			text += " " + strconv.FormatInt(v.Value, 10)
		}
		if more := len(l.Values) - mostValues; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		s.paragraph(b, "", text)
	}
}
