package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CostKind is the kind of value that a cost has.
type CostKind uint8

// The values of costs are lengths of time, in nanoseconds.
const (
	WholeCost   CostKind = iota // int64
	DecimalCost                 // float64
	SpreadCost                  // [6]int64: minimum, 10, 50, 90 and 99 % quantile, maximum
)

// CostKey is a cost that a cost file may have.
type CostKey struct {
	Name string
	Doc  string // one line
	Kind CostKind
}

// CostKeys are the costs that a cost file may have, in their order: those of a host
// and those of an interpreter. The simulator knows them; this package reads and
// writes them.
type CostKeys struct{ Host, Interpreter []CostKey }

// CostFile is the content of a cost file: what things cost on some host. What it
// leaves out keeps its default.
type CostFile struct {
	About        string    // prose; may be empty
	Measured     time.Time // zero: not said
	Disturbed    string    // during what others used the CPUs, so that costs came out too high; may be empty
	Host         CostHost  // zero: not said
	Costs        map[string]any
	Interpreters []InterpreterCosts // sorted by name
}

// CostHost is the host on which costs were measured. What is not known is empty.
type CostHost struct {
	OS, Arch       string
	CPUModel       string
	CPUs           int // that the process could use
	Kernel         string
	Virtualisation string
	Go             string
}

// InterpreterCosts are the costs of one interpreter.
type InterpreterCosts struct {
	Name     string    // of its backend, such as python_3_11
	Version  string    // may be empty
	Measured time.Time // zero: when the file says
	Costs    map[string]any
}

// Interpreter returns the costs of the interpreter with that name, nil without one.
func (f *CostFile) Interpreter(name string) *InterpreterCosts {
	for i := range f.Interpreters {
		if f.Interpreters[i].Name == name {
			return &f.Interpreters[i]
		}
	}
	return nil
}

// MeasuredAt returns when the costs of one of its interpreters were measured; zero: not
// said.
func (f *CostFile) MeasuredAt(i *InterpreterCosts) time.Time {
	if i.Measured.IsZero() {
		return f.Measured
	}
	return i.Measured
}

// LoadCosts reads the cost file at path. The error is a [*ReadError] when there is
// nothing to read, and [Errors] when the content is wrong.
func LoadCosts(path string, keys CostKeys) (*CostFile, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, &ReadError{Path: path, Err: err, what: costFile}
	}
	return ParseCosts(path, data, keys)
}

// costFile is what messages call a cost file.
const costFile = "cost file"

// ParseCosts reads a cost file from memory; file is its name in messages. The
// error, if any, is [Errors].
func ParseCosts(file string, data []byte, keys CostKeys) (*CostFile, error) {
	r := &reader{file: file, what: costFile}
	tree := r.parseYAML(data)
	if tree == nil {
		return nil, r.errs.sorted()
	}
	if tree.kind != mappingNode {
		r.addf(tree, "", "must be a mapping that begins with version: 1, got %s", tree.what())
		return nil, r.errs
	}
	f := costsOf(costShape(keys).read(r, tree, ""))
	if len(r.errs) > 0 {
		return nil, r.errs.sorted()
	}
	return f, nil
}

func costsOf(v *value) *CostFile {
	host := v.get("host")
	f := &CostFile{
		About:     pick[string](v, "about"),
		Measured:  pick[time.Time](v, "measured"),
		Disturbed: pick[string](v, "disturbed"),
		Costs:     costValues(v.get("costs")),
		Host: CostHost{
			OS: pick[string](host, "os"), Arch: pick[string](host, "arch"), CPUModel: pick[string](host, "cpu_model"),
			CPUs: pick[int](host, "cpus"), Kernel: pick[string](host, "kernel"),
			Virtualisation: pick[string](host, "virtualisation"), Go: pick[string](host, "go"),
		},
	}
	if all := v.get("interpreters"); all != nil {
		for name, one := range all.keys {
			f.Interpreters = append(f.Interpreters, InterpreterCosts{name, pick[string](one, "version"), pick[time.Time](one, "measured"), costValues(one)})
		}
	}
	slices.SortFunc(f.Interpreters, func(a, b InterpreterCosts) int { return strings.Compare(a.Name, b.Name) })
	return f
}

// costValues returns the costs among the keys of a mapping.
func costValues(v *value) map[string]any {
	values := map[string]any{}
	if v == nil {
		return values
	}
	for name, one := range v.keys {
		switch one.data.(type) {
		case int64, float64, [6]int64:
			values[name] = one.data
		}
	}
	return values
}

// costShape is the format of a cost file.
func costShape(keys CostKeys) *mapShape {
	line := func() *scalar { return text("", "", false) }
	interpreter := &mapShape{doc: "The costs of an interpreter.", keys: append([]key{
		{name: "version", doc: "version of the interpreter", shape: line()},
		{name: "measured", doc: "when its costs were measured, if not when the others were", shape: instant()},
	}, shapesOf(keys.Interpreter)...)}
	return &mapShape{doc: "Costs of a host, version 1.", keys: []key{
		{name: "version", doc: "version of the format", shape: integer(1, 1, "the only version there is"), required: true},
		{name: "about", doc: "prose", shape: text("", "", true)},
		{name: "measured", doc: "when the costs were measured", shape: instant()},
		{name: "disturbed", doc: "during what others used the CPUs, so that costs came out too high", shape: line()},
		{name: "host", doc: "where the costs were measured", shape: &mapShape{doc: "A host.", keys: []key{
			{name: "os", doc: "operating system", shape: line()},
			{name: "arch", doc: "architecture", shape: line()},
			{name: "cpu_model", doc: "model of the CPU", shape: line()},
			{name: "cpus", doc: "number of CPUs", shape: integer(1, MaxCPUs, "")},
			{name: "kernel", doc: "release of the kernel", shape: line()},
			{name: "virtualisation", doc: "kind of virtual machine", shape: line()},
			{name: "go", doc: "version of Go", shape: line()},
		}}},
		{name: "costs", doc: "the costs", shape: &mapShape{doc: "Costs.", keys: shapesOf(keys.Host)}},
		{name: "interpreters", doc: "costs of interpreters, by name of their backends", shape: &mapShape{
			doc: "Costs of interpreters.", keys: []key{{name: "python_3_11", doc: "one of them", shape: interpreter}},
			more:    func(n *node) []key { return named(n, interpreter) },
			foreign: func(*node, string) string { return "is no name of a backend such as python_3_11" },
		}},
	}}
}

// named returns a key for each name of a group of interpreters.
func named(n *node, shape shape) []key {
	var keys []key
	for _, k := range n.keys {
		if groupName.MatchString(k.text) {
			keys = append(keys, key{name: k.text, doc: "an interpreter", shape: shape})
		}
	}
	return keys
}

func shapesOf(costs []CostKey) []key {
	var keys []key
	for _, c := range costs {
		k := key{name: c.Name, doc: c.Doc}
		switch c.Kind {
		case WholeCost:
			k.shape = wholeCost()
		case DecimalCost:
			k.shape = decimalCost()
		case SpreadCost:
			k.shape = spreadCost{}
		}
		keys = append(keys, k)
	}
	return keys
}

// maxCost is what no cost reaches.
const maxCost = time.Hour

// wholeCost is a length of time. Its data is an int64.
func wholeCost() *scalar {
	s := duration(0, maxCost)
	parse := s.parse
	s.parse = func(n *node) (any, string) {
		data, problem := parse(n)
		if problem != "" {
			return nil, problem
		}
		return int64(data.(time.Duration)), ""
	}
	return s
}

// decimalCost is a length of time that may have fractions of a nanosecond. Its data
// is a float64.
func decimalCost() *scalar {
	s := wholeCost()
	whole := s.parse
	fraction := regexp.MustCompile(`^([0-9]+\.[0-9]+) ?ns$`)
	s.parse = func(n *node) (any, string) {
		if m := fraction.FindStringSubmatch(n.text); m != nil {
			if ns, err := strconv.ParseFloat(m[1], 64); err == nil && ns <= float64(maxCost) {
				return ns, ""
			}
		}
		data, problem := whole(n)
		if problem != "" {
			return nil, problem
		}
		return float64(data.(int64)), ""
	}
	return s
}

// quantileNames are the keys of a spread, in order of their values.
var quantileNames = [6]string{"min", "p10", "p50", "p90", "p99", "max"}

// spreadCost is a distribution by its quantiles, or one length for all of them. Its
// data is a [6]int64.
type spreadCost struct{}

var spreadShape = func() *mapShape {
	s := &mapShape{doc: "Quantiles."}
	for _, name := range quantileNames {
		s.keys = append(s.keys, key{name: name, doc: "a quantile", shape: wholeCost(), required: true})
	}
	return s
}()

func (spreadCost) schema() object { return spreadShape.schema() }

func (spreadCost) read(r *reader, n *node, path string) *value {
	if n.kind == scalarNode {
		v := wholeCost().read(r, n, path)
		if ns, ok := v.data.(int64); ok {
			v.data = [6]int64{ns, ns, ns, ns, ns, ns}
		}
		return v
	}
	v := spreadShape.read(r, n, path)
	var q [6]int64
	for i, name := range quantileNames {
		one, ok := v.get(name).whole()
		if !ok {
			return v // told already
		}
		if q[i] = one; i > 0 && one < q[i-1] {
			at := v.get(name)
			r.addf(at.node, at.path, "must be at least the %s of %s, got %s", quantileNames[i-1], formatCost(q[i-1]), clip(at.node.text))
			return v
		}
	}
	v.data = q
	return v
}

// whole returns the data of a wholeCost, false where it is missing or wrong.
func (v *value) whole() (int64, bool) {
	if v == nil {
		return 0, false
	}
	ns, ok := v.data.(int64)
	return ns, ok
}

// instant is a point of time. Its data is a time.Time.
func instant() *scalar {
	return &scalar{
		naming: "a time such as 2026-11-25T20:15:00Z",
		schem:  object{{"type", "string"}, {"format", "date-time"}},
		parse: func(n *node) (any, string) {
			t, err := time.Parse(time.RFC3339, n.text)
			if err != nil {
				return nil, fmt.Sprintf("must be a time such as 2026-11-25T20:15:00Z, got %s", n.what())
			}
			return t, ""
		},
	}
}
