package term

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// line is one group on one backend.
type line struct {
	labels  []string // variant where there are several, group, backend
	figures map[string]results.Cell
}

// linesOf returns the lines of all variants, group by group: the backends of a
// group stand below each other, as that is the comparison to make.
func linesOf(set *results.Set) []line {
	var out []line
	for _, variant := range set.Variants {
		for _, group := range set.Groups(variant) {
			for _, backend := range set.Backends {
				k := results.Key{Variant: variant, Backend: backend, Group: group}
				if len(set.Select(k)) == 0 {
					continue
				}
				l := line{labels: []string{variant, group, backend}, figures: map[string]results.Cell{}}
				if variant == "" {
					l.labels = l.labels[1:]
				}
				for _, c := range figureColumns {
					l.figures[c.name] = set.Median(k, c.name)
				}
				out = append(out, l)
			}
		}
	}
	return out
}

// table returns the table of at least one line, and whether it hides a
// percentile.
func table(s Style, lines []line) (text string, hides bool) {
	titles := []string{"variant", "group", "backend"}
	titles = titles[len(titles)-len(lines[0].labels):]
	widths := labelWidths(titles, lines)
	room := s.Width + gap
	for _, w := range widths {
		room -= w + gap
	}
	chosen := choose(s, lines, room)
	var b strings.Builder
	head(&b, s, chosen, padded(titles, widths))
	var previous []string
	for _, l := range lines {
		b.WriteString(padded(news(l.labels, previous), widths))
		previous = l.labels
		for _, c := range chosen {
			fmt.Fprintf(&b, "  %*s", c.width, c.text(s, l.figures[c.name]))
			_, known := l.figures[c.name].Value()
			hides = hides || c.percentile() && !known
		}
		b.WriteByte('\n')
	}
	return b.String(), hides
}

func labelWidths(titles []string, lines []line) []int {
	widths := make([]int, len(titles))
	for i, t := range titles {
		widths[i] = width(t)
		for _, l := range lines {
			widths[i] = max(widths[i], width(l.labels[i]))
		}
	}
	return widths
}

// news returns the labels without those that the line above has, too. Below a
// label that changed all are shown, and the last one always is.
func news(labels, previous []string) []string {
	out := slices.Clone(labels)
	for i := 0; i < len(labels)-1 && previous != nil && labels[i] == previous[i]; i++ {
		out[i] = ""
	}
	return out
}

// padded returns the labels, each filled up to its width.
func padded(labels []string, widths []int) string {
	out := make([]string, len(labels))
	for i, l := range labels {
		out[i] = fmt.Sprintf("%-*s", widths[i], l)
	}
	return strings.Join(out, strings.Repeat(" ", gap))
}

// head writes the two lines above the figures: what is shown, over all columns
// that show it, and in which form.
func head(b *strings.Builder, s Style, chosen []fitted, titles string) {
	top := strings.Repeat(" ", width(titles))
	bottom := titles
	for i := 0; i < len(chosen); {
		end, span := i, -gap
		for end < len(chosen) && chosen[end].top == chosen[i].top {
			span += gap + chosen[end].width
			bottom += fmt.Sprintf("  %*s", chosen[end].width, chosen[end].title)
			end++
		}
		top += strings.Repeat(" ", gap) + over(s, chosen[i].top, span, end-i)
		i = end
	}
	b.WriteString(s.paint(dim, strings.TrimRight(top, " ")) + "\n")
	b.WriteString(s.paint(dim, bottom) + "\n")
}

// over returns a title right above one column, or between rules over several.
func over(s Style, title string, span, columns int) string {
	if columns == 1 || title == "" {
		return fmt.Sprintf("%*s", span, title)
	}
	rule := s.pick("─", "-")
	rest := span - width(title) - 2
	if rest < 2 {
		return fmt.Sprintf("%*s", span, title)
	}
	return strings.Repeat(rule, rest/2) + " " + title + " " + strings.Repeat(rule, rest-rest/2)
}
