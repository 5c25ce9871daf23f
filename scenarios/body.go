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
	submit := &mapShape{doc: "A body that a pool does.", keys: []key{
		{name: "pool", doc: "name of a pool", shape: nameText, required: true},
		{name: "body", doc: "the operations that one of its workers does", shape: bodyShape{}, required: true},
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
		{name: "read", doc: "read this many bytes from a real file, with the lock released", shape: size(MaxRead)},
		{name: "send", doc: "put an item into a queue; waits while it is full", shape: nameText},
		{name: "recv", doc: "take an item from a queue; waits while it is empty", shape: nameText},
		{name: "lock", doc: "take a lock of the program; waits while another thread has it", shape: nameText},
		{name: "unlock", doc: "let a lock of the program go", shape: nameText},
		{name: "submit", doc: "have a pool do a body, and wait for the result", shape: submit},
		{name: "count", doc: "tasks: count down from here, with one yield at each step", shape: integer(1, MaxYields, "")},
		{name: "script", doc: "a function in the common part of Starlark and Python, with a checkpoint every so many steps", shape: scriptText{}},
	}
}

// place is what surrounds an operation.
type place struct {
	task  bool               // a task does it, and not a thread
	kind  workloads.TaskKind // of the task
	pool  bool               // a worker process does it
	depth int                // loops and submitted bodies around it
	held  []int              // the locks that are held
}

// body turns a body that was read into operations. What was wrong is left out:
// the errors stop the scenario anyway.
func (b *builder) body(v *value, in place) []workloads.Op {
	if v == nil {
		return nil
	}
	var ops []workloads.Op
	taken := map[int]*value{} // by this body, and not yet let go
	for _, item := range v.list {
		name, _ := item.data.(string)
		arg := item.get(name)
		if arg == nil || !b.allowed(name, item, in) {
			continue
		}
		op := b.op(name, arg, in)
		b.holds(op, arg, &in, taken)
		ops = append(ops, op)
	}
	for _, arg := range taken {
		b.addf(arg.node, arg.path, "%s is not let go in the same body; add unlock: %s", arg.data, arg.data)
	}
	return ops
}

// forPools are the operations that a worker process can do: it has nothing of
// what the threads of the program share.
var forPools = map[string]bool{
	"fib": true, "spin": true, "nogil": true, "hold": true, "sleep": true, "yield": true, "loop": true, "read": true, "script": true,
}

// allowed reports whether an operation can stand where it does.
func (b *builder) allowed(name string, item *value, in place) bool {
	switch {
	case (name == "loop" || name == "submit") && in.depth == MaxNesting:
		b.addf(item.node, item.path, "loops may be nested at most %d deep; unroll one", MaxNesting)
	case in.pool && !forPools[name]:
		b.addf(item.node, item.path, "a worker process cannot %s: it shares nothing with the program; do it outside of submit", name)
	case name == "count" && !in.task:
		b.add(item.node, item.path, "only tasks count; use yield, or make the group one of tasks")
	default:
		return true
	}
	return false
}

// holds keeps the account of locks: a lock is let go in the body that took it, is
// not taken twice, and is not held where a task lets others run, as one of them
// that wants it would stop the loop for ever.
func (b *builder) holds(op workloads.Op, arg *value, in *place, taken map[int]*value) {
	name := arg.data
	switch {
	case op.Kind == workloads.OpLock && op.Ref >= 0:
		for _, ref := range in.held {
			if ref == op.Ref {
				b.addf(arg.node, arg.path, "%s is held here already; a thread that takes it again waits for itself", name)
				return
			}
		}
		taken[op.Ref] = arg
		in.held = append(in.held[:len(in.held):len(in.held)], op.Ref)
	case op.Kind == workloads.OpUnlock && op.Ref >= 0:
		if taken[op.Ref] == nil {
			b.addf(arg.node, arg.path, "%s is not held here; put lock: %s before it, in the same body", name, name)
			return
		}
		delete(taken, op.Ref)
		var rest []int
		for _, ref := range in.held {
			if ref != op.Ref {
				rest = append(rest, ref)
			}
		}
		in.held = rest
	case in.task && len(in.held) > 0 && in.kind.Gives(op.Kind):
		b.addf(arg.node, arg.path, "a task must not let others run while it holds a lock: one that wants %s would stop the loop; unlock it before",
			b.names[workloads.OpLock][in.held[0]])
	}
}

func (b *builder) op(name string, arg *value, in place) workloads.Op {
	n, _ := arg.data.(int)
	length, _ := arg.data.(workloads.Duration)
	inside := in
	inside.depth++
	switch name {
	case "fib":
		return workloads.Op{Kind: workloads.OpFib, N: n}
	case "yield":
		return workloads.Op{Kind: workloads.OpYield, N: n}
	case "count":
		return workloads.Op{Kind: workloads.OpCount, N: n}
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
		return workloads.Op{Kind: workloads.OpLoop, N: pick[int](arg, "times"), Body: b.body(arg.get("body"), inside)}
	case "read":
		bytes, _ := arg.data.(int64)
		return workloads.Op{Kind: workloads.OpRead, Bytes: bytes}
	case "send":
		return workloads.Op{Kind: workloads.OpSend, Ref: b.refer(workloads.OpSend, arg)}
	case "recv":
		return workloads.Op{Kind: workloads.OpRecv, Ref: b.refer(workloads.OpRecv, arg)}
	case "lock":
		return workloads.Op{Kind: workloads.OpLock, Ref: b.refer(workloads.OpLock, arg)}
	case "unlock":
		return workloads.Op{Kind: workloads.OpUnlock, Ref: b.refer(workloads.OpUnlock, arg)}
	case "submit":
		inside.pool, inside.task = true, false
		return workloads.Op{Kind: workloads.OpSubmit, Ref: b.refer(workloads.OpSubmit, arg.get("pool")), Body: b.body(arg.get("body"), inside)}
	case "script":
		source, _ := arg.data.(string)
		return workloads.Op{Kind: workloads.OpScript, Source: source}
	}
	panic("scenarios: no rule for operation " + name)
}

// formatBody is the inverse of body.
func formatBody(p *workloads.Program, ops []workloads.Op) []any {
	body := make([]any, 0, len(ops))
	for i := range ops {
		body = append(body, object{{ops[i].Kind.String(), formatArgument(p, &ops[i])}})
	}
	return body
}

func formatArgument(p *workloads.Program, op *workloads.Op) any {
	switch op.Kind {
	case workloads.OpFib, workloads.OpYield, workloads.OpCount:
		return op.N
	case workloads.OpNoGILHash:
		return object{{"hash", formatSize(op.Bytes)}}
	case workloads.OpNoGILSpin, workloads.OpHold:
		return object{{"spin", formatDrawn(op.For)}}
	case workloads.OpLoop:
		return object{{"times", op.N}, {"body", formatBody(p, op.Body)}}
	case workloads.OpRead:
		return formatSize(op.Bytes)
	case workloads.OpSend, workloads.OpRecv:
		return p.Queues[op.Ref].Name
	case workloads.OpLock, workloads.OpUnlock:
		return p.Locks[op.Ref].Name
	case workloads.OpSubmit:
		return object{{"pool", p.Pools[op.Ref].Name}, {"body", formatBody(p, op.Body)}}
	case workloads.OpScript:
		return op.Source
	}
	return formatDrawn(op.For)
}
