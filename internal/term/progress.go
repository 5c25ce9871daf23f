package term

import (
	"fmt"
	"io"
	"time"
)

// Progress is a line on a terminal that says what is running. It prints only
// when told to, which is between runs, so that no measured window feels it.
type Progress struct {
	out   io.Writer
	style Style
	now   func() time.Time
	last  time.Time
	shown bool
}

// pause is the least time between two lines: at most four a second.
const pause = 250 * time.Millisecond

// NewProgress returns a Progress that prints only where style says that out is
// a terminal.
func NewProgress(out io.Writer, style Style) *Progress {
	return &Progress{out: out, style: style, now: time.Now}
}

// Show says what runs: run number i of n, what it is, and about how much time is
// left; 0 where that is not known.
func (p *Progress) Show(i, n int, what string, left time.Duration) {
	text := fmt.Sprintf("run %d of %d: %s", i, n, what)
	if left > 0 {
		text += fmt.Sprintf(", about %v left", left.Round(time.Second))
	}
	p.Say(text)
}

// Say replaces the line. Lines that come too fast after each other are left out.
func (p *Progress) Say(text string) {
	now := p.now()
	if !p.style.Terminal || now.Sub(p.last) < pause {
		return
	}
	p.last, p.shown = now, true
	// A line that wraps could not be replaced.
	if r := []rune(text); len(r) >= p.style.Width {
		text = string(r[:p.style.Width-1])
	}
	fmt.Fprint(p.out, "\r\x1b[K"+text)
}

// Clear removes the line, so that other text can be printed; the next one comes at once.
func (p *Progress) Clear() {
	if p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
	p.last = time.Time{}
}
