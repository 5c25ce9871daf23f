package scenarios

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Encode returns the file as YAML that ParseCosts reads, keys in their order. Costs
// that it leaves out are named in a comment.
func (f *CostFile) Encode(keys CostKeys) []byte {
	o := object{{"version", 1}}
	if f.About != "" {
		o = append(o, field{"about", f.About})
	}
	if !f.Measured.IsZero() {
		o = append(o, field{"measured", f.Measured.UTC().Format(time.RFC3339)})
	}
	if f.Disturbed != "" {
		o = append(o, field{"disturbed", f.Disturbed})
	}
	if host := formatHost(f.Host); host != nil {
		o = append(o, field{"host", host})
	}
	costs, absent := formatCosts(nil, keys.Host, f.Costs)
	o = append(o, field{"costs", costs})
	if len(f.Interpreters) > 0 {
		all := object{}
		for _, i := range f.Interpreters {
			one := object{}
			if i.Version != "" {
				one = append(one, field{"version", i.Version})
			}
			if !i.Measured.IsZero() {
				one = append(one, field{"measured", i.Measured.UTC().Format(time.RFC3339)})
			}
			one, _ = formatCosts(one, keys.Interpreter, i.Costs)
			all = append(all, field{i.Name, one})
		}
		o = append(o, field{"interpreters", all})
	}
	tree := yamlNode(o, "")
	flowSpreads(tree)
	tree.HeadComment = "What things cost on a host, for the simulator: costs: host, or the path of this file."
	if len(absent) > 0 {
		tree.HeadComment += "\nNot measured, so that the defaults hold: " + strings.Join(absent, ", ") + "."
	}
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(tree); err != nil {
		panic("scenarios: costs cannot be written: " + err.Error())
	}
	return b.Bytes()
}

// flowSpreads puts the quantiles of a spread on one line.
func flowSpreads(n *yaml.Node) {
	if n.Kind == yaml.MappingNode && len(n.Content) > 0 && n.Content[0].Value == quantileNames[0] {
		n.Style = yaml.FlowStyle
	}
	for _, child := range n.Content {
		flowSpreads(child)
	}
}

func formatHost(h CostHost) (o object) {
	for _, f := range []field{
		{"os", h.OS}, {"arch", h.Arch}, {"cpu_model", h.CPUModel}, {"cpus", h.CPUs},
		{"kernel", h.Kernel}, {"virtualisation", h.Virtualisation}, {"go", h.Go},
	} {
		if f.value != "" && f.value != 0 {
			o = append(o, f)
		}
	}
	return o
}

// formatCosts appends the costs that are there, and returns the names of those
// that are not.
func formatCosts(o object, keys []CostKey, values map[string]any) (out object, absent []string) {
	for _, k := range keys {
		switch v := values[k.Name].(type) {
		case int64:
			o = append(o, field{k.Name, formatCost(v)})
		case float64:
			o = append(o, field{k.Name, strconv.FormatFloat(v, 'f', 4, 64) + "ns"})
		case [6]int64:
			spread := object{}
			for i, name := range quantileNames {
				spread = append(spread, field{name, formatCost(v[i])})
			}
			o = append(o, field{k.Name, spread})
		case nil:
			absent = append(absent, k.Name)
		default:
			panic(fmt.Sprintf("scenarios: cost %s has a value of type %T", k.Name, v))
		}
	}
	return o, absent
}

// formatCost writes a length of time as a decimal number of the largest unit that
// it reaches, exactly.
func formatCost(ns int64) string {
	u := durationUnits[0]
	for _, larger := range durationUnits {
		if ns >= larger.scale {
			u = larger
		}
	}
	text := strconv.FormatInt(ns/u.scale, 10)
	if rest := ns % u.scale; rest > 0 {
		digits := strconv.FormatInt(u.scale+rest, 10)[1:]
		text += "." + strings.TrimRight(digits, "0")
	}
	return text + u.name
}
