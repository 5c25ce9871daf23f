package palette

import (
	"fmt"
	"slices"
	"strings"
)

// Color is one colour as #rrggbb, on a light and on a dark page.
type Color struct{ Light, Dark string }

// State is what a thread is doing, with its colour.
type State struct {
	Name  string // as in states.csv
	Means string // in a few words, for legends
	Color
}

// states are in the order of legends and of stacked bars. A thread that waits for
// the lock is the darkest on a light page: that is what the eye is to find.
var states = []State{
	{"run", "runs, with the lock where there is one", Color{"#058343", "#75e296"}},
	{"wait_gil", "waits for the lock", Color{"#860013", "#ee4643"}},
	{"nogil", "computes with the lock released", Color{"#0064a4", "#7bb7fe"}},
	{"io", "waits for a socket, a file or another thread", Color{"#673898", "#ba84eb"}},
	{"sleep", "sleeps", Color{"#878c96", "#656b74"}},
	{"ready", "runnable, without a CPU (seen by the simulator only)", Color{"#b36c00", "#ffe56d"}},
}

// Behind is the state in which a task of an event loop waits for its turn. No thread has
// it. On a light page it is as dark as what the eye is to find of threads.
var Behind = State{"behind", "could go on, and the loop was in other tasks", Color{"#4d2600", "#a8681f"}}

// States returns all states of threads that have a colour: all but done.
func States() []State { return slices.Clone(states) }

// Of returns the state of a name; false where it has no colour.
func Of(name string) (State, bool) {
	if name == Behind.Name {
		return Behind, true
	}
	i := slices.IndexFunc(states, func(s State) bool { return s.Name == name })
	if i < 0 {
		return State{}, false
	}
	return states[i], true
}

// Line is how a backend is drawn.
type Line struct {
	Name      string
	Predicted bool // drawn with dashes
	Color
}

// known are the backends whose colour never changes: warm with a lock, cold without.
var known = map[string]Color{
	"gil":        {"#b91c25", "#fe6158"},
	"native":     {"#0c6eb2", "#65affe"},
	"sim_gil":    {"#c65a12", "#ffae81"},
	"sim_native": {"#058499", "#58e3fe"},
}

// threads are the colours of the threads that hold a lock, in turn: none that looks
// like a state.
var threads = []Color{
	{"#005f61", "#90f2f5"}, {"#6f6a24", "#c2b86c"}, {"#9c3f7a", "#e08cc4"},
	{"#1f3672", "#8a95d8"}, {"#7a4a1e", "#d9a06a"}, {"#3d5a45", "#a5c9ae"},
}

// Thread returns the colour of a thread that holds a lock, by its number.
func Thread(number int) Color { return threads[number%len(threads)] }

// others are the colours of further backends, in turn.
var others = []Color{
	{"#823a99", "#d083e6"}, {"#02783c", "#7ada96"}, {"#6f6a24", "#c2b86c"},
	{"#792852", "#c77099"}, {"#005f61", "#90f2f5"}, {"#1f3672", "#8a95d8"},
}

// Lines returns how each backend is drawn, in the order given. The same list gives
// the same colours.
func Lines(backends []string) []Line {
	out := make([]Line, 0, len(backends))
	next := 0
	for _, name := range backends {
		c, fixed := known[name]
		if !fixed {
			c = others[next%len(others)]
			next++
		}
		out = append(out, Line{Name: name, Predicted: strings.HasPrefix(name, "sim_"), Color: c})
	}
	return out
}

// The colours of a page itself.
var (
	Page  = Color{"#ffffff", "#15181d"} // background
	Panel = Color{"#f6f7f9", "#1d2127"} // background of charts and tables
	Rule  = Color{"#d5d9df", "#3a414b"} // lines that only guide the eye
	Text  = Color{"#1a1d21", "#e8eaed"}
	Muted = Color{"#5b6470", "#a9b2bd"} // text of less weight
	Link  = Color{"#0b57d0", "#8ab4f8"} // links, and the ring around what has the focus
	Good  = Color{"#176f30", "#57d38c"} // a claim that holds
	Bad   = Color{"#b3261e", "#ff8a80"} // a claim that failed
)

// roles are the page's colours by the name that they have in CSS.
var roles = []struct {
	name string
	c    Color
}{
	{"page", Page}, {"panel", Panel}, {"rule", Rule}, {"text", Text}, {"muted", Muted},
	{"link", Link}, {"good", Good}, {"bad", Bad},
}

// CSS returns a style sheet that defines a custom property for each colour of a
// page (--page, --text), of each state (--state-run, --state-behind) and of the threads that hold a
// lock, in turn (--thread-0 to --thread-5), light ones first and dark ones where the
// reader prefers them. Paper is always light.
func CSS() string {
	var b strings.Builder
	block := func(open, end string, value func(Color) string) {
		b.WriteString(open)
		for _, r := range roles {
			fmt.Fprintf(&b, "--%s:%s;", r.name, value(r.c))
		}
		for _, s := range append(States(), Behind) {
			fmt.Fprintf(&b, "--state-%s:%s;", s.Name, value(s.Color))
		}
		for i, c := range threads {
			fmt.Fprintf(&b, "--thread-%d:%s;", i, value(c))
		}
		b.WriteString(end)
	}
	block(":root{color-scheme:light dark;", "}\n", func(c Color) string { return c.Light })
	block("@media screen and (prefers-color-scheme:dark){:root{", "}}\n", func(c Color) string { return c.Dark })
	return b.String()
}
