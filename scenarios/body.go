package scenarios

import "github.com/fibsim/fibsim/workloads"

// bodyShape is a list of operations. It is a type of its own because a loop has
// a body again.
type bodyShape struct{}

// bodyList is filled in at start, as loops refer to it.
var bodyList *listShape

func init() {
	bodyList = &listShape{
		doc:   "Operations, one after the other; one pass is one iteration.",
		item:  &choiceShape{thing: "operation", doc: "One operation.", keys: operations()},
		min:   1,
		max:   1000,
		thing: "operation",
	}
}

func (bodyShape) read(r *reader, n *node, path string) *value { return bodyList.read(r, n, path) }

// operations returns the operations of a body. Their order is the one of lists
// in messages.
func operations() []key {
	// A spin of no length at all would make an endless body that does nothing.
	spin := randomDuration(1, MaxSpin)
	released := &choiceShape{thing: "kind of work", doc: "C code that has released the lock.", keys: []key{
		{name: "spin", doc: "CPU time", shape: spin},
		{name: "hash", doc: "SHA-256 over this many bytes", shape: size(MaxHash)},
	}}
	held := &choiceShape{thing: "kind of work", doc: "C code that keeps the lock.", keys: []key{
		{name: "spin", doc: "CPU time without a checkpoint inside", shape: spin},
	}}
	loop := &mapShape{doc: "A body, several times.", keys: []key{
		{name: "times", doc: "number of passes", shape: integer(1, MaxLoopTimes, ""), required: true},
		{name: "body", doc: "the operations of one pass", shape: bodyShape{}, required: true},
	}}
	return []key{
		{name: "fib", doc: "the recursive Fibonacci number, with a checkpoint at every call",
			shape: integer(0, MaxFib, "each step up takes 1.6 times as long")},
		{name: "spin", doc: "CPU time while holding the lock, with checkpoints", shape: spin},
		{name: "nogil", doc: "C code that has released the lock: spin or hash", shape: released},
		{name: "hold", doc: "C code that keeps the lock: spin", shape: held},
		{name: "sleep", doc: "sleep with the lock released", shape: randomDuration(0, MaxSleep)},
		{name: "yield", doc: "sleep(0), so many times", shape: integer(1, MaxYields, "")},
		{name: "loop", doc: "a body, several times", shape: loop},
		{name: "read", later: true},
		{name: "send", later: true},
		{name: "recv", later: true},
		{name: "lock", later: true},
		{name: "unlock", later: true},
		{name: "submit", later: true},
		{name: "count", later: true},
		{name: "script", later: true},
	}
}

// body turns a body that was read into operations; depth is how many loops it
// is in. What was wrong is left out: the errors stop the scenario anyway.
func (b *builder) body(v *value, depth int) []workloads.Op {
	if v == nil {
		return nil
	}
	var ops []workloads.Op
	for _, item := range v.list {
		name, _ := item.data.(string)
		arg := item.get(name)
		if arg == nil {
			continue
		}
		if name == "loop" && depth == MaxNesting {
			b.addf(item.node, item.path, "loops may be nested at most %d deep; unroll one", MaxNesting)
			continue
		}
		ops = append(ops, b.op(name, arg, depth))
	}
	return ops
}

func (b *builder) op(name string, arg *value, depth int) workloads.Op {
	n, _ := arg.data.(int)
	length, _ := arg.data.(workloads.Duration)
	switch name {
	case "fib":
		return workloads.Op{Kind: workloads.OpFib, N: n}
	case "yield":
		return workloads.Op{Kind: workloads.OpYield, N: n}
	case "spin":
		return workloads.Op{Kind: workloads.OpSpin, For: length}
	case "sleep":
		return workloads.Op{Kind: workloads.OpSleep, For: length}
	case "hold":
		return workloads.Op{Kind: workloads.OpHold, For: pick[workloads.Duration](arg, "spin")}
	case "nogil":
		if arg.data == "hash" {
			return workloads.Op{Kind: workloads.OpNoGILHash, Bytes: pick[int64](arg, "hash")}
		}
		return workloads.Op{Kind: workloads.OpNoGILSpin, For: pick[workloads.Duration](arg, "spin")}
	case "loop":
		return workloads.Op{Kind: workloads.OpLoop, N: pick[int](arg, "times"), Body: b.body(arg.get("body"), depth+1)}
	}
	panic("scenarios: no rule for operation " + name)
}

// formatBody is the inverse of body.
func formatBody(ops []workloads.Op) []any {
	body := make([]any, 0, len(ops))
	for i := range ops {
		body = append(body, object{{ops[i].Kind.String(), formatArgument(&ops[i])}})
	}
	return body
}

func formatArgument(op *workloads.Op) any {
	switch op.Kind {
	case workloads.OpFib, workloads.OpYield:
		return op.N
	case workloads.OpNoGILHash:
		return object{{"hash", formatSize(op.Bytes)}}
	case workloads.OpNoGILSpin, workloads.OpHold:
		return object{{"spin", formatDrawn(op.For)}}
	case workloads.OpLoop:
		return object{{"times", op.N}, {"body", formatBody(op.Body)}}
	}
	return formatDrawn(op.For)
}
