package scenarios

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// The shipped schema is the one that the table of keys gives. -update rewrites it.
func TestSchemaDrift(t *testing.T) {
	golden(t, "scenario.schema.json", string(Schema()))
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("scenario.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(t *testing.T, schema *jsonschema.Schema, text []byte) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return schema.Validate(v)
}

// What the loader accepts, the schema accepts.
func TestSchemaAcceptsGood(t *testing.T) {
	schema := compileSchema(t)
	texts := map[string][]byte{"plain": []byte(plainScenario), "varied": []byte(variedScenario), "everything": []byte(everything)}
	for _, s := range List() {
		texts[s.Name], _ = Source(s.Name)
		texts[s.Name+" (effective)"] = s.Effective()
	}
	for name, text := range texts {
		if err := validate(t, schema, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is wrong in a single key, the schema refuses. What it cannot see is
// listed here, so that the list does not grow by accident.
func TestSchemaRefusesBad(t *testing.T) {
	schema := compileSchema(t)
	unseen := "claims combinations endless endless-pass models nesting nothing workers variants " + // several keys at once
		"tabs documents empty comment syntax bomb cycle encoding duplicates keys" // not one YAML document without doubled keys
	paths, _ := filepath.Glob("testdata/bad/*.yaml")
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		if strings.Contains(unseen, name) {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if validate(t, schema, text) == nil {
			t.Errorf("%s: the schema accepts it", name)
		}
	}
	head := "version: 1\nname: x\nthreads: [{name: a, body: [{fib: 1}]}]\n"
	for _, line := range []string{
		"titel: x", "warmup: 5", "duration: 5m", "seed: -1", "repeat: 0", "until: end", "tasks: []",
		"interpreter: {lock: cpython-4}", "interpreter: {pace: fast}", "interpreter: {switch_interval: 5}",
		"machine: {scheduler: best}", "variants: []", "variants: [{name: a}]", "variants: [{name: a, set: {repeat: 1}}]",
		"clients: [{name: a}]", "clients: [{name: a, request: {fib: 1}, rate: 5}]", "expect: [{claim: a}]",
	} {
		if validate(t, schema, []byte(head+line+"\n")) == nil {
			t.Errorf("the schema accepts %s", line)
		}
	}
}
