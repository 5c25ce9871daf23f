package term

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/palette"
)

// Style says what the receiver of text can show.
type Style struct {
	Width int  // columns of text and tables
	Wide  int  // columns of pictures, which need more and bear more
	Color bool // ANSI colours
	ASCII bool // no other characters

	// TrueColor says that any colour can be shown, and Light that the background is
	// light. Otherwise the eight colours of the terminal's own have to do.
	TrueColor, Light bool

	// Terminal says that a person is looking, so that a line may be replaced.
	Terminal bool
}

// Widths outside these bounds make the table useless or hard to follow.
const (
	widthDefault = 80
	widthLeast   = 60
	widthMost    = 140

	wideDefault = 100
	wideMost    = 200
)

// Detect returns the style for a stream. Getenv is os.Getenv outside tests:
// NO_COLOR, when it is not empty, turns colours off, and TERM=dumb colours and
// everything beyond ASCII. COLORTERM says that there are more colours than eight, and
// COLORFGBG, where the terminal sets it, what the background is.
func Detect(w io.Writer, getenv func(string) string) Style {
	s := Style{Width: widthDefault, Wide: wideDefault, ASCII: getenv("TERM") == "dumb"}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return s
	}
	s.Terminal = !s.ASCII
	s.Color = !s.ASCII && getenv("NO_COLOR") == ""
	s.TrueColor, s.Light = colors(getenv)
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		s.Width = min(max(width, widthLeast), widthMost)
		s.Wide = min(max(width, widthLeast), wideMost)
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

// colors says what the terminal's variables tell of its colours.
func colors(getenv func(string) string) (trueColor, light bool) {
	depth := getenv("COLORTERM")
	_, background, _ := strings.Cut(getenv("COLORFGBG"), ";")
	if i := strings.LastIndexByte(background, ';'); i >= 0 {
		background = background[i+1:]
	}
	return depth == "truecolor" || depth == "24bit", background == "7" || background == "15"
}

// stateCodes are the colours of the states among the eight of a terminal, as close
// to those of package palette as they can be.
var stateCodes = [...]string{
	trace.Run: green, trace.WaitGIL: red, trace.NoGIL: "34", trace.Sleep: dim, trace.IO: "35", trace.Ready: "33", trace.Behind: "33",
}

// state returns the text in the colour of a state.
func (s Style) state(state trace.State, text string) string {
	if state == trace.Done {
		return text
	}
	c, known := palette.Of(state.String())
	if !s.TrueColor || !known {
		return s.paint(stateCodes[state], text)
	}
	hex := c.Dark
	if s.Light {
		hex = c.Light
	}
	var r, g, b uint8
	// The colours of the palette are well-formed, which its tests hold.
	_, _ = fmt.Sscanf(hex, "#%02x%02x%02x", &r, &g, &b)
	return s.paint(fmt.Sprintf("38;2;%d;%d;%d", r, g, b), text)
}

func width(text string) int { return utf8.RuneCountInString(text) }
