package term

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/timeline"
)

// Lanes is a stretch of a run as a picture: a lane for whoever has the lock, and
// one for each thread and for each task of an event loop. Every character is a column of time, and says without
// colour what was going on in it.
type Lanes struct {
	Style Style
	Name  string // of the run, such as gil
	Line  *timeline.Timeline
	Stretch
}

// mostLanes is how many threads and tasks are drawn. Beyond, a picture does not fit a screen,
// and the letters of the holder's lane run out.
const mostLanes = 24

// letters stand for the threads in the holder's lane, in their order.
const letters = "abcdefghijklmnopqrstuvwxyz"

// glyphs are the characters of a state, alone in its column or the longest of
// several, and where only ASCII can be shown.
var glyphs = [...]struct{ whole, most, asciiWhole, asciiMost rune }{
	trace.Run:     {'█', '▓', '#', '*'},
	trace.WaitGIL: {'▒', '░', 'w', 'v'},
	trace.NoGIL:   {'▄', '▂', '%', 'o'},
	trace.Sleep:   {'·', ':', '.', ':'},
	trace.IO:      {'~', '≈', '~', 'i'},
	trace.Ready:   {'+', '×', '+', 'x'},
	trace.Done:    {' ', ' ', ' ', ' '},
	trace.Behind:  {'─', '╌', '-', '='},
}

// The characters of the holder's lane where nobody has the lock, all of a column or
// most of it.
const (
	glyphFree      = '·'
	glyphFreeASCII = '.'
	glyphFreeMost  = ':'
)

// The characters of the lane of requests: what a column shows of several is the
// last of these that it has.
const (
	glyphRequest = '!'
	glyphForced  = '^'
)

// Write writes the picture with its time axis and its legend. The error is that of
// out.
func (l Lanes) Write(out io.Writer) error {
	var b strings.Builder
	l.heading(&b)
	shown := chooseLanes(l.Line.Threads, l.Line.Tasks)
	if w := l.Line.Window(l.From, l.To); empty(w) {
		for _, text := range wrap(l.nothing(), l.Style.Wide) {
			b.WriteString(text + "\n")
		}
	} else {
		p := l.picture(w, shown)
		p.write(&b)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (l Lanes) heading(b *strings.Builder) {
	text := l.Name + ": " + l.Style.nanoseconds(float64(l.To-l.From)) + " from " + l.Style.nanoseconds(float64(l.From))
	if l.Why != "" {
		text += ", " + l.Why
	}
	for _, line := range wrap(text, l.Style.Wide) {
		b.WriteString(l.Style.paint(bold, line) + "\n")
	}
}

// nothing says why there is no picture.
func (l Lanes) nothing() string {
	text := "no thread did anything then: the run ended at " + l.Style.nanoseconds(float64(l.Line.End))
	if l.Line.Cut > 0 {
		text = "a thread made so many events that they are kept up to " + l.Style.nanoseconds(float64(l.Line.Cut)) + " only"
	}
	return text + "; choose another stretch with --window, as in --window 40ms@1s"
}

func empty(w *timeline.Timeline) bool {
	for _, lane := range w.Lanes {
		if len(lane) > 0 {
			return false
		}
	}
	return true
}

// laneGroup is a group of threads or tasks, and how many of them are drawn.
type laneGroup struct {
	name    string
	members []int32 // threads by number and after them tasks, as in row
	drawn   int
}

// chooseLanes returns the groups in their order. Where there are too many threads and
// tasks, every group shows its first ones, as many as the others do if it has them.
func chooseLanes(threads, tasks []trace.Thread) []*laneGroup {
	names := slices.Concat(threads, tasks)
	var groups []*laneGroup
	byName := map[string]*laneGroup{}
	for i, t := range names {
		g := byName[t.Group]
		if g == nil {
			g = &laneGroup{name: t.Group}
			byName[t.Group] = g
			groups = append(groups, g)
		}
		g.members = append(g.members, int32(i))
	}
	for _, i := range timeline.Choose(names, mostLanes) {
		byName[names[i].Group].drawn++
	}
	return groups
}

// picture is what Write draws, row by row.
type picture struct {
	Lanes
	line    *timeline.Timeline // clipped
	groups  []*laneGroup
	letter  map[int32]rune // of threads
	label   int            // columns of the names
	columns int            // of the picture itself

	whole, most [len(glyphs)]bool // which glyphs were drawn
	marked      bool              // there is a lane of requests
}

// labelMost is where a name is cut.
const labelMost = 24

func (l Lanes) picture(w *timeline.Timeline, groups []*laneGroup) *picture {
	p := &picture{Lanes: l, line: w, groups: groups, letter: map[int32]rune{}, label: len("requests")}
	for _, g := range groups {
		for _, t := range g.members[:g.drawn] {
			if int(t) < len(w.Threads) {
				p.letter[t] = rune(letters[len(p.letter)])
			}
			p.label = max(p.label, width(p.name(t)))
		}
	}
	p.columns = p.Style.Wide - p.label - len(" a  ")
	return p
}

// name returns the name of a thread or, by a number beyond those of threads, of a task.
func (p *picture) name(number int32) string {
	worker := trace.Thread{}
	if task := int(number) - len(p.line.Threads); task < 0 {
		worker = p.line.Threads[number]
	} else {
		worker = p.line.Tasks[task]
	}
	name := []rune(threadName(worker))
	return string(name[:min(len(name), labelMost)])
}

func (p *picture) write(b *strings.Builder) {
	if len(p.line.Holds) > 0 {
		p.row(b, "holder", ' ', p.holder())
	}
	if text := p.marks(); text != "" {
		p.row(b, "requests", ' ', text)
		p.marked = true
	}
	undrawn, members, kind := 0, 0, "thread"
	for _, g := range p.groups {
		for _, t := range g.members[:g.drawn] {
			letter := ' '
			if own, has := p.letter[t]; has {
				letter = own
			}
			p.row(b, p.name(t), letter, p.lane(p.spans(t)))
		}
		switch rest := len(g.members) - g.drawn; {
		case rest > 0 && g.drawn == 0:
			undrawn, members = undrawn+1, members+rest
			if int(g.members[0]) >= len(p.line.Threads) {
				kind = "task"
			}
		case rest > 0:
			p.rest(b, fmt.Sprintf("and %d more of %s", rest, g.name))
		}
	}
	if undrawn > 0 {
		p.rest(b, fmt.Sprintf("and %d %s with %d %s", undrawn, plural(undrawn, "group"), members, plural(members, kind)))
	}
	p.axis(b)
	p.legend(b)
}

func (p *picture) row(b *strings.Builder, name string, letter rune, content string) {
	line := fmt.Sprintf("%-*s %c  ", p.label, name, letter)
	b.WriteString(strings.TrimRight(line+content, " ") + "\n")
}

// spans returns what a thread or a task did.
func (p *picture) spans(number int32) []timeline.Span {
	task := int(number) - len(p.line.Threads)
	if task < 0 {
		return p.line.Lanes[number]
	}
	var out []timeline.Span
	for _, s := range p.line.TaskLanes[task] {
		out = append(out, s.Span)
	}
	return out
}

// rest tells of threads and tasks that are not drawn.
func (p *picture) rest(b *strings.Builder, text string) {
	b.WriteString(p.Style.paint(dim, text) + "\n")
}

// lane draws the states of a thread or a task.
func (p *picture) lane(spans []timeline.Span) string {
	columns := p.fold(int32(trace.Done), func(put putter) {
		for _, s := range spans {
			put(s.Start, s.End, int32(s.State))
		}
	})
	var b strings.Builder
	var text []rune
	open := trace.Done
	flush := func() {
		b.WriteString(p.Style.state(open, string(text)))
		text = text[:0]
	}
	for _, c := range columns {
		key, mixed := c.longest()
		if state := trace.State(key); state != open {
			flush()
			open = state
		}
		text = append(text, p.glyph(open, mixed))
	}
	flush()
	return b.String()
}

// glyph returns the character of a state, and notes for the legend that it is used.
func (p *picture) glyph(s trace.State, mixed bool) rune {
	g := glyphs[s]
	if mixed {
		p.most[s] = true
		return pickRune(p.Style, g.most, g.asciiMost)
	}
	p.whole[s] = true
	return pickRune(p.Style, g.whole, g.asciiWhole)
}

func pickRune(s Style, r, ascii rune) rune {
	if s.ASCII {
		return ascii
	}
	return r
}

// free is the holder of a lock that nobody has.
const free = -1

// holder draws who has the lock: the letter of the thread, as a capital where the
// holder changes in the column.
func (p *picture) holder() string {
	columns := p.fold(free, func(put putter) {
		for _, h := range p.line.Holds {
			put(h.Start, h.End, h.Thread)
		}
	})
	out := make([]rune, len(columns))
	for i, c := range columns {
		key, mixed := c.longest()
		if held := c.without(free); held.sum()*2 > c.sum() {
			key, _ = held.longest() // of many that share it, none has it as long as nobody
		}
		letter, drawn := p.letter[key]
		switch {
		case key == free:
			letter = pickRune(p.Style, glyphFree, glyphFreeASCII)
			if mixed {
				letter = glyphFreeMost
			}
		case !drawn:
			letter = '*'
		case mixed:
			letter = unicode.ToUpper(letter)
		}
		out[i] = letter
	}
	return string(out)
}

// marks draws when a thread asked the holder to let go, and when one was forced to;
// empty where neither happened.
func (p *picture) marks() string {
	out := []rune(strings.Repeat(" ", p.columns))
	found := false
	for _, m := range p.line.Marks {
		column := &out[p.column(m.Time)]
		switch {
		case m.Kind == trace.Forced:
			*column, found = glyphForced, true
		case m.Kind == trace.Request && *column == ' ':
			*column, found = glyphRequest, true
		}
	}
	if !found {
		return ""
	}
	return string(out)
}
