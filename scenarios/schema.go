package scenarios

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Schema returns the JSON Schema (draft 2020-12) of a scenario, for editors. It
// is made from the table of keys that the loader uses. What depends on several
// keys at once, only the loader checks.
func Schema() []byte {
	s := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", "https://github.com/fibsim/fibsim/scenarios/scenario.schema.json"},
		{"title", "fibsim scenario"},
	}
	s = append(s, root.schema()...)
	s = append(s, field{"$defs", object{{"body", bodyList.schema()}}})
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(s); err != nil {
		panic("scenarios: the schema cannot be written: " + err.Error())
	}
	return b.Bytes()
}

func (s *mapShape) schema() object {
	keys := s.keys
	if s.all != nil {
		keys = append(keys[:len(keys):len(keys)], s.all()...)
	}
	properties, required := object{}, []string{}
	for i := range keys {
		k := &keys[i]
		properties = append(properties, field{k.name, k.schema()})
		if k.required {
			required = append(required, k.name)
		}
	}
	o := object{{"type", "object"}, {"description", s.doc}, {"properties", properties}}
	if len(required) > 0 {
		o = append(o, field{"required", required})
	}
	return append(o, field{"additionalProperties", false})
}

// schema returns what the key's shape says, with the key's own words and default.
func (k *key) schema() object {
	o := object{{"description", k.doc}}
	for _, f := range k.shape.schema() {
		if f.key != "description" {
			o = append(o, f)
		}
	}
	if k.def == "" || k.def == emptyMapping {
		return o
	}
	if n, err := strconv.Atoi(k.def); err == nil {
		return append(o, field{"default", n})
	}
	return append(o, field{"default", k.def})
}

func (s *listShape) schema() object {
	o := object{{"type", "array"}, {"description", s.doc}}
	if s.min > 0 {
		o = append(o, field{"minItems", s.min})
	}
	return append(o, field{"maxItems", s.max}, field{"items", s.item.schema()})
}

func (s *choiceShape) schema() object {
	properties := object{}
	for i := range s.keys {
		properties = append(properties, field{s.keys[i].name, s.keys[i].schema()})
	}
	return object{
		{"type", "object"}, {"description", s.doc},
		{"minProperties", 1}, {"maxProperties", 1},
		{"properties", properties}, {"additionalProperties", false},
	}
}

func (s *drawn) schema() object {
	return object{{"oneOf", []any{s.fixed.schema(), s.random.schema()}}}
}

func (s *pair) schema() object {
	return object{{"type", "array"}, {"minItems", 2}, {"maxItems", 2}, {"items", s.bound.schema()}}
}

func (bodyShape) schema() object { return object{{"$ref", "#/$defs/body"}} }
