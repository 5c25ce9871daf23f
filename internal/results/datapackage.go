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
	Schema   tableSchema `json:"schema"`
}

type tableSchema struct {
	Fields        []tableField `json:"fields"`
	MissingValues []string     `json:"missingValues"`
}

type tableField struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description"`
}

// newDataPackage describes the files of one command.
func newDataPackage(scenario string, states bool) dataPackage {
	p := dataPackage{
		Profile: "tabular-data-package", Name: scenario, Title: "fibsim results of " + scenario,
		Resources: []dataResource{
			newResource(samplesFile, "A row for each iteration or request", SampleColumns),
			newResource(summaryFile, "A row for each variant, backend, repetition, group and phase", SummaryColumns),
		},
	}
	if states {
		p.Resources = append(p.Resources,
			newResource(statesFile, "A row for each stretch of time that a thread spent in one state", StateColumns),
			newResource(eventsFile, "A row for each event of the lock", EventColumns))
	}
	return p
}

func newResource(file, title string, columns []Column) dataResource {
	r := dataResource{
		Profile: "tabular-data-resource", Name: strings.TrimSuffix(file, ".csv"), Path: file, Title: title,
		Format: "csv", Encoding: "utf-8", Schema: tableSchema{MissingValues: []string{""}},
	}
	for _, c := range columns {
		r.Schema.Fields = append(r.Schema.Fields, tableField{Name: c.Name, Type: c.Type, Description: c.Doc})
	}
	return r
}
