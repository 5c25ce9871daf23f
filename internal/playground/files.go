package playground

import (
	"bytes"
	"embed"
	"fmt"
	"html"
	"path/filepath"
	"slices"

	"github.com/fibsim/fibsim/internal/report"
	"github.com/fibsim/fibsim/internal/results"
)

//go:embed page
var page embed.FS

// Files are the files of the page by name.
type Files map[string][]byte

// The files that come from the compiler.
const (
	programFile = "fibsim.wasm"
	loaderFile  = "wasm_exec.js"
)

// NewFiles returns all files of the page. Version is that of the program.
func NewFiles(version string, p *Program) Files {
	index := bytes.ReplaceAll(own("index.html"), []byte("{{.Version}}"), []byte(html.EscapeString(version)))
	return Files{
		"index.html":     index,
		"playground.css": append([]byte(report.Style()), own("playground.css")...),
		"parts.js":       []byte(report.Script("units.js", "spans.js", "timeline.js", "tables.js")),
		"playground.js":  own("playground.js"),
		"worker.js":      own("worker.js"),
		programFile:      p.Wasm,
		loaderFile:       p.Loader,
	}
}

// own returns a file of the page itself.
func own(name string) []byte {
	content, err := page.ReadFile("page/" + name)
	if err != nil {
		panic("playground: no file " + name)
	}
	return content
}

// names returns the names of the files, sorted.
func (f Files) names() []string {
	var names []string
	for name := range f {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Write writes the files to a directory that is there, each whole or not at all. The
// error is that of [results.ReplaceFile].
func (f Files) Write(dir string) error {
	for _, name := range f.names() {
		if err := results.ReplaceFile(filepath.Join(dir, name), f[name]); err != nil {
			return err
		}
	}
	return nil
}

// Size returns a line about what the page weighs.
func (f Files) Size() string {
	total := 0
	for _, content := range f {
		total += len(content)
	}
	return fmt.Sprintf("%d files, %.1f MB", len(f), float64(total)/1e6)
}
