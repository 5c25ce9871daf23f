package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/vm"
)

// Claim is a sentence about the outcome, and the comparison that decides it.
type Claim struct {
	Text  string
	Check string
	// Needs are what the run must have for the claim to be decided; without one
	// of them it is skipped. The backends that Check names are among them.
	Needs []Need

	refs     []Ref
	variants []string
	program  *vm.Program
}

// Need is one condition of a claim: a backend that ran, or a number of CPUs.
type Need struct {
	Backend string // "" for a number of CPUs
	CPUs    int    // at least so many
}

// String returns the need as a scenario has it.
func (n Need) String() string {
	if n.Backend == "" {
		return "cpus>=" + strconv.Itoa(n.CPUs)
	}
	return n.Backend
}

// Ref is a name in a check: one figure of summary.csv, or of the order of values.
type Ref struct {
	Variant string // "" for the variant in which the claim is checked
	Backend string // a value of the backend column, or python for the first interpreter given
	Group   string
	Alone   bool   // the figure of one member by itself: phase alone
	Column  string // one of SummaryColumns

	// Yields are values of counts, with blanks between. With them the figure is no column
	// but how many of them come first of those that the backend yielded, in this order, in
	// the repetition that has least; Group is empty.
	Yields string
}

// String returns the name as it stands in a check.
func (r Ref) String() string {
	if r.Yields != "" {
		return r.call()
	}
	parts := []string{r.Backend, r.Group}
	if r.Variant != "" {
		parts = slices.Insert(parts, 0, r.Variant)
	}
	if r.Alone {
		parts = append(parts, "alone")
	}
	return strings.Join(append(parts, r.Column), ".")
}

// Refs returns the figures that the check needs, each once, in the order in
// which they stand in it.
func (c *Claim) Refs() []Ref { return slices.Clone(c.refs) }

// Variants returns in which variants the claim is to be decided: in each that
// the scenario has, or once, as "", when the scenario has none or the check
// names a variant everywhere.
func (c *Claim) Variants() []string { return slices.Clone(c.variants) }

// NeedsAlone reports whether the check compares with a group run by itself.
func (c *Claim) NeedsAlone() bool {
	return slices.ContainsFunc(c.refs, func(r Ref) bool { return r.Alone })
}

// backendPattern is what the backend column can hold, and python.
var backendPattern = regexp.MustCompile(`^(gil|native|sim_gil|sim_native|python|python_[0-9]+_[0-9]+t?(_[0-9]+)?|pypy_[0-9]+_[0-9]+(_[0-9]+)?)$`)

func isBackend(name string) bool { return backendPattern.MatchString(name) }

// backendNames are offered in messages; interpreters' versions vary.
var backendNames = []string{"gil", "native", "sim_gil", "sim_native", "python"}

var cpusNeed = regexp.MustCompile(`^cpus *>= *([0-9]{1,4})$`)

// needText is the name of a backend, or cpus>=N. Its data is a Need.
func needText() *scalar {
	return &scalar{
		naming: "a backend or cpus>=N",
		schem:  object{{"type", "string"}, {"pattern", `^([a-z][a-z0-9_]*|cpus *>= *[0-9]{1,4})$`}},
		parse: func(n *node) (any, string) {
			if m := cpusNeed.FindStringSubmatch(n.text); m != nil {
				cpus, _ := strconv.Atoi(m[1])
				if cpus < 1 || cpus > MaxCPUs {
					return nil, fmt.Sprintf("cpus must be from 1 to %d, got %s", MaxCPUs, clip(n.text))
				}
				return Need{CPUs: cpus}, ""
			}
			if isBackend(n.text) {
				return Need{Backend: n.text}, ""
			}
			return nil, fmt.Sprintf("must be a backend or cpus>=N, got %s; %s", n.what(), hint(n.text, backendNames))
		},
	}
}

// checkText is the text of a check; what it means is looked at when the groups
// are known.
func checkText() *scalar {
	s := text("", "", true)
	return &scalar{naming: "a comparison", schem: object{{"type", "string"}, {"minLength", 1}, {"maxLength", maxCheck}},
		parse: func(n *node) (any, string) {
			if len(n.text) > maxCheck {
				return nil, fmt.Sprintf("must have at most %d characters, got %d", maxCheck, len(n.text))
			}
			return s.parse(n)
		}}
}

// claims compiles the claims of a scenario whose variants are known.
func (r *reader) claims(s *Scenario, top *value) {
	expect := top.get("expect")
	if expect == nil {
		return
	}
	scope := newScope(s.Variants)
	for _, v := range expect.list {
		c := Claim{Text: pick[string](v, "claim"), Check: pick[string](v, "check")}
		if needs := v.get("needs"); needs != nil {
			for _, n := range needs.list {
				if need, ok := n.data.(Need); ok {
					c.need(need)
				}
			}
		}
		if c.Check == "" {
			continue // reported already
		}
		check := v.get("check")
		if offset, problem := c.compile(scope); problem != "" {
			r.add(check.node.inside(offset), check.path, problem)
			continue
		}
		for _, ref := range c.refs {
			c.need(Need{Backend: ref.Backend})
		}
		s.Claims = append(s.Claims, c)
	}
}

// need adds a need unless it is there.
func (c *Claim) need(n Need) {
	if !slices.Contains(c.Needs, n) {
		c.Needs = append(c.Needs, n)
	}
}
