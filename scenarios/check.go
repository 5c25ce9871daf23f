package scenarios

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"github.com/fibsim/fibsim/workloads"
)

// The language of checks is a small part of what the expression library knows:
// figures, numbers, comparisons, arithmetic, and, or, not, and these functions. The last is
// a comparison itself, of what counts yield: yields(gil, 10, 5) holds where the values of a
// backend begin with these, in this order.
var (
	unitFunctions = map[string]float64{"us": 1e3, "ms": 1e6, "s": 1e9} // nanoseconds
	functionNames = []string{"us", "ms", "s", "abs", "min", "max", yieldsName}
	checkUnary    = []string{"+", "-", "!", "not"}
	arithmetic    = []string{"+", "-", "*", "/"}
	comparisons   = []string{"<", "<=", ">", ">=", "==", "!="}
	checkBinary   = slices.Concat(arithmetic, comparisons, []string{"&&", "||", "and", "or"})
)

// reservedInChecks are words that a check could not tell from a variant.
var reservedInChecks = map[string]bool{
	"us": true, "ms": true, "s": true, "abs": true, "min": true, "max": true, yieldsName: true,
	"and": true, "or": true, "not": true, "in": true, "true": true, "false": true, "nil": true,
	"if": true, "else": true, "let": true, "matches": true, "contains": true,
}

// scope is what the names of a check can mean.
type scope struct {
	variants []string // without the nameless one
	groups   map[string][]workloads.Cohort
	counts   map[string]bool // whether a task of the variant counts
}

func newScope(variants []Variant) *scope {
	sc := &scope{groups: map[string][]workloads.Cohort{}, counts: map[string]bool{}}
	for _, v := range variants {
		if v.Name != "" {
			sc.variants = append(sc.variants, v.Name)
		}
		sc.groups[v.Name] = v.Program.Cohorts()
		sc.counts[v.Name] = slices.ContainsFunc(v.Program.Tasks, func(g workloads.TaskGroup) bool {
			return workloads.Does(g.Body, workloads.OpCount)
		})
	}
	return sc
}

// in returns the variants in which an unprefixed name must mean something.
func (sc *scope) in(variant string) []string {
	if variant != "" || len(sc.variants) == 0 {
		return []string{variant}
	}
	return sc.variants
}

// compile parses the check and looks up its names. The offset is where in the
// check the problem is, in characters.
func (c *Claim) compile(sc *scope) (offset int, problem string) {
	tree, err := parser.Parse(c.Check)
	if err != nil {
		return parseProblem(err)
	}
	w := walker{claim: c, scope: sc}
	w.walk(tree.Node)
	if w.problem != "" {
		return w.offset, w.problem
	}
	if len(c.refs) == 0 {
		return 0, "names no figure; write one as backend.group.column, such as gil.quick.delay_p50_ns"
	}
	c.variants = []string{""}
	if slices.ContainsFunc(c.refs, func(r Ref) bool { return r.Variant == "" }) {
		c.variants = sc.in("")
	}
	env := map[string]any{}
	for i := range c.refs {
		env[slot(i)] = 0.0
	}
	options := []expr.Option{expr.Env(env), expr.AsBool(), expr.Patch(slots{c.refs}), expr.Patch(yields{w.orders}), expr.Patch(finites{}), finiteFunction()}
	for name, scale := range unitFunctions {
		options = append(options, unitFunction(name, scale))
	}
	c.program, err = expr.Compile(c.Check, options...)
	if err != nil {
		return parseProblem(err)
	}
	return 0, ""
}

// unitFunction makes a function that turns a length of time into nanoseconds.
func unitFunction(name string, scale float64) expr.Option {
	return expr.Function(name, func(args ...any) (any, error) {
		switch x := args[0].(type) {
		case int:
			return finite(float64(x) * scale)
		case float64:
			return finite(x * scale)
		}
		return nil, fmt.Errorf("%s needs a number, got %T", name, args[0])
	}, new(func(int) float64), new(func(float64) float64))
}

// infiniteError is a result of arithmetic that no comparison can be about: infinite, or no
// number at all.
type infiniteError float64

func (e infiniteError) Error() string {
	return fmt.Sprintf("the check computes %v, with which nothing can be compared; what it divides by is 0, or next to it", float64(e))
}

// finite returns a result of arithmetic, or an infiniteError.
func finite(x float64) (any, error) {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return nil, infiniteError(x)
	}
	return x, nil
}

// finiteName is that of a function around each result of arithmetic in a check. Nobody
// can write it, as it is none of functionNames.
const finiteName = "finite"

// finiteFunction makes the function.
func finiteFunction() expr.Option {
	return expr.Function(finiteName, func(args ...any) (any, error) {
		if x, ok := args[0].(float64); ok {
			return finite(x)
		}
		return args[0], nil
	}, new(func(int) int), new(func(float64) float64))
}

// finites puts it there.
type finites struct{}

// Visit is called for the inner nodes first.
func (finites) Visit(n *ast.Node) {
	if b, ok := (*n).(*ast.BinaryNode); ok && slices.Contains(arithmetic, b.Operator) {
		ast.Patch(n, &ast.CallNode{Callee: &ast.IdentifierNode{Value: finiteName}, Arguments: []ast.Node{b}})
	}
}

// parseProblem takes the position and the plain message out of the library's
// error. Types appear in its messages by their Go names.
func parseProblem(err error) (offset int, problem string) {
	message := err.Error()
	var e *file.Error
	if errors.As(err, &e) {
		offset, message = e.From, e.Message
	}
	plain := strings.NewReplacer("float64", "a number", "int", "a number", "bool", "true or false", "interface {}", "anything")
	return offset, "is no comparison: " + clipLine(plain.Replace(message))
}

// walker checks that a parsed check keeps to the small language, and collects
// its names.
type walker struct {
	claim   *Claim
	scope   *scope
	orders  []order
	offset  int
	problem string
}

func (w *walker) fail(n ast.Node, format string, args ...any) {
	if w.problem == "" {
		w.offset, w.problem = n.Location().From, fmt.Sprintf(format, args...)
	}
}

func (w *walker) walk(n ast.Node) {
	switch n := n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
	case *ast.UnaryNode:
		if !slices.Contains(checkUnary, n.Operator) {
			w.fail(n, "the operator %s is not part of checks", n.Operator)
		}
		w.walk(n.Node)
	case *ast.BinaryNode:
		if !slices.Contains(checkBinary, n.Operator) {
			w.fail(n, "the operator %s is not part of checks", n.Operator)
		}
		if slices.Contains(comparisons, n.Operator) && n.Left.String() == n.Right.String() {
			w.fail(n, "both sides of %s are the same, so that it says nothing; compare with another figure", n.Operator)
		}
		w.walk(n.Left)
		w.walk(n.Right)
	case *ast.BuiltinNode:
		w.call(n, n.Name, n.Arguments)
	case *ast.CallNode:
		name, _ := n.Callee.(*ast.IdentifierNode)
		if name == nil {
			w.fail(n, "only functions can be called: %s", either(functionNames))
			return
		}
		w.call(n, name.Value, n.Arguments)
	case *ast.IdentifierNode, *ast.MemberNode:
		w.figure(n)
	default:
		w.fail(n, "a check is made of figures, numbers, comparisons, arithmetic and the functions %s", list(functionNames))
	}
}

func (w *walker) call(n ast.Node, name string, args []ast.Node) {
	if !slices.Contains(functionNames, name) {
		w.fail(n, "unknown function %s; %s", clip(name), hint(name, functionNames))
		return
	}
	if name == yieldsName {
		w.yields(n, args)
		return
	}
	if len(args) != 1 && unitFunctions[name] != 0 {
		w.fail(n, "%s needs one number, such as %s(5)", name, name)
		return
	}
	for _, arg := range args {
		w.walk(arg)
	}
}

// figure resolves one name.
func (w *walker) figure(n ast.Node) {
	at := n
	for {
		member, ok := at.(*ast.MemberNode)
		if !ok {
			break
		}
		at = member.Node
	}
	parts := chain(n)
	if parts == nil {
		w.fail(at, "write a figure as backend.group.column, such as gil.quick.delay_p50_ns")
		return
	}
	ref, problem := w.scope.resolve(parts)
	if problem != "" {
		w.fail(at, "%s: %s", clipFlag(strings.Join(parts, ".")), problem)
		return
	}
	w.name(ref)
}

// name adds a figure to those of the claim and returns its place.
func (w *walker) name(ref Ref) int {
	if i := slices.Index(w.claim.refs, ref); i >= 0 {
		return i
	}
	w.claim.refs = append(w.claim.refs, ref)
	return len(w.claim.refs) - 1
}

// chain returns the words of a name with dots, or nil for anything else.
func chain(n ast.Node) []string {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return []string{n.Value}
	case *ast.MemberNode:
		word, ok := n.Property.(*ast.StringNode)
		before := chain(n.Node)
		if !ok || before == nil || n.Optional {
			return nil
		}
		return append(before, word.Value)
	}
	return nil
}

// group says what is wrong with the group of a name in one variant.
func (sc *scope) group(variant string, ref *Ref) (problem string) {
	var names []string
	for _, c := range sc.groups[variant] {
		if c.Name != ref.Group {
			names = append(names, c.Name)
			continue
		}
		if c.Social && (ref.Alone || ref.Column == "slowdown_ratio") {
			return fmt.Sprintf("%s sends to others or waits for them, so that it is never run alone", ref.Group)
		}
		return ""
	}
	if variant != "" {
		variant = " in variant " + variant
	}
	return fmt.Sprintf("no group is named %s%s; %s", clip(ref.Group), variant, hint(ref.Group, names))
}

// resolve looks up the words of a name: [variant.]backend.group[.alone].column.
func (sc *scope) resolve(parts []string) (ref Ref, problem string) {
	rest := parts
	if slices.Contains(sc.variants, rest[0]) {
		ref.Variant, rest = rest[0], rest[1:]
	}
	if len(rest) > 0 && !isBackend(rest[0]) {
		return ref, fmt.Sprintf("no backend or variant is called %s; %s", clip(rest[0]),
			hint(rest[0], slices.Concat(backendNames, sc.variants)))
	}
	if len(rest) == 4 && rest[2] == "alone" {
		ref.Alone, rest = true, slices.Delete(slices.Clone(rest), 2, 3)
	}
	if len(rest) != 3 {
		return ref, "a figure has the form backend.group.column, or backend.group.alone.column"
	}
	ref.Backend, ref.Group, ref.Column = rest[0], rest[1], rest[2]
	for _, variant := range sc.in(ref.Variant) {
		if problem := sc.group(variant, &ref); problem != "" {
			return ref, problem
		}
	}
	if columns := claimColumns(); !slices.Contains(columns, ref.Column) {
		return ref, fmt.Sprintf("no column is called %s; %s", clip(ref.Column), hint(ref.Column, columns))
	}
	return ref, ""
}

// slots replaces the names of a check by variables, one for each figure.
type slots struct{ refs []Ref }

// Visit is called for the inner nodes first; no beginning of a name is a name
// itself, so only whole names are replaced.
func (s slots) Visit(n *ast.Node) {
	if _, ok := (*n).(*ast.MemberNode); !ok {
		return
	}
	name := strings.Join(chain(*n), ".")
	for i, ref := range s.refs {
		if ref.String() == name {
			ast.Patch(n, &ast.IdentifierNode{Value: slot(i)})
			return
		}
	}
}

func slot(i int) string { return fmt.Sprintf("figure%d", i) }

// inside returns a node that stands some characters into a plain scalar of one
// line, for the position of a mistake in it; n itself otherwise.
func (n *node) inside(offset int) *node {
	if !n.plain || offset == 0 {
		return n
	}
	at := *n
	at.col += offset
	return &at
}

// within returns the place of a line and column, from 1, inside a text; nil where
// that cannot be told.
func (n *node) within(line, col int) *node {
	if n.indent == 0 {
		return nil
	}
	at := *n
	at.line, at.col = n.line+line, n.indent+col
	return &at
}
