package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/fibsim/fibsim/internal/session"
)

// dataPackage is a datapackage.json, as far as the specification of Tabular Data
// Package 1.0 and of Table Schema says what must be in it.
type dataPackage struct {
	Profile, Name string
	Resources     []struct {
		Profile, Name, Path, Format, Encoding string
		Dialect                               struct {
			Header         bool
			LineTerminator string `json:"lineTerminator"`
			Delimiter      string
		}
		Schema struct {
			Fields []struct {
				Name, Type, Description string
				Constraints             struct {
					Required bool
					Enum     []string
				}
			}
			MissingValues []string `json:"missingValues"`
		}
	}
}

// The description of the files is that of what is in them: each column and its type,
// in their order, in every row; and run.json counts the rows.
func TestDataPackage(t *testing.T) {
	fresh := filepath.Join(t.TempDir(), "out")
	if got := fibsim("run", "mixed", "--sim", "--states", "--keep-baseline", "--duration", "200ms", "-o", fresh); got.status != 0 && got.status != session.StatusClaim {
		t.Fatalf("%+v", got)
	}
	for dir, files := range map[string]int{
		fresh: 4, filepath.Join(notebooks, "fixture", "mixed"): 2, filepath.Join(notebooks, "fixture", "switch-interval"): 2,
	} {
		for _, problem := range checkPackage(t, dir, files) {
			t.Errorf("%s: %s", filepath.Base(dir), problem)
		}
	}
}

// The check finds what it is there to find.
func TestDataPackageCheck(t *testing.T) {
	for _, c := range []struct{ file, old, new, want string }{
		{"samples.csv", ",quick,", ",quick,,", "samples.csv: "},
		{"samples.csv", "true", "yes", "samples.csv:2: ok: yes is no boolean"},
		{"samples.csv", "scenario,", "scenari,", "samples.csv: column 1 is scenari, described as scenario"},
		{"summary.csv", "mixed,", ",", "summary.csv:2: scenario: must not be empty"},
		{"datapackage.json", `"integer"`, `"int"`, `int is no type`},
		{"datapackage.json", `"samples.csv"`, `"sample.csv"`, "sample.csv"},
		{"run.json", `"rows": `, `"rows": 1`, "rows"},
	} {
		dir := t.TempDir()
		for _, name := range []string{"samples.csv", "summary.csv", "datapackage.json", "run.json"} {
			text := string(read(t, filepath.Join(notebooks, "fixture", "mixed", name)))
			if name == c.file {
				text = strings.Replace(text, c.old, c.new, 1)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		problems := checkPackage(t, dir, 2)
		if len(problems) == 0 || !strings.Contains(strings.Join(problems, "\n"), c.want) {
			t.Errorf("%s with %q for %q: found %q", c.file, c.new, c.old, problems)
		}
	}
}

// checkPackage holds the files of a directory against their description.
func checkPackage(t *testing.T, dir string, files int) (problems []string) {
	t.Helper()
	miss := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	var p dataPackage
	if err := json.Unmarshal(read(t, filepath.Join(dir, "datapackage.json")), &p); err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`^[a-z0-9._-]+$`)
	if p.Profile != "tabular-data-package" || !name.MatchString(p.Name) || len(p.Resources) != files {
		miss("profile %q, name %q, %d resources", p.Profile, p.Name, len(p.Resources))
	}
	counts := rowCounts(t, dir)
	for i := range p.Resources {
		r := &p.Resources[i]
		if r.Profile != "tabular-data-resource" || !name.MatchString(r.Name) || r.Format != "csv" || r.Encoding != "utf-8" ||
			!r.Dialect.Header || r.Dialect.LineTerminator != "\n" || r.Dialect.Delimiter != "," {
			miss("%s: profile %q, name %q, format %q, encoding %q, dialect %+v", r.Path, r.Profile, r.Name, r.Format, r.Encoding, r.Dialect)
		}
		content, err := os.ReadFile(filepath.Join(dir, r.Path))
		if err != nil {
			miss("%v", err)
			continue
		}
		rows, err := csv.NewReader(strings.NewReader(string(content))).ReadAll()
		if err != nil {
			miss("%s: %v", r.Path, err)
			continue
		}
		if counts[r.Path] != len(rows)-1 {
			miss("%s: %d rows, run.json tells of %d", r.Path, len(rows)-1, counts[r.Path])
		}
		for column, f := range r.Schema.Fields {
			if rows[0][column] != f.Name || f.Description == "" {
				miss("%s: column %d is %s, described as %s", r.Path, column+1, rows[0][column], f.Name)
			}
			for line, row := range rows[1:] {
				cell := row[column]
				if slices.Contains(r.Schema.MissingValues, cell) {
					if f.Constraints.Required {
						miss("%s:%d: %s: must not be empty", r.Path, line+2, f.Name)
					}
					continue
				}
				if what := mistype(f.Type, cell); what != "" {
					miss("%s:%d: %s: %s", r.Path, line+2, f.Name, what)
					break
				}
				if len(f.Constraints.Enum) > 0 && !slices.Contains(f.Constraints.Enum, cell) {
					miss("%s:%d: %s: %s is none of %v", r.Path, line+2, f.Name, cell, f.Constraints.Enum)
					break
				}
			}
		}
		if len(rows[0]) != len(r.Schema.Fields) {
			miss("%s: %d columns, %d described", r.Path, len(rows[0]), len(r.Schema.Fields))
		}
	}
	return problems
}

// mistype says why a cell is not of a type of Table Schema; empty where it is.
func mistype(kind, cell string) string {
	var err error
	switch kind {
	case "string":
	case "integer":
		_, err = strconv.ParseInt(cell, 10, 64)
	case "number":
		if _, err = strconv.ParseFloat(cell, 64); err == nil && !strings.Contains(cell, ".") {
			return cell + " has no decimal point"
		}
	case "boolean":
		if cell != "true" && cell != "false" {
			return cell + " is no boolean"
		}
	default:
		return kind + " is no type"
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// rowCounts returns how many rows run.json says that each file has.
func rowCounts(t *testing.T, dir string) map[string]int {
	t.Helper()
	var run struct {
		Files []struct {
			Name string
			Rows *int
		}
	}
	if err := json.Unmarshal(read(t, filepath.Join(dir, "run.json")), &run); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, f := range run.Files {
		if f.Rows != nil {
			counts[f.Name] = *f.Rows
		}
	}
	return counts
}

// The description is valid by the schema that its specification publishes.
func TestDataPackageProfile(t *testing.T) {
	c := jsonschema.NewCompiler()
	profile, err := jsonschema.UnmarshalJSON(bytes.NewReader(read(t, filepath.Join("testdata", "tabular-data-package.json"))))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("profile.json", profile); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("profile.json")
	if err != nil {
		t.Fatal(err)
	}
	content := string(read(t, filepath.Join(notebooks, "fixture", "mixed", "datapackage.json")))
	for text, valid := range map[string]bool{
		content: true, strings.Replace(content, `"integer"`, `"int"`, 1): false, strings.Replace(content, `"path"`, `"file"`, 1): false,
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); (err == nil) != valid {
			t.Errorf("valid: %t, want %t: %v", err == nil, valid, err)
		}
	}
}
