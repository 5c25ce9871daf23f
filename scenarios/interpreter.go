package scenarios

import (
	"fmt"
	"slices"
	"time"

	"github.com/fibsim/fibsim/gil/policy"
)

const defaultLock = "cpython-3"

// interpreterShape has, beside its own keys, the parameters of the lock that it
// names.
var interpreterShape = &mapShape{
	doc: "The runtime that is emulated.",
	keys: []key{
		{name: "lock", doc: "name of a lock policy", shape: lockName{}, def: defaultLock},
		{name: "pace", doc: "ns per call of fib, native or python", shape: pace(), def: "25"},
		{name: "park", doc: "how a thread waits for the lock", def: "auto",
			shape: choice([]string{"auto", "pthread", "futex", "goroutine"})},
	},
	all:     allParameterKeys,
	more:    func(n *node) []key { return lockKeys(n.get("lock")) },
	foreign: foreignParameter,
}

// lockKeys returns the parameters of the lock named by n as keys: those of all
// locks when the name is wrong, as only the name is worth a message then.
func lockKeys(n *node) []key {
	name := defaultLock
	if n != nil {
		name = n.text
	}
	if spec := policy.Lookup(name); spec != nil {
		return parameterKeys(spec)
	}
	return allParameterKeys()
}

func allParameterKeys() []key {
	var keys []key
	for _, name := range policy.Names() {
		for _, k := range parameterKeys(policy.Lookup(name)) {
			if find(keys, k.name) == nil {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

func parameterKeys(spec *policy.Spec) []key {
	var keys []key
	for i := range spec.Params {
		p := &spec.Params[i]
		k := key{name: p.Name, doc: p.Doc + " (" + spec.Name + ")", def: formatParameter(p.Default)}
		switch p.Kind {
		case policy.DurationParam:
			k.shape = duration(p.Min.(time.Duration), p.Max.(time.Duration))
		case policy.IntParam:
			k.shape = integer(p.Min.(int), p.Max.(int), "")
		case policy.ChoiceParam:
			k.shape = choice(p.Choices)
		default:
			panic("scenarios: no shape for the parameter " + p.Name)
		}
		keys = append(keys, k)
	}
	return keys
}

// formatParameter returns the value of a policy's parameter as one writes it.
func formatParameter(v any) string {
	if d, ok := v.(time.Duration); ok {
		return FormatDuration(d)
	}
	return fmt.Sprint(v)
}

// foreignParameter explains a key that is a parameter of another lock.
func foreignParameter(n *node, name string) string {
	lock := defaultLock
	if l := n.get("lock"); l != nil {
		lock = l.text
	}
	owners := owners(name)
	if len(owners) == 0 || slices.Contains(owners, lock) {
		return ""
	}
	return fmt.Sprintf("is a parameter of lock %s, and the lock here is %s", either(owners), clip(lock))
}

// owners returns the locks that have a parameter of that name.
func owners(name string) []string {
	var owners []string
	for _, lock := range policy.Names() {
		if policy.Lookup(lock).Param(name) != nil {
			owners = append(owners, lock)
		}
	}
	return owners
}

// lockName is the name of a policy. The registry is asked when a file is read,
// as policies register themselves at start. Its data is a string.
type lockName struct{}

func (lockName) read(r *reader, n *node, path string) *value {
	return choice(policy.Names()).read(r, n, path)
}

func (lockName) schema() object { return choice(policy.Names()).schema() }
