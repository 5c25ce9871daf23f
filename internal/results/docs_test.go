package results

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The page about results describes every column in the words of
// datapackage.json, in the same order. UPDATE=1 rewrites its tables.
func TestPageDescribesEveryColumn(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "results.md")
	page := mustRead(t, path)
	for _, file := range []struct {
		name    string
		columns []Column
	}{{"samples", SampleColumns}, {"summary", SummaryColumns}, {"states", StateColumns}, {"events", EventColumns}, {"tasks", TaskColumns}} {
		rows := ""
		for _, c := range file.columns {
			rows += "| `" + c.Name + "` | " + c.Doc + " |\n"
		}
		_, section, found := strings.Cut(page, "\n## "+file.name+".csv\n")
		_, body, tabled := strings.Cut(section, "|---|---|\n")
		if !found || !tabled {
			t.Fatalf("no table for %s.csv", file.name)
		}
		table, rest, _ := strings.Cut(body, "\n\n")
		if table+"\n" == rows {
			continue
		}
		if os.Getenv("UPDATE") == "" {
			t.Errorf("%s.csv: the table differs; UPDATE=1 go test rewrites it", file.name)
			continue
		}
		page = strings.Replace(page, body, rows+"\n"+rest, 1)
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Every file's columns are unique and described, with a unit or a type that
// suits the name.
func TestColumnsAreDescribed(t *testing.T) {
	for _, columns := range [][]Column{SampleColumns, SummaryColumns, StateColumns, EventColumns, TaskColumns} {
		seen := map[string]bool{}
		for _, c := range columns {
			if c.Doc == "" || seen[c.Name] || strings.Contains(c.Doc, "|") {
				t.Errorf("%s: described as %q", c.Name, c.Doc)
			}
			seen[c.Name] = true
			integer, number := strings.HasSuffix(c.Name, "_ns"), strings.HasSuffix(c.Name, "_ratio") || strings.HasSuffix(c.Name, "_per_s")
			if integer && c.Type != "integer" || number && c.Type != "number" {
				t.Errorf("%s has type %s", c.Name, c.Type)
			}
		}
	}
}

// The header of samples.csv is a promise to other programs.
func TestSampleHeader(t *testing.T) {
	const want = "scenario,variant,backend,evidence,rep,order,phase,group,worker,seq,intended_ns,start_ns,end_ns,latency_ns," +
		"response_ns,planned_ns,run_ns,wait_gil_ns,nogil_ns,blocked_ns,ready_ns,switches,ok,error"
	if got := strings.Join(header(SampleColumns), ","); got != want {
		t.Errorf("got %s", got)
	}
}
