package scenarios

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Override changes one value of a scenario from the command line. It wins over
// the file and over every variant.
type Override struct {
	Flag  string // as typed, for messages: --set repeat=3
	Path  string // keys joined by dots, groups by name: threads.crunch.count
	Value string // YAML, in flow style; null takes the key out
}

// flagPaths are the flags that stand for a path.
var flagPaths = map[string]string{
	"--lock":     "interpreter.lock",
	"--seed":     "seed",
	"--repeat":   "repeat",
	"--duration": "duration",
}

// FlagOverride returns the override that --lock, --seed, --repeat or --duration
// stands for. It panics on any other flag.
func FlagOverride(flag, value string) Override {
	path := flagPaths[flag]
	if path == "" {
		panic("scenarios: no path stands for the flag " + flag)
	}
	return Override{Flag: flag + " " + value, Path: path, Value: value}
}

var overridePath = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$`)

// ParseSet reads the argument of --set: path=value.
func ParseSet(arg string) (Override, error) {
	path, value, found := strings.Cut(arg, "=")
	path = strings.TrimSpace(path)
	if !found || !overridePath.MatchString(path) {
		return Override{}, fmt.Errorf("--set %s: must be path=value, such as threads.crunch.count=2", clip(arg))
	}
	return Override{Flag: "--set " + arg, Path: path, Value: value}, nil
}

// override applies one override to a tree.
func (r *reader) override(tree *node, o Override) {
	from := &layer{rank: flagRank, flag: clipFlag(o.Flag), path: o.Path}
	at := &node{from: from}
	v := &node{kind: scalarNode, tag: "!!null"}
	if text := strings.TrimSpace(o.Value); text != "null" && text != "~" {
		y, err := decode([]byte(o.Value))
		if err != nil {
			problem := "has no value; null takes the key out"
			if text != "" && !strings.HasPrefix(text, "#") {
				_, problem = syntaxError(err, nil)
			}
			r.add(at, o.Path, problem)
			return
		}
		x := expander{r: &reader{}, open: map[*yaml.Node]bool{}}
		if v = x.expand(y); len(x.r.errs) > 0 {
			r.add(at, o.Path, x.r.errs[0].Msg)
			return
		}
	}
	v.brand(from)
	r.set(tree, at, o.Path, v)
}

func clipFlag(text string) string {
	if r := []rune(strings.Join(strings.Fields(text), " ")); len(r) > 80 {
		return string(r[:77]) + "..."
	}
	return text
}

// set puts v at a path of the tree; a null takes out what is there. At is where
// an error belongs.
func (r *reader) set(tree, at *node, path string, v *node) {
	steps := strings.Split(path, ".")
	if find(root.keys, steps[0]) == nil {
		r.addf(at, path, "unknown key %s; %s", clip(steps[0]), hint(steps[0], keyNames(root.keys)))
		return
	}
	parent := tree
	for i := 0; i < len(steps)-1; i++ {
		next, problem := parent.step(steps, i)
		if problem != "" {
			r.add(at, path, problem)
			return
		}
		if next == nil {
			next = &node{kind: mappingNode, line: v.line, col: v.col, from: v.from}
			parent.put(steps[i], next)
		}
		parent = next
	}
	if problem := parent.place(steps, v); problem != "" {
		r.add(at, path, problem)
	}
}

// namedLists are the keys below which a path goes on by name.
var namedLists = map[string]string{"threads": "group", "tasks": "group", "clients": "group", "variants": "variant"}

// step follows one step of a path downwards. A nil node without a problem is a
// mapping that the file left out.
func (n *node) step(steps []string, i int) (next *node, problem string) {
	switch n.kind {
	case mappingNode:
		next = n.get(steps[i])
		if next == nil && namedLists[steps[i]] != "" && i == 0 {
			return nil, fmt.Sprintf("the scenario has no %s", steps[i])
		}
		if next != nil && next.null() {
			next = nil
		}
		return next, ""
	case listNode:
		at, problem := n.element(steps, i)
		if problem != "" {
			return nil, problem
		}
		return n.items[at], ""
	}
	return nil, fmt.Sprintf("%s is %s and has nothing inside", strings.Join(steps[:i], "."), n.what())
}

// element finds the element of a list that a step means: by name in a list of
// groups or variants, by number from 0 elsewhere.
func (n *node) element(steps []string, i int) (at int, problem string) {
	if thing := namedLists[steps[0]]; thing != "" && i == 1 {
		var names []string
		for at, item := range n.items {
			name := item.get("name")
			if name == nil {
				continue
			}
			if name.text == steps[i] {
				return at, ""
			}
			names = append(names, name.text)
		}
		return 0, fmt.Sprintf("no %s is named %s; %s", thing, clip(steps[i]), hint(steps[i], names))
	}
	at, err := strconv.Atoi(steps[i])
	if err != nil || at < 0 || at >= len(n.items) {
		return 0, fmt.Sprintf("%s is a list of %d, numbered from 0; it has no element %s",
			strings.Join(steps[:i], "."), len(n.items), clip(steps[i]))
	}
	return at, ""
}

// place carries out the last step of a path.
func (n *node) place(steps []string, v *node) (problem string) {
	last := len(steps) - 1
	switch n.kind {
	case mappingNode:
		if v.null() {
			n.remove(steps[last])
			return ""
		}
		n.put(steps[last], v)
		return ""
	case listNode:
		at, problem := n.element(steps, last)
		if problem != "" {
			return problem
		}
		if v.null() {
			n.items = append(n.items[:at:at], n.items[at+1:]...)
			return ""
		}
		n.items[at] = v
		return ""
	}
	return fmt.Sprintf("%s is %s and has nothing inside", strings.Join(steps[:last], "."), n.what())
}
