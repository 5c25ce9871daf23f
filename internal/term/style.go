package term

import (
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/term"
)

// Style says what the receiver of text can show.
type Style struct {
	Width int  // columns
	Color bool // ANSI colours
	ASCII bool // no other characters

	// Terminal says that a person is looking, so that a line may be replaced.
	Terminal bool
}

// Widths outside these bounds make the table useless or hard to follow.
const (
	widthDefault = 80
	widthLeast   = 60
	widthMost    = 140
)

// Detect returns the style for a stream. Getenv is os.Getenv outside tests:
// NO_COLOR, when it is not empty, turns colours off, and TERM=dumb colours and
// everything beyond ASCII.
func Detect(w io.Writer, getenv func(string) string) Style {
	s := Style{Width: widthDefault, ASCII: getenv("TERM") == "dumb"}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return s
	}
	s.Terminal = !s.ASCII
	s.Color = !s.ASCII && getenv("NO_COLOR") == ""
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		s.Width = min(max(width, widthLeast), widthMost)
	}
	return s
}

const (
	bold  = "1"
	dim   = "2"
	red   = "31"
	green = "32"
)

// paint returns the text in a colour or weight.
func (s Style) paint(code, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// pick returns the text, or its replacement where only ASCII can be shown.
func (s Style) pick(text, ascii string) string {
	if s.ASCII {
		return ascii
	}
	return text
}

// dash stands for a figure that is not there.
func (s Style) dash() string { return s.pick("–", "-") }

func width(text string) int { return utf8.RuneCountInString(text) }
