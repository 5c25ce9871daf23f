package report

import (
	"embed"
	"strings"

	"github.com/fibsim/fibsim/internal/palette"
)

//go:embed assets
var assets embed.FS

// Style returns the style sheet of fibsim's pages, with the colours of all states.
func Style() string { return palette.CSS() + asset("uPlot.min.css") + "\n" + asset("page.css") }

// Script returns scripts of the page by their names in assets, such as timeline.js,
// in the order given. A name that is not there is a mistake of the program and panics.
//
// None of them depends on more than these: timeline.js on units.js and spans.js,
// tables.js on units.js. uPlot.min.js is the library of that name.
func Script(names ...string) string {
	var b strings.Builder
	for _, name := range names {
		b.WriteString(asset(name))
		b.WriteByte('\n')
	}
	return b.String()
}

// Licences returns the text that must go along with what others wrote.
func Licences() string { return asset("LICENSE.uPlot") }

func asset(name string) string {
	content, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic("report: no asset " + name)
	}
	return string(content)
}
