package report

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/internal/palette"
	"github.com/fibsim/fibsim/internal/results"
)

// Generator is what a page says that it was made by, near its beginning.
const Generator = `<meta name="generator" content="fibsim report">`

// page is what the template shows.
type page struct {
	Title    string
	Style    template.CSS
	Script   template.JS
	Data     template.JS
	Lanes    template.HTML
	Overview *table // of several directories
	Sections []*section
	Shares   []shareName
	Licences string
}

// shareName is a state in the legend of the shares.
type shareName struct {
	Name  string
	Color template.CSS
}

// pageData is what the scripts of a page read.
type pageData struct {
	Grid     []float64        `json:"grid"`
	States   []stateName      `json:"states"`
	Sections []*sectionCurves `json:"sections"`
}

type stateName struct {
	Name  string `json:"name"`
	Means string `json:"means"`
}

// sectionCurves is what the charts of one directory show.
type sectionCurves struct {
	Backends  []lineData       `json:"backends"`
	Variants  []string         `json:"variants"`
	Groups    []string         `json:"groups"` // the first one is shown first
	Intervals map[string]int64 `json:"intervals"`
	Curves    []curve          `json:"curves"`
	Rates     []rate           `json:"rates"`
	Timelines []timelineData   `json:"timelines,omitempty"`
}

// lineData is how a backend is drawn.
type lineData struct {
	Name      string `json:"name"`
	Evidence  string `json:"evidence"`
	Color     string `json:"color"` // name of a property of CSS
	Predicted bool   `json:"predicted"`
}

var pageTemplate = template.Must(template.New("page").Parse(asset("page.html")))

// Write writes one page about result directories. The error is that of out, or a
// results.ReadError where a file cannot be read.
func Write(out io.Writer, dirs []*results.Dir) error {
	p := page{Licences: Licences(), Shares: shareLegend()}
	lines := linesOf(dirs)
	p.Style = template.CSS(Style() + lineCSS(lines))
	p.Script = template.JS(Script("units.js", "spans.js", "packed.js", "timeline.js", "tables.js", "uPlot.min.js", "charts.js", "page.js"))
	data := pageData{Grid: grid}
	states := palette.States()
	var lanes packer
	for i, d := range dirs {
		s, curves, err := newSection(fmt.Sprintf("results-%d", i+1), d, lines, &lanes, (mostIntervals-lanes.total)/(len(dirs)-i))
		if err != nil {
			return err
		}
		p.Sections = append(p.Sections, s)
		data.Sections = append(data.Sections, curves)
	}
	if lanes.tasks {
		states = append(states, palette.Behind)
	}
	for _, s := range states {
		data.States = append(data.States, stateName{s.Name, s.Means})
	}
	p.Title = p.Sections[0].Heading
	if len(dirs) > 1 {
		p.Title = fmt.Sprintf("%d results side by side", len(dirs))
		p.Overview = overview(dirs)
	}
	// Everything in it is of types that JSON has, and < and > are escaped.
	encoded, err := json.Marshal(data)
	if err != nil {
		return err
	}
	p.Data = template.JS(encoded)
	if lanes.total > 0 {
		p.Lanes = template.HTML(`<script type="text/plain" id="lanes">` + lanes.base64() + `</script>`)
	}
	return pageTemplate.Execute(out, p)
}

// linesOf returns how each backend of any directory is drawn: alike in all of them.
func linesOf(dirs []*results.Dir) []palette.Line {
	var names []string
	for _, d := range dirs {
		for _, b := range d.Backends {
			if !slices.Contains(names, b) {
				names = append(names, b)
			}
		}
	}
	return palette.Lines(names)
}

// lineCSS returns a style sheet with the colour of each line, --line-0 and so on.
func lineCSS(lines []palette.Line) string {
	var light, dark strings.Builder
	for i, l := range lines {
		fmt.Fprintf(&light, "--line-%d:%s;", i, l.Light)
		fmt.Fprintf(&dark, "--line-%d:%s;", i, l.Dark)
	}
	return ":root{" + light.String() + "}\n@media screen and (prefers-color-scheme:dark){:root{" + dark.String() + "}}\n"
}

// shareLegend returns the states of the bars. Sleep stands for what blocks.
func shareLegend() []shareName {
	var out []shareName
	for _, name := range shareNames {
		shown := shareName{name, template.CSS("var(--state-" + name + ")")}
		if name == "sleep" {
			shown.Name = "sleep, io"
		}
		out = append(out, shown)
	}
	return out
}
