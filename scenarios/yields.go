package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// yieldsName is the function of checks that is about the values that counts yield.
const yieldsName = "yields"

// order is a call of it: it holds where the figure, which is how many of the values come as
// they are told, is all of them.
type order struct {
	from, figure, values int // its place in the check, among the claim's figures, and their number
}

// yields resolves a call of yields: [variant.]backend, and the values.
func (w *walker) yields(n ast.Node, args []ast.Node) {
	var parts []string
	if len(args) > 0 {
		parts = chain(args[0])
	}
	if parts == nil || len(args) < 2 {
		w.fail(n, "%s needs a backend and the values that are to come first, such as yields(gil, 10, 5, 20)", yieldsName)
		return
	}
	ref := Ref{}
	if slices.Contains(w.scope.variants, parts[0]) {
		ref.Variant, parts = parts[0], parts[1:]
	}
	if len(parts) != 1 || !isBackend(parts[0]) {
		name := strings.Join(parts, ".")
		w.fail(args[0], "no backend or variant is called %s; %s", clipFlag(name), hint(name, slices.Concat(backendNames, w.scope.variants)))
		return
	}
	ref.Backend = parts[0]
	var values []string
	for _, arg := range args[1:] {
		v, ok := arg.(*ast.IntegerNode)
		if !ok {
			w.fail(arg, "the values of %s are whole numbers, as counts yield them", yieldsName)
			return
		}
		values = append(values, strconv.Itoa(v.Value))
	}
	ref.Yields = strings.Join(values, " ")
	for _, variant := range w.scope.in(ref.Variant) {
		if !w.scope.counts[variant] {
			w.fail(n, "no task counts, so that nothing is yielded; give one {count: 10}")
			return
		}
	}
	w.orders = append(w.orders, order{n.Location().From, w.name(ref), len(values)})
}

// Agreement returns how many of the values that a Ref with Yields tells come first in
// those of a run, in that order.
func (r Ref) Agreement(values []int64) int {
	told := strings.Fields(r.Yields)
	for i := range told {
		if i == len(values) || told[i] != strconv.FormatInt(values[i], 10) {
			return i
		}
	}
	return len(told)
}

// NeedsValues reports whether the check is about the values that counts yield.
func (c *Claim) NeedsValues() bool {
	return slices.ContainsFunc(c.refs, func(r Ref) bool { return r.Yields != "" })
}

// call returns the name of a figure as a call of yields.
func (r Ref) call() string {
	backend := r.Backend
	if r.Variant != "" {
		backend = r.Variant + "." + backend
	}
	return fmt.Sprintf("%s(%s, %s)", yieldsName, backend, strings.ReplaceAll(r.Yields, " ", ", "))
}

// yields replaces the calls of a check by comparisons of their figures.
type yields struct{ orders []order }

// Visit is called for the inner nodes first.
func (y yields) Visit(n *ast.Node) {
	call, ok := (*n).(*ast.CallNode)
	if !ok {
		return
	}
	for _, o := range y.orders {
		if o.from == call.Location().From {
			ast.Patch(n, &ast.BinaryNode{Operator: "==", Left: &ast.IdentifierNode{Value: slot(o.figure)}, Right: &ast.IntegerNode{Value: o.values}})
			return
		}
	}
}
