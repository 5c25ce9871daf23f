package term

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/fibsim/fibsim/gil/trace"
)

// axis draws the times below the lanes: a mark at each multiple of a round step,
// and what it stands for.
func (p *picture) axis(b *strings.Builder) {
	unit, scale := "ns", int64(1)
	for _, u := range []struct {
		name  string
		scale int64
	}{{p.Style.pick("µs", "us"), 1e3}, {"ms", 1e6}, {"s", 1e9}} {
		if p.To >= u.scale {
			unit, scale = u.name, u.scale
		}
	}
	step := p.step(unit, scale)
	marks := []rune(strings.Repeat(" ", p.columns))
	texts := strings.Repeat(" ", p.label+4)
	for at := (p.From + step - 1) / step * step; at < p.To; at += step {
		column := p.column(at)
		marks[column] = '|'
		// A text that would hang over the edge is left out.
		if text := timeLabel(at, step, unit, scale); column+width(text) <= p.columns {
			texts += strings.Repeat(" ", p.label+4+column-width(texts)) + text
		}
	}
	p.row(b, "", ' ', string(marks))
	b.WriteString(strings.TrimRight(texts, " ") + "\n")
}

// step returns the least of the steps 1, 2, 5, 10 and so on whose texts have room.
func (p *picture) step(unit string, scale int64) int64 {
	const gap = 3
	for power := int64(1); ; power *= 10 {
		for _, factor := range []int64{1, 2, 5} {
			step := factor * power
			room := int64(width(timeLabel(p.To, step, unit, scale)) + gap)
			if step*int64(p.columns)/(p.To-p.From) >= room {
				return step
			}
		}
	}
}

// timeLabel writes a multiple of a step in a unit, with the decimals that tell it
// from the next.
func timeLabel(at, step int64, unit string, scale int64) string {
	decimals := 0
	for part := scale; part > 1 && step%part != 0; part /= 10 {
		decimals++
	}
	return strconv.FormatFloat(float64(at)/float64(scale), 'f', decimals, 64) + " " + unit
}

// legend says what the characters mean, of those that were drawn.
func (p *picture) legend(b *strings.Builder) {
	var whole, most []entry
	for s := range trace.State(len(glyphs)) {
		if s == trace.Done {
			continue
		}
		g := glyphs[s]
		if p.whole[s] || p.most[s] {
			whole = append(whole, p.entry(s, pickRune(p.Style, g.whole, g.asciiWhole), s.String()))
		}
		if p.most[s] {
			most = append(most, p.entry(s, pickRune(p.Style, g.most, g.asciiMost), "mostly "+s.String()))
		}
	}
	p.entries(b, append(whole, most...))
	if len(p.line.Holds) > 0 {
		text := fmt.Sprintf("holder: the letter of the thread that has the lock, a capital where it changes, %c nobody", pickRune(p.Style, glyphFree, glyphFreeASCII))
		if len(p.letter) < len(p.line.Threads) {
			text += ", * one that is not drawn"
		}
		p.note(b, text)
	}
	if p.whole[trace.Behind] || p.most[trace.Behind] {
		p.note(b, "behind: a task that could go on, and its loop was in others")
	}
	if p.marked {
		p.note(b, fmt.Sprintf("requests: %c a thread asks the holder to let go, %c the holder does so", glyphRequest, glyphForced))
	}
	p.note(b, "a column is "+p.Style.nanoseconds(math.Round(float64(p.To-p.From)/float64(p.columns))))
}

func (p *picture) note(b *strings.Builder, text string) {
	for _, line := range wrap(text, p.Style.Wide) {
		b.WriteString(line + "\n")
	}
}

// entry is a character, in its colour, and what it means.
type entry struct{ glyph, text string }

func (p *picture) entry(s trace.State, glyph rune, text string) entry {
	return entry{p.Style.state(s, string(glyph)), " " + text}
}

// entries writes entries side by side, in lines that fit.
func (p *picture) entries(b *strings.Builder, list []entry) {
	column := 0
	for _, e := range list {
		size := 1 + width(e.text)
		switch {
		case column == 0:
		case column+2+size > p.Style.Wide:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteString("  ")
			column += 2
		}
		b.WriteString(e.glyph + e.text)
		column += size
	}
	b.WriteByte('\n')
}
