package scenarios

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/workloads"
)

// Effective returns the scenario as YAML with every default and override filled
// in. It loads again and gives the same programs. With variants the plain part
// is the first variant, and the others are told as changes to it.
func (s *Scenario) Effective() []byte {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(yamlNode(s.effective(), "")); err != nil {
		panic("scenarios: the effective scenario cannot be written: " + err.Error())
	}
	return b.Bytes()
}

// EffectiveMap returns the same as a value for encoding/json, whose keys keep
// their order.
func (s *Scenario) EffectiveMap() any { return s.effective() }

func (s *Scenario) effective() object {
	o := object{{"version", 1}, {"name", s.Name}}
	for _, f := range []field{{"title", s.Title}, {"question", s.Question}, {"about", s.About}} {
		if f.value != "" {
			o = append(o, f)
		}
	}
	first := s.Variants[0]
	o = append(o, field{"repeat", s.Repeat})
	o = append(o, formatProgram(first)...)
	if first.Name != "" {
		var list []any
		for _, v := range s.Variants {
			set := changes(nil, "", formatProgram(first), formatProgram(v))
			list = append(list, object{{"name", v.Name}, {"set", set}})
		}
		o = append(o, field{"variants", list})
	}
	var expect []any
	for _, c := range s.Claims {
		var needs []any
		for _, n := range c.Needs {
			needs = append(needs, n.String())
		}
		expect = append(expect, object{{"claim", c.Text}, {"check", c.Check}, {"needs", needs}})
	}
	if expect != nil {
		o = append(o, field{"expect", expect})
	}
	return o
}

// formatProgram is the inverse of build.
func formatProgram(v Variant) object {
	p := v.Program
	o := object{{"seed", int(p.Seed)}, {"warmup", FormatDuration(p.Warmup)}}
	if p.UntilDone {
		o = append(o, field{"until", "done"})
	} else {
		o = append(o, field{"duration", FormatDuration(p.Duration)})
	}
	o = append(o, field{"interpreter", formatInterpreter(&p.Interpreter)}, field{"machine", formatMachine(&p.Machine)})
	var threads, tasks, clients []any
	for i := range p.Threads {
		threads = append(threads, formatGroup(p, &p.Threads[i]))
	}
	for i := range p.Tasks {
		g := formatGroup(p, &p.Tasks[i].Group)
		tasks = append(tasks, slices.Insert(g, 1, field{"kind", p.Tasks[i].Kind.String()}))
	}
	for i := range p.Clients {
		clients = append(clients, formatClient(&p.Clients[i]))
	}
	if threads != nil {
		o = append(o, field{"threads", threads})
	}
	if tasks != nil {
		o = append(o, field{"tasks", tasks})
	}
	if p.Server != nil {
		o = append(o, field{"server", formatServer(p.Server)}, field{"clients", clients})
	}
	return append(o, formatShared(p)...)
}

func formatInterpreter(i *workloads.Interpreter) object {
	o := object{{"lock", i.Lock}}
	// The policy's own order, not the map's.
	for _, p := range policy.Lookup(i.Lock).Params {
		o = append(o, field{p.Name, asWritten(i.Params[p.Name])})
	}
	return append(o, field{"pace", formatPace(i.Pace)}, field{"park", i.Park})
}

// asWritten is the value of a parameter as files have it.
func asWritten(value any) any {
	if d, ok := value.(time.Duration); ok {
		return FormatDuration(d)
	}
	return value
}

func formatServer(s *workloads.Server) object {
	o := object{{"model", string(s.Model)}}
	if s.Model.HasWorkers() {
		o = append(o, field{"workers", s.Workers})
	}
	if s.Model.HasThreads() {
		o = append(o, field{"threads", s.Threads})
	}
	return append(o, field{"address", s.Address})
}

func formatGroup(p *workloads.Program, g *workloads.Group) object {
	o := object{{"name", g.Name}, {"count", g.Count}, {"start", FormatDuration(g.Start)}, {"body", formatBody(p, g.Body)}}
	if g.Times > 0 {
		o = append(o, field{"times", g.Times})
	}
	for _, name := range g.Sched.Told() {
		o = append(o, field{name, map[string]any{
			"nice": g.Sched.Nice, "priority": g.Sched.Priority, "slice": FormatDuration(g.Sched.Slice),
		}[name]})
	}
	return append(o, field{"samples", formatSamples(g.Samples)})
}

func formatClient(c *workloads.Client) object {
	o := object{{"name", c.Name}, {"count", c.Count}, {"request", object{{"fib", c.Request}}}}
	if c.Rate > 0 {
		arrivals := "poisson"
		if c.Arrivals == workloads.Uniform {
			arrivals = "uniform"
		}
		o = append(o, field{"rate", FormatRate(c.Rate)}, field{"arrivals", arrivals})
	}
	return append(o, field{"samples", formatSamples(c.Samples)})
}

// changes appends the paths, and their values, that make before into after. A
// value of nil takes a key out.
func changes(set object, path string, before, after object) object {
	for _, f := range before {
		if after.get(f.key) == nil {
			set = append(set, field{join(path, f.key), nil})
		}
	}
	for _, f := range after {
		at := join(path, f.key)
		was := before.get(f.key)
		inner, ok := f.value.(object)
		innerWas, okWas := was.(object)
		switch {
		case reflect.DeepEqual(was, f.value):
		case ok && okWas && path == "":
			set = changes(set, at, innerWas, inner)
		case namedLists[at] != "" && sameNames(was, f.value):
			for i, group := range f.value.([]any) {
				name := group.(object).get("name").(string)
				set = changes(set, join(at, name), was.([]any)[i].(object), group.(object))
			}
		default:
			set = append(set, field{at, f.value})
		}
	}
	return set
}

// sameNames reports whether two lists have groups of the same names in the same
// order, so that a path can go by name.
func sameNames(a, b any) bool {
	as, _ := a.([]any)
	bs, _ := b.([]any)
	if len(as) != len(bs) {
		return false
	}
	for i := range as {
		if as[i].(object).get("name") != bs[i].(object).get("name") {
			return false
		}
	}
	return true
}

func (o object) get(key string) any {
	for _, f := range o {
		if f.key == key {
			return f.value
		}
	}
	return nil
}

// flowKeys hold small things that read best on one line.
var flowKeys = map[string]bool{"body": true, "needs": true, "request": true}

// yamlNode turns a value into a node of the YAML library; under is the key that
// it stands under.
func yamlNode(v any, under string) *yaml.Node {
	n := &yaml.Node{}
	switch v := v.(type) {
	case object:
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
		for _, f := range v {
			n.Content = append(n.Content, yamlNode(f.key, ""), yamlNode(f.value, f.key))
		}
	case []any:
		n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		for _, item := range v {
			n.Content = append(n.Content, yamlNode(item, under))
		}
	case string:
		n.Kind, n.Tag, n.Value = yaml.ScalarNode, "!!str", v
		if strings.Contains(v, "\n") {
			n.Style = textStyle(v)
		}
	default:
		if err := n.Encode(v); err != nil {
			panic("scenarios: no YAML for a value: " + err.Error())
		}
	}
	if n.Kind != yaml.ScalarNode && (flowKeys[under] && !hasLines(n) || len(n.Content) == 0) {
		n.Style = yaml.FlowStyle
	}
	return n
}

// hasLines reports whether a text of several lines is in n, such as a script: it
// has to stand on lines of its own to be read.
func hasLines(n *yaml.Node) bool {
	return n.Style == yaml.LiteralStyle || slices.ContainsFunc(n.Content, hasLines)
}

// textStyle is the readable style for several lines, unless white space at the
// end of a line, or at the start of the text, would make it ambiguous.
func textStyle(text string) yaml.Style {
	if strings.TrimLeft(text, " \n") != text {
		return yaml.DoubleQuotedStyle
	}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimRight(line, " ") != line {
			return yaml.DoubleQuotedStyle
		}
	}
	return yaml.LiteralStyle
}
