package results

import "strings"

// dataPackage is the content of datapackage.json: what the columns mean, in a
// form that programs read (Frictionless Data Package with Table Schema).
type dataPackage struct {
	Profile   string         `json:"profile"`
	Name      string         `json:"name"`
	Title     string         `json:"title"`
	Resources []dataResource `json:"resources"`
}

type dataResource struct {
	Profile  string      `json:"profile"`
	Name     string      `json:"name"`
	Path     string      `json:"path"`
	Title    string      `json:"title"`
	Format   string      `json:"format"`
	Encoding string      `json:"encoding"`
	Dialect  csvDialect  `json:"dialect"`
	Schema   tableSchema `json:"schema"`
}

// csvDialect says what the specification would take for granted otherwise: lines that
// end with CR and LF.
type csvDialect struct {
	Delimiter      string `json:"delimiter"`
	DoubleQuote    bool   `json:"doubleQuote"`
	LineTerminator string `json:"lineTerminator"`
	Header         bool   `json:"header"`
}

type tableSchema struct {
	Fields        []tableField `json:"fields"`
	MissingValues []string     `json:"missingValues"`
}

type tableField struct {
	Name        string       `json:"name"`
	Type        string       `json:"type"`
	Description string       `json:"description"`
	Constraints *constraints `json:"constraints,omitempty"`
}

// constraints of a column: that it is never empty, and the words that it can hold.
type constraints struct {
	Required bool     `json:"required,omitempty"`
	Enum     []string `json:"enum,omitempty"`
}

// constrained are the columns that have any, in whichever file.
var constrained = map[string]*constraints{
	"scenario":   {Required: true},
	"backend":    {Required: true},
	"rep":        {Required: true},
	"evidence":   {Required: true, Enum: []string{"measured", "predicted"}},
	"phase":      {Required: true, Enum: []string{phaseWarmup, phaseMeasure, phaseAlone}},
	"state":      {Required: true, Enum: []string{"run", "wait_gil", "nogil", "sleep", "io", "ready"}},
	"event":      {Required: true, Enum: shownNames()},
	"task_state": {Required: true, Enum: []string{"run", "wait_gil", "nogil", "sleep", "io", "ready", "behind"}},
	"ok":         {Required: true},
	"start_ns":   {Required: true},
	"end_ns":     {Required: true},
	"time_ns":    {Required: true},
}

// shownNames are the names of shownEvents.
func shownNames() []string {
	var names []string
	for _, k := range shownEvents {
		names = append(names, k.String())
	}
	return names
}

// newDataPackage describes the files of one command.
func newDataPackage(c *Config) dataPackage {
	p := dataPackage{
		Profile: "tabular-data-package", Name: c.Scenario, Title: "fibsim results of " + c.Scenario,
		Resources: []dataResource{
			newResource(samplesFile, "A row for each iteration or request", c.withParams(SampleColumns)),
			newResource(summaryFile, "A row for each variant, backend, repetition, group and phase", c.withParams(SummaryColumns)),
		},
	}
	if c.States {
		p.Resources = append(p.Resources,
			newResource(statesFile, "A row for each stretch of time that a thread spent in one state", StateColumns),
			newResource(eventsFile, "A row for each event of the lock", EventColumns))
	}
	if c.States && c.Tasks {
		p.Resources = append(p.Resources, newResource(tasksFile, "A row for each stretch of time that a task spent in one state", TaskColumns))
	}
	return p
}

func newResource(file, title string, columns []Column) dataResource {
	r := dataResource{
		Profile: "tabular-data-resource", Name: strings.TrimSuffix(file, ".csv"), Path: file, Title: title,
		Format: "csv", Encoding: "utf-8", Dialect: csvDialect{",", true, "\n", true}, Schema: tableSchema{MissingValues: []string{""}},
	}
	for _, c := range columns {
		r.Schema.Fields = append(r.Schema.Fields, tableField{Name: c.Name, Type: c.Type, Description: c.Doc, Constraints: constrained[c.Name]})
	}
	return r
}
